// The listening page: reconstructs the test clips of which the site only has the original.
(function () {
  "use strict";
  const L = Latentes;
  const box = document.querySelector(".calculado");
  if (!box) return;
  const select = document.getElementById("otra");
  const state = box.querySelector(".estado");
  const progress = box.querySelector("progress");
  const section = box.querySelector(".comparador");
  const map = box.querySelector(".ir-al-mapa");
  let background = new L.Background();
  box.hidden = false;

  // Choosing another song, or none, ends what is being computed.
  async function reconstruct() {
    background.end();
    const current = (background = new L.Background());
    if (section.comparator) section.comparator.player.stop();
    section.hidden = true;
    state.textContent = "";
    map.hidden = progress.hidden = !select.value;
    if (!select.value) return;
    map.querySelector("a").href = `explorar.html#${select.value}`;
    try {
      const clip = L.networkInput(await L.sound(select.selectedOptions[0].dataset.clave));
      const found = await current.reconstruct(clip, function (modelo, part) {
        if (current.ended) return;
        state.textContent = L.format(box.dataset.espera, { modelo });
        progress.value = part;
      });
      const versions = await current.compare(clip, found);
      state.textContent = "";
      section.replaceChildren();
      section.hidden = false;
      new L.Comparator(section, versions);
      section.comparator.ready(); // the sounds are in memory: draw them at once
    } catch (error) {
      if (!current.ended) state.textContent = box.dataset.falla;
    }
    if (!current.ended) progress.hidden = true;
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

  L.on(select, "change", reconstruct);
  L.on(window, "hashchange", followHash);
  followHash();
})();
