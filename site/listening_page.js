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

  // Show a comparator; what plays in the one before it goes on.
  async function show(versions) {
    const hadFocus = section.contains(document.activeElement);
    const { player } = section.comparator || { player: {} };
    const { playing, position } = player;
    if (playing) player.stop();
    section.replaceChildren();
    section.hidden = false;
    const comparator = new L.Comparator(section, versions);
    if (hadFocus) comparator.view.focus({ preventScroll: true });
    await comparator.ready(); // the sounds are in memory: draw them at once
    comparator.seek(position || 0);
    if (playing) comparator.player.play();
  }

  // Choosing another song, or none, ends what is being computed.
  async function reconstruct() {
    background.end();
    const current = (background = new L.Background());
    if (section.comparator) section.comparator.player.stop();
    section.comparator = null;
    section.hidden = true;
    state.textContent = "";
    map.hidden = progress.hidden = !select.value;
    if (!select.value) return;
    map.querySelector("a").href = `explorar.html#${select.value}`;
    try {
      const clip = L.networkInput(await L.sound(select.selectedOptions[0].dataset.clave));
      await show(await current.compare(clip, [])); // the original can be heard meanwhile
      const found = await current.reconstruct(clip, function (modelo, part) {
        if (current.ended) return;
        state.textContent = L.format(box.dataset.espera, { modelo });
        progress.value = part;
      });
      await show(await current.compare(clip, found));
      state.textContent = "";
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
