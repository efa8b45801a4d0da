// The map page: scatter plot, genre filter, vector selection, playback and clip list.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".mapa");
  if (!box) return;
  const find = (name) => box.querySelector(name);
  const label = find(".rotulo-punto");
  const description = find(".quien");
  const actions = find(".acciones");
  const play = document.getElementById("tocar-punto");
  const compare = document.getElementById("comparar-punto");
  const vector = document.getElementById("vector");
  const genres = [...box.querySelectorAll(".leyenda input")];
  const names = genres.map((input) => input.closest("label").textContent.trim());
  const player = new L.Player(updateButton);
  player.loop = false;
  let selected = null;

  function updateButton() {
    play.textContent = player.playing ? play.dataset.pausar : play.dataset.tocar;
  }

  const loaded = [L.load("datos/mapa.js", "mapa"), L.coordinates(vector.value)];
  Promise.all(loaded).then(function ([[{ clips }], first]) {
    box.hidden = false;
    const points = clips.map(([, genre, key]) =>
      ({ colour: `--g${genre % 10}`, ring: Boolean(key), shown: true }));
    const scatter = new L.Scatter(find("canvas"), points, function (index, picked) {
      label.hidden = index < 0;
      if (index >= 0) {
        label.textContent = `${clips[index][0]} · ${names[clips[index][1]]}`;
        const [x, y] = scatter.project(index);
        label.style.left = `${Math.min(x + 12, box.clientWidth - 160)}px`;
        label.style.top = `${y - 30}px`;
      }
      if (picked) select(index, true);
    });

    async function select(index, playNow) {
      const [name, genre, key] = clips[index];
      scatter.select(index);
      selected = index;
      description.textContent = `${name} · ${names[genre]}${key ? "" : `. ${box.dataset.sin}`}`;
      actions.hidden = !key;
      player.stop();
      player.samples = null;
      player.offset = 0;
      if (!key) return;
      compare.href = document.querySelector(`[data-fragmento="${index}"]`).getAttribute("href");
      if (playNow) await playSelected();
    }

    async function playSelected() {
      const requested = selected;
      const samples = player.samples || (await L.sound(clips[requested][2]));
      if (requested !== selected) return;
      player.setSound(samples, 1);
      player.play();
    }

    play.addEventListener("click", () => (player.playing ? player.stop() : playSelected()));
    vector.addEventListener("change", async function () {
      const requested = vector.value;
      const coordinates = await L.coordinates(requested);
      if (requested === vector.value) scatter.move(coordinates);
    });

    function filter() {
      const shown = genres.map((input) => input.checked);
      points.forEach((point, i) => (point.shown = shown[clips[i][1]]));
      for (const list of document.querySelectorAll("[data-genero]")) {
        list.hidden = !shown[list.dataset.genero];
      }
      scatter.draw();
    }
    const all = (checked) => () => {
      for (const input of genres) input.checked = checked;
      filter();
    };
    for (const input of genres) input.addEventListener("change", filter);
    document.getElementById("todos").addEventListener("click", all(true));
    document.getElementById("ninguno").addEventListener("click", all(false));

    const views = {
      izquierda: () => scatter.rotate(-0.3, 0), derecha: () => scatter.rotate(0.3, 0),
      cerca: () => scatter.zoom(1.3), lejos: () => scatter.zoom(1 / 1.3),
      inicio: () => scatter.resetView(),
    };
    for (const button of box.querySelectorAll("[data-vista]")) {
      button.addEventListener("click", views[button.dataset.vista]);
    }

    // Each link of the list leads to the comparator; its button plays the clip.
    for (const link of document.querySelectorAll("[data-fragmento]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "chico";
      button.textContent = "▶";
      button.setAttribute("aria-label", `${box.dataset.con} ${link.textContent}`);
      button.addEventListener("click", () =>
        select(Number(link.dataset.fragmento), true));
      link.before(button, " ");
    }

    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => scatter.draw());
    scatter.move(first);
    const followHash = () => {
      const [, place] = location.hash.match(/^#fragmento-(\d+)$/) || [];
      if (place && clips[place]) {
        select(Number(place), false);
        box.scrollIntoView();
      }
    };
    addEventListener("hashchange", followHash);
    followHash();
  });
})();
