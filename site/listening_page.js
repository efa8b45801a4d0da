// The listening page: reconstructs the test clips of which the site only has the original.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".calculado");
  if (!box) return;
  const select = document.getElementById("otra");
  const state = box.querySelector(".estado");
  const section = box.querySelector(".comparador");
  const map = box.querySelector(".ir-al-mapa");
  let lastRequest = 0;
  box.hidden = false;

  async function reconstruct() {
    const request = ++lastRequest;
    if (section.comparator) section.comparator.player.stop();
    section.hidden = true;
    map.hidden = !select.value;
    if (!select.value) return;
    map.querySelector("a").href = `explorar.html#${select.value}`;
    try {
      const clip = L.networkInput(await L.sound(select.selectedOptions[0].dataset.clave));
      const found = await L.reconstructAll(clip, (modelo) => {
        if (request === lastRequest) state.textContent = L.format(box.dataset.espera, { modelo });
      });
      if (request !== lastRequest) return;
      state.textContent = "";
      section.replaceChildren();
      section.hidden = false;
      section.comparator = new L.Comparator(section, L.compareVersions(clip, found));
      section.comparator.ready(); // the sounds are in memory: draw them at once
    } catch (error) {
      if (request === lastRequest) state.textContent = box.dataset.falla;
    }
  }

  // A link from the map refers to a row of the table; select that clip instead.
  function followHash() {
    const fragment = location.hash.slice(1);
    if ([...select.options].some((option) => option.value && option.value === fragment)) {
      select.value = fragment;
      select.scrollIntoView({ block: "start" });
      reconstruct();
    }
  }

  select.addEventListener("change", reconstruct);
  addEventListener("hashchange", followHash);
  followHash();
})();
