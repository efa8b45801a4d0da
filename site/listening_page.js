// The page to listen to: test clips of which the site keeps the original are reconstructed here.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".calculado");
  if (!box) return;
  const choice = document.getElementById("otra");
  const state = box.querySelector(".estado");
  const section = box.querySelector(".comparador");
  const map = box.querySelector(".ir-al-mapa");
  let turn = 0;
  box.hidden = false;

  async function choose() {
    const mine = ++turn;
    if (section.comparator) section.comparator.player.stop();
    section.hidden = true;
    map.hidden = !choice.value;
    if (!choice.value) return;
    map.querySelector("a").href = `explorar.html#${choice.value}`;
    try {
      const clip = L.clip(await L.sound(choice.selectedOptions[0].dataset.clave));
      const versions = await L.throughAll(clip, (modelo) => {
        if (mine === turn) state.textContent = L.say(box.dataset.espera, { modelo });
      });
      if (mine !== turn) return;
      state.textContent = "";
      section.replaceChildren();
      section.hidden = false;
      section.comparator = new L.Comparator(section, versions);
      section.comparator.ready(); // all is at hand: it can be seen before it is heard
    } catch (error) {
      if (mine === turn) state.textContent = box.dataset.falla;
    }
  }

  // A link from the map leads to a row of the table below; here it chooses that clip.
  function arrive() {
    const wanted = location.hash.slice(1);
    if ([...choice.options].some((option) => option.value && option.value === wanted)) {
      choice.value = wanted;
      choice.scrollIntoView({ block: "start" });
      choose();
    }
  }

  choice.addEventListener("change", choose);
  addEventListener("hashchange", arrive);
  arrive();
})();
