// The laboratory's first part: decodes weighted means of latent vectors and random vectors.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".mezclar");
  if (!box) return;
  const find = (name) => box.querySelector(name);
  const id = (name) => document.getElementById(name);
  const state = find(".estado");
  const list = find(".mezcla");
  const songSelect = id("agregar");
  const play = find(".tocar");
  const path = id("camino");
  const words = box.dataset;
  const player = new L.Player(() => {
    play.classList.toggle("sonando", player.playing);
    play.setAttribute("aria-label", player.playing ? words.pausar : words.tocar);
  });
  const latents = new Map(); // "MODEL KEY" -> promise of a latent
  const songs = []; // {key, name, weight}
  let random = null; // {kind, model, latent} if a random vector replaces the mean
  let lastRequest = 0;
  let stale = true;
  let drawing = null;

  const options = [...songSelect.options].filter((option) => option.value);
  box.hidden = false;
  document.querySelector(".sin-programas").hidden = true;

  async function latentOf(model, key) {
    const name = `${model} ${key}`;
    if (!latents.has(name)) {
      const promise = L.network(model).then(async (network) =>
        network.encode(L.networkInput(await L.sound(key))));
      promise.catch(() => latents.delete(name));
      latents.set(name, promise);
    }
    return latents.get(name);
  }

  async function mean(model) {
    const used = songs.filter((song) => song.weight > 0);
    const total = used.reduce((sum, song) => sum + song.weight, 0);
    let latent = null;
    for (const song of used) {
      const vector = await latentOf(model, song.key);
      if (!latent) latent = new Float32Array(vector.length);
      const fraction = song.weight / total;
      for (let i = 0; i < vector.length; i++) latent[i] += fraction * vector[i];
    }
    return latent;
  }

  // A random vector. Each of its parts, such as a channel, has the range (uniform) or the mean
  // and standard deviation (normal) of that part in the songs.
  async function randomLatent(model, kind) {
    const { parts } = await L.network(model);
    const vectors = await Promise.all(songs.map((song) => latentOf(model, song.key)));
    const latent = new Float32Array(vectors[0].length);
    let from = 0;
    for (const count of parts) {
      const values = vectors.flatMap((vector) => [...vector.subarray(from, from + count)]);
      const low = values.reduce((a, b) => Math.min(a, b), Infinity);
      const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
      const middle = values.reduce((a, b) => a + b, 0) / values.length;
      const spread = Math.sqrt(values.reduce((s, v) => s + (v - middle) ** 2, 0) / values.length);
      for (let i = from; i < from + count; i++) {
        latent[i] = kind === "uniforme" ? low + (high - low) * Math.random()
          : middle + spread * Math.sqrt(-2 * Math.log(1 - Math.random())) *
            Math.cos(2 * Math.PI * Math.random());
      }
      from += count;
    }
    return latent;
  }

  // Decode the current mix or random vector; playback continues with the new sound.
  async function update() {
    const request = ++lastRequest;
    const model = id("red").value;
    state.textContent = words.espera;
    try {
      if (random && random.model !== model) {
        random = { kind: random.kind, model, latent: await randomLatent(model, random.kind) };
      }
      const latent = random ? random.latent : await mean(model);
      if (request !== lastRequest) return;
      if (!latent) {
        state.textContent = words.vacia;
        return;
      }
      const samples = await (await L.network(model)).decode(latent);
      if (request !== lastRequest) return;
      const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
      drawing = { samples, peak, picture: L.spectrogram(samples, L.loudestBin(samples)) };
      player.setSound(samples, Math.min(1, 0.99 / peak));
      stale = false;
      state.textContent = "";
      drawSound();
    } catch (error) {
      if (request === lastRequest) state.textContent = words.falla;
    }
  }

  function drawSound() {
    if (!drawing) return;
    find(".lienzo").hidden = false;
    L.drawWaveform(find(".onda"), drawing.samples, drawing.peak);
    L.drawImage(find(".espectro"), drawing.picture);
  }

  // Nothing is loaded or computed before the first sound; then every change is decoded at once.
  let updateTimer = 0;
  function onChange() {
    stale = true;
    random = null;
    path.disabled = songs.length < 2;
    if (!drawing) return;
    clearTimeout(updateTimer);
    updateTimer = setTimeout(update, 30);
  }

  play.addEventListener("click", async function () {
    if (player.playing) return player.stop();
    if (stale) await update();
    player.play();
  });
  id("red").addEventListener("change", () => drawing && update());
  for (const button of box.querySelectorAll("[data-azar]")) {
    button.addEventListener("click", async function () {
      const model = id("red").value;
      state.textContent = words.espera;
      try {
        if (!songs.length) throw new Error("songs");
        const kind = button.dataset.azar;
        random = { kind, model, latent: await randomLatent(model, kind) };
        await update();
        if (!player.playing) player.play();
      } catch (error) {
        state.textContent = songs.length ? words.falla : words.vacia;
      }
    });
  }

  // Songs and weights -----------------------------------------------------------------------

  function show(song) {
    song.range.value = Math.round(100 * song.weight);
    song.output.textContent = `${song.range.value} %`;
  }

  function add(key) {
    if (songs.some((song) => song.key === key)) return;
    const row = L.fromTemplate("t-cancion");
    const name = options.find((option) => option.value === key).textContent;
    const song = { key, weight: 0.5, row, range: row.querySelector("input"),
      output: row.querySelector("output") };
    row.querySelector("span").textContent = name;
    song.range.addEventListener("input", function () {
      song.weight = song.range.value / 100;
      show(song);
      onChange();
    });
    row.querySelector("button").setAttribute("aria-label", L.format(words.quitar, { n: name }));
    row.querySelector("button").addEventListener("click", function () {
      songs.splice(songs.indexOf(song), 1);
      row.remove();
      onChange();
    });
    songs.push(song);
    list.append(row);
    show(song);
    onChange();
  }

  songSelect.addEventListener("change", function () {
    if (songSelect.value) add(songSelect.value);
    songSelect.value = "";
  });
  path.addEventListener("input", function () {
    songs.forEach((song, place) => {
      song.weight = place === 0 ? 1 - path.value / 100 : place === 1 ? path.value / 100 : 0;
      show(song);
    });
    onChange();
  });
  for (const option of options.slice(0, 2)) add(option.value);

  // The map: mixes the nearest songs, weighted by inverse squared distance ------------------

  const NEIGHBOURS = 4;
  const loaded = [L.load("datos/mapa.js", "mapa"), L.coordinates(words.vector)];
  Promise.all(loaded).then(function ([[{ clips }], places]) {
    const canvas = find(".plano");
    const audible = clips.flatMap(([, genre, key], i) =>
      key ? [{ key, genre, x: places[3 * i], y: places[3 * i + 1] }] : []);
    const span = (axis) => {
      const values = audible.map((song) => song[axis]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return (value) => 0.06 + (0.88 * (value - low)) / (high - low || 1);
    };
    const [across, up] = [span("x"), span("y")];
    const spots = audible.map((song) => ({ ...song, x: across(song.x), y: 1 - up(song.y) }));
    let cursor = null;

    function draw() {
      const { context, width, height } = L.fitCanvas(canvas);
      const pixelRatio = window.devicePixelRatio || 1;
      context.clearRect(0, 0, width, height);
      for (const spot of spots) {
        const song = songs.find((one) => one.key === spot.key && one.weight > 0);
        if (song && cursor) {
          context.strokeStyle = L.cssColour("--acento");
          context.lineWidth = pixelRatio * (0.5 + 5 * song.weight);
          context.beginPath();
          context.moveTo(spot.x * width, spot.y * height);
          context.lineTo(cursor[0] * width, cursor[1] * height);
          context.stroke();
        }
        context.fillStyle = L.cssColour(`--g${spot.genre % 10}`);
        context.beginPath();
        context.arc(spot.x * width, spot.y * height, 6 * pixelRatio, 0, 2 * Math.PI);
        context.fill();
      }
      if (!cursor) return;
      context.strokeStyle = L.cssColour("--tinta");
      context.lineWidth = 2.5 * pixelRatio;
      context.beginPath();
      context.arc(cursor[0] * width, cursor[1] * height, 10 * pixelRatio, 0, 2 * Math.PI);
      context.stroke();
    }

    function mixNearest(x, y) {
      cursor = [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
      const near = spots.map((spot) => ({ key: spot.key,
        weight: 1 / (1e-4 + (spot.x - cursor[0]) ** 2 + (spot.y - cursor[1]) ** 2) }))
        .sort((a, b) => b.weight - a.weight).slice(0, NEIGHBOURS);
      const total = near.reduce((sum, one) => sum + one.weight, 0);
      for (const song of [...songs]) {
        if (!near.some((one) => one.key === song.key)) {
          songs.splice(songs.indexOf(song), 1);
          song.row.remove();
        }
      }
      for (const { key, weight } of near) {
        add(key);
        const song = songs.find((one) => one.key === key);
        song.weight = weight / total;
        show(song);
      }
      onChange();
      draw();
    }

    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    const drag = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const { left, top, width, height } = canvas.getBoundingClientRect();
      mixNearest((event.clientX - left) / width, (event.clientY - top) / height);
    };
    canvas.addEventListener("pointerdown", drag);
    canvas.addEventListener("pointermove", drag);
    canvas.addEventListener("keydown", function (event) {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      const [x, y] = cursor || [0.5, 0.5];
      mixNearest(x + 0.03 * step[0], y + 0.03 * step[1]);
    });
    const redraw = () => {
      draw();
      drawSound();
    };
    new ResizeObserver(redraw).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  });
})();
