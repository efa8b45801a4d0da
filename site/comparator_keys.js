// Keys of the comparators: the same whatever control has the focus.
(function () {
  "use strict";
  const L = Latentes;
  let lastUsed = null;

  function press(comparator, event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest("details, audio, select, .enlace")) return;
    // On a button or a checkbox, space is its own.
    if (key === " " && target.matches("button, input[type=checkbox]")) return;
    const { rungs, player } = comparator;
    const at = rungs.indexOf(comparator.current);
    const last = rungs.length - 1;
    const action = {
      " ": () => comparator.toggle(),
      ArrowLeft: () => comparator.seek(player.position - 0.25),
      ArrowRight: () => comparator.seek(player.position + 0.25),
      ArrowUp: () => comparator.selectRung(at + 1),
      ArrowDown: () => comparator.selectRung(at - 1),
      Home: () => comparator.seek(0),
      0: () => comparator.selectRung(last),
    }[key] || (key >= "1" && key <= "9" && (() => key <= last && comparator.selectRung(key - 1)));
    if (!action) return;
    action();
    event.preventDefault();
  }

  // If nothing has the focus, keys act on the comparator last used.
  L.on(document, "keydown", function (event) {
    const box = event.target.closest(".comparador");
    const comparator = box ? box.comparator : event.target === document.body ? lastUsed : null;
    if (comparator) press(comparator, event);
  });
  L.on(document, "pointerdown", function (event) {
    const box = event.target.closest(".comparador");
    lastUsed = box && box.comparator;
  });
})();
