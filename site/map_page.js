// The map's page: the cloud, its filter and vector, what is heard of it, and the list beside it.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".mapa");
  if (!box) return;
  const find = (name) => box.querySelector(name);
  const label = find(".rotulo-punto");
  const who = find(".quien");
  const actions = find(".acciones");
  const play = document.getElementById("tocar-punto");
  const compare = document.getElementById("comparar-punto");
  const vector = document.getElementById("vector");
  const genres = [...box.querySelectorAll(".leyenda input")];
  const names = genres.map((input) => input.closest("label").textContent.trim());
  const player = new L.Player(show);
  player.loop = false;
  let chosen = null;

  function show() {
    play.textContent = player.playing ? play.dataset.pausar : play.dataset.tocar;
  }

  const loaded = [L.load("datos/mapa.js", "mapa"), L.places(vector.value)];
  Promise.all(loaded).then(function ([[{ clips }], first]) {
    box.hidden = false;
    const points = clips.map(([, genre, key]) =>
      ({ colour: `--g${genre % 10}`, ring: Boolean(key), shown: true }));
    const cloud = new L.Scatter(find("canvas"), points, function (index, picked) {
      label.hidden = index < 0;
      if (index >= 0) {
        label.textContent = `${clips[index][0]} · ${names[clips[index][1]]}`;
        const [x, y] = cloud.project(index);
        label.style.left = `${Math.min(x + 12, box.clientWidth - 160)}px`;
        label.style.top = `${y - 30}px`;
      }
      if (picked) choose(index, true);
    });

    async function choose(index, aloud) {
      const [name, genre, key] = clips[index];
      cloud.choose(index);
      chosen = index;
      who.textContent = `${name} · ${names[genre]}${key ? "" : `. ${box.dataset.sin}`}`;
      actions.hidden = !key;
      player.stop();
      player.samples = null;
      player.offset = 0;
      if (!key) return;
      compare.href = document.querySelector(`[data-fragmento="${index}"]`).getAttribute("href");
      if (aloud) await sound();
    }

    async function sound() {
      const wanted = chosen;
      const samples = player.samples || (await L.sound(clips[wanted][2]));
      if (wanted !== chosen) return;
      player.use(samples, 1);
      player.play();
    }

    play.addEventListener("click", () => (player.playing ? player.stop() : sound()));
    vector.addEventListener("change", async function () {
      const wanted = vector.value;
      const places = await L.places(wanted);
      if (wanted === vector.value) cloud.move(places);
    });

    function filter() {
      const shown = genres.map((input) => input.checked);
      points.forEach((point, i) => (point.shown = shown[clips[i][1]]));
      for (const list of document.querySelectorAll("[data-genero]")) {
        list.hidden = !shown[list.dataset.genero];
      }
      cloud.draw();
    }
    const all = (checked) => () => {
      for (const input of genres) input.checked = checked;
      filter();
    };
    for (const input of genres) input.addEventListener("change", filter);
    document.getElementById("todos").addEventListener("click", all(true));
    document.getElementById("ninguno").addEventListener("click", all(false));

    const views = {
      izquierda: () => cloud.rotate(-0.3, 0), derecha: () => cloud.rotate(0.3, 0),
      cerca: () => cloud.zoom(1.3), lejos: () => cloud.zoom(1 / 1.3), inicio: () => cloud.home(),
    };
    for (const button of box.querySelectorAll("[data-vista]")) {
      button.addEventListener("click", views[button.dataset.vista]);
    }

    // In the list a click plays too; the link itself leads to the comparator.
    for (const link of document.querySelectorAll("[data-fragmento]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "chico";
      button.textContent = "▶";
      button.setAttribute("aria-label", `${box.dataset.con} ${link.textContent}`);
      button.addEventListener("click", () =>
        choose(Number(link.dataset.fragmento), true));
      link.before(button, " ");
    }

    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cloud.draw());
    cloud.move(first);
    const arrive = () => {
      const [, place] = location.hash.match(/^#fragmento-(\d+)$/) || [];
      if (place && clips[place]) {
        choose(Number(place), false);
        box.scrollIntoView();
      }
    };
    addEventListener("hashchange", arrive);
    arrive();
  });
})();
