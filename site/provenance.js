// Numbers of the report: each shows in place what is known of it, and where it comes from.
(function () {
  "use strict";
  const L = Latentes;
  const links = document.querySelectorAll("a.n");

  // The page of all numbers leads back to the one that was followed.
  const step = document.getElementById(location.hash.slice(1));
  if (step && step.matches(".paso") && history.length > 1) {
    const back = L.fromTemplate("t-volver");
    back.onclick = () => history.back();
    step.append(back);
  }
  if (!links.length) return;
  const box = L.fromTemplate("t-procedencia");
  if (!box.showPopover) return;
  document.body.append(box);

  // There are hundreds: the Tab key passes over them unless this button is pressed.
  const toggle = L.fromTemplate("t-recorrer");
  document.querySelector(".saltar").after(toggle);
  toggle.onclick = function () {
    const pressed = toggle.ariaPressed === "true";
    toggle.ariaPressed = !pressed;
    for (const link of links) link.tabIndex = pressed ? -1 : 0;
  };
  toggle.onclick();

  async function show(link) {
    const [rows, functions] = await L.load(document.documentElement.dataset.numeros, "numeros");
    const found = rows[link.title].map(function ([value, note, step, name]) {
      const row = L.fromTemplate("t-cifra");
      const texts = [value, note, step, functions[step], name];
      row.querySelectorAll("[class]").forEach((part, i) => (part.textContent = texts[i]));
      return row;
    });
    const [, heading, first, folded] = box.children;
    heading.hidden = !/[*…]/.test(link.title);
    heading.textContent = L.format(heading.dataset[found[1] ? "varias" : "una"], { n: found.length });
    first.replaceChildren(...found.slice(0, 3));
    folded.lastChild.replaceChildren(...found.slice(3));
    folded.hidden = !found[3];
    folded.open = false;
    box.querySelector("a").href = link.href;
    box.showPopover();
    const { left, top, bottom } = link.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box;
    box.style.left = `${Math.max(12, Math.min(left, innerWidth - width - 12))}px`;
    box.style.top = `${bottom + height < innerHeight ? bottom : Math.max(0, top - height)}px`;
    box.focus();
  }

  L.on(document, "click", function (event) {
    const link = event.target.closest("a.n");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.focus(); // where focus returns to: Safari does not move it on a click
    show(link).catch(() => (location.href = link.href));
  });
})();
