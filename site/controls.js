// What the controls of several pages have in common.
(function () {
  "use strict";
  const L = Latentes;

  // Listen to events of these types, divided by spaces.
  L.on = function (target, types, listener) {
    for (const type of types.split(" ")) target.addEventListener(type, listener);
  };

  // Show on a play button whether its sound plays; `suffix` ends its label.
  L.showPlaying = function (button, playing, { pausar, tocar }, suffix = "") {
    button.classList.toggle("sonando", playing);
    button.ariaLabel = (playing ? pausar : tocar) + suffix;
  };

  // Call onPlace(x, y), from 0 to 1 within `node`, where a pointer presses it or is dragged.
  L.onDrag = function (node, onPlace) {
    L.on(node, "pointerdown pointermove", function (event) {
      if (event.type === "pointermove" && !event.buttons) return;
      node.setPointerCapture(event.pointerId);
      const { left, top, width, height } = node.getBoundingClientRect();
      onPlace((event.clientX - left) / width, (event.clientY - top) / height);
    });
  };

  // Draw now, and again when `box` changes its size or the page its colours.
  L.keepDrawn = function (box, draw) {
    new ResizeObserver(draw).observe(box);
    L.on(matchMedia("(prefers-color-scheme: dark)"), "change", draw);
  };

  // Copy a text, which is shown in a field. Resolves to whether there was access to the clipboard;
  // without it, the selected text can be copied by hand.
  L.copy = async function (text, field) {
    field.hidden = false;
    field.value = text;
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      field.select();
      return false;
    }
  };

  // The fields of the page's address after its #.
  L.addressFields = () => new URLSearchParams(location.hash.slice(1));
})();
