// The map page: points, filters and search, the panel of the chosen clip, sounds and the address.
(function () {
  "use strict";
  const L = Latentes;
  const box = document.querySelector(".mapa");
  if (!box) return;
  const find = (name) => box.querySelector(name);
  const words = box.dataset;
  const vector = find("#vector");
  const query = find("#buscar");
  const label = find(".rotulo-punto");
  const notice = find("#aviso");
  const audio = box.appendChild(document.createElement("audio"));
  const play = find(".principal");
  const compare = find("#comparar-punto");
  const genres = [...box.querySelectorAll(".leyenda input")];
  const marks = [...box.querySelectorAll(".leyenda .punto")];
  const names = genres.map((input) => input.closest("label").textContent.trim());
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  const load = () => L.load(`datos/mapa/${vector.value}.js`, `mapa.${vector.value}`);
  const soundOf = ([, , whole, excerpt]) => whole || excerpt;
  load();
  L.load("datos/mapa.js", "mapa").then(function ([{ clips }]) {
    const points = {
      mark: Uint8Array.from(clips, ([, genre]) => genre),
      mute: Uint8Array.from(clips, (clip) => (soundOf(clip) ? 0 : 1)),
      shown: new Uint8Array(clips.length).fill(1),
    };
    const texts = clips.map(([name, genre]) => plain(`${name} ${names[genre]}`));
    const items = []; // links of the list under the map; some lead to a comparator
    for (const item of document.querySelectorAll("[data-elige]")) items[item.dataset.elige] = item;
    let chosen = -1;
    let sounding = -1;
    let near; // coordinates, explained variance, neighbours and distances

    const paths = marks.map((mark) => new Path2D(mark.firstElementChild.getAttribute("d")));
    const colours = () => marks.map((mark) => getComputedStyle(mark).fill);
    const scatter = L.scatter(find("canvas"), paths, points, colours, (index, clicked, x, y) => {
      label.hidden = index < 0;
      if (index >= 0) {
        label.textContent = clipText(index);
        label.style.left = `${Math.min(x + 12, find("canvas").clientWidth - 170)}px`;
        label.style.top = `${Math.max(0, y - 30)}px`;
      }
      if (clicked) select(index, true);
    });

    // Sound ------------------------------------------------------------------------------

    function toggle(index) {
      if (isSounding(index)) return audio.pause();
      if (sounding !== index) audio.src = `audio/${encodeURI(soundOf(clips[index]))}.mp3`;
      sounding = index;
      notice.textContent = "";
      audio.play().catch(() => {}); // also if another sound is chosen meanwhile
    }
    L.on(audio, "error", function () {
      notice.textContent = words.error;
      sounding = -1; // so that the next press tries again
      updateButtons();
    });
    const isSounding = (index) => index === sounding && !audio.paused;

    function updateButtons() {
      for (const button of box.querySelectorAll("[data-toca]")) {
        const index = Number(button.dataset.toca);
        L.showPlaying(button, isSounding(index), words, ` ${clips[index][0]}`);
      }
    }
    L.on(audio, "play pause ended", updateButtons);

    // The panel --------------------------------------------------------------------------

    // Its title and its genre, unless that is in the title: «Jazz 3».
    function clipText(index) {
      const [title, genre] = clips[index];
      const said = plain(title).replace(/ \d+$/, "") === plain(names[genre]);
      return said ? title : `${title} · ${names[genre]}`;
    }
    const marked = (index) => [marks[clips[index][1]].cloneNode(true), ` ${clipText(index)}`];

    function select(index, playNow) {
      const [, , whole, excerpt] = clips[index];
      chosen = index;
      find(".quien").replaceChildren(...marked(index));
      play.disabled = points.mute[index];
      play.dataset.toca = index;
      compare.href = items[index].href;
      compare.hidden = compare.pathname === location.pathname;
      const sound = find("#sonido");
      sound.textContent = sound.dataset[whole ? "entero" : excerpt ? "extracto" : "sin"];
      const rows = near[2];
      const count = rows.length / clips.length;
      const others = rows.slice(index * count, (index + 1) * count);
      if (count) {
        find(".parecidos").replaceChildren(...others.map((other, k) => {
          const item = L.fromTemplate("t-vecino");
          const [start, name] = item.querySelectorAll("button");
          start.disabled = points.mute[other];
          start.dataset.toca = name.dataset.elige = other;
          name.append(...marked(other));
          item.lastElementChild.textContent = L.decimal(near[3][index * count + k] / 100, 2);
          return item;
        }));
      }
      scatter.select(index, others);
      if (playNow) {
        audio.pause();
        if (!points.mute[index]) toggle(index);
      }
      updateButtons();
    }

    L.on(document, "click", function (event) {
      const button = event.target.closest("[data-toca], [data-elige]");
      if (!button) return;
      event.preventDefault();
      if (button.dataset.toca) toggle(Number(button.dataset.toca));
      else {
        select(Number(button.dataset.elige), true);
        if (button.href || !button.isConnected) {
          find(".quien").focus({ preventScroll: true });
          find(".elegido").scrollIntoView({ block: "nearest" });
        }
      }
    });

    // The vector, filters and view -------------------------------------------------------

    async function showVector() {
      const requested = vector.value;
      const option = vector.selectedOptions[0];
      const values = await load();
      if (requested !== vector.value) return;
      near = values;
      find("#acierto").textContent = option.dataset.acierto;
      const share = (axis) => L.decimal(near[1][axis], near[1][axis] < 10 ? 1 : 0);
      scatter.move(near[0], [0, 1, 2].map((axis) =>
        L.format(words.eje, { n: axis + 1, parte: share(axis) })));
      if (chosen >= 0) select(chosen, false);
    }

    function filter() {
      const wanted = plain(query.value.trim());
      let count = 0;
      clips.forEach(([, genre], i) => {
        const shown = genres[genre].checked && texts[i].includes(wanted);
        points.shown[i] = shown ? 1 : 0;
        count += points.shown[i];
        items[i].parentElement.hidden = !shown;
      });
      for (const list of document.querySelectorAll("[data-genero]")) {
        list.hidden = !list.querySelector("li:not([hidden])");
      }
      find("#cuantos").textContent = count === clips.length ? ""
        : L.format(words.cuantos, { n: L.integer(count), total: L.integer(clips.length) });
      scatter.draw();
    }
    const all = (checked) => () => {
      for (const input of genres) input.checked = checked;
      filter();
    };
    for (const input of [query, ...genres]) L.on(input, "input", filter);
    L.on(find("#todos"), "click", all(true));
    L.on(find("#ninguno"), "click", all(false));
    L.on(query, "keydown", function (event) {
      const index = points.shown.indexOf(1);
      if (event.key === "Enter" && index >= 0) select(index, true);
    });
    L.on(vector, "change", showVector);

    for (const button of box.querySelectorAll("[data-vista]")) {
      const step = button.dataset.vista.split(",").map(Number);
      L.on(button, "click", () =>
        step.length > 1 ? scatter.turnView(...step) : scatter.resetView());
    }

    // The address ------------------------------------------------------------------------

    L.on(find("#copiar"), "click", async function () {
      const view = scatter.view().map((value) => value.toFixed(2));
      history.replaceState(null, "", `#vector=${vector.value}&punto=${chosen}&vista=${view}`);
      try {
        await navigator.clipboard.writeText(location.href);
        notice.textContent = words.copiado;
      } catch (error) {
        notice.textContent = words.barra;
      }
    });

    async function followAddress() {
      const address = location.hash.slice(1).replace("fragmento-", "punto=");
      const wanted = new URLSearchParams(address);
      const point = Number(wanted.get("punto") ?? NaN);
      const view = (wanted.get("vista") || "").split(",").map(Number);
      const before = vector.value;
      vector.value = wanted.get("vector") || before;
      if (!vector.value) vector.value = before;
      if (view.length === 3 && view.every(Number.isFinite)) scatter.setView(...view);
      await showVector();
      if (clips[point]) {
        select(point, false);
        box.scrollIntoView({ behavior: "instant" });
      } else if (chosen < 0) select(Number(find(".elegido").dataset.punto), false);
    }
    L.on(window, "hashchange", followAddress);
    followAddress();
  });
})();
