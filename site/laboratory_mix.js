// The laboratory's first half: means of songs' latent vectors, and vectors at random, decoded here.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".mezclar");
  if (!box) return;
  const find = (name) => box.querySelector(name);
  const id = (name) => document.getElementById(name);
  const state = find(".estado");
  const list = find(".mezcla");
  const pick = id("agregar");
  const play = find(".tocar");
  const path = id("camino");
  const words = box.dataset;
  const player = new L.Player(() => {
    play.classList.toggle("sonando", player.playing);
    play.setAttribute("aria-label", player.playing ? words.pausar : words.tocar);
  });
  const coded = new Map(); // network and song -> latent
  const songs = []; // {key, name, weight}
  let random = null; // a vector at random instead of a mean, if one was asked for
  let turn = 0;
  let dirty = true;
  let scale = null;

  const options = [...pick.options].filter((option) => option.value);
  box.hidden = false;
  document.querySelector(".sin-programas").hidden = true;

  async function latentOf(model, key) {
    const name = `${model} ${key}`;
    if (!coded.has(name)) {
      const made = L.network(model).then(async (network) =>
        network.encode(L.clip(await L.sound(key))));
      made.catch(() => coded.delete(name));
      coded.set(name, made);
    }
    return coded.get(name);
  }

  async function mean(model) {
    const used = songs.filter((song) => song.weight > 0);
    const total = used.reduce((sum, song) => sum + song.weight, 0);
    let latent = null;
    for (const song of used) {
      const vector = await latentOf(model, song.key);
      if (!latent) latent = new Float32Array(vector.length);
      const share = song.weight / total;
      for (let i = 0; i < vector.length; i++) latent[i] += share * vector[i];
    }
    return latent;
  }

  // A vector at random, each of whose parts (a channel, say) has the range, or the mean and
  // deviation, that it has in the songs.
  async function drawn(model, kind) {
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

  // Decode what is asked for now; while it plays, it goes on with the new sound.
  async function renew() {
    const mine = ++turn;
    const model = id("red").value;
    state.textContent = words.espera;
    try {
      if (random && random.model !== model) {
        random = { kind: random.kind, model, latent: await drawn(model, random.kind) };
      }
      const latent = random ? random.latent : await mean(model);
      if (mine !== turn) return;
      if (!latent) {
        state.textContent = words.vacia;
        return;
      }
      const samples = await (await L.network(model)).decode(latent);
      if (mine !== turn) return;
      const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
      scale = { samples, peak, picture: L.spectrogram(samples, L.loudestBin(samples)) };
      player.use(samples, Math.min(1, 0.99 / peak));
      dirty = false;
      state.textContent = "";
      paint();
    } catch (error) {
      if (mine === turn) state.textContent = words.falla;
    }
  }

  function paint() {
    if (!scale) return;
    find(".lienzo").hidden = false;
    L.drawOutline(find(".onda"), scale.samples, scale.peak);
    L.drawPicture(find(".espectro"), scale.picture);
  }

  // Before the first sound nothing is loaded or computed; after it, each change is heard at once.
  let later = 0;
  function changed() {
    dirty = true;
    random = null;
    path.disabled = songs.length < 2;
    if (!scale) return;
    clearTimeout(later);
    later = setTimeout(renew, 30);
  }

  play.addEventListener("click", async function () {
    if (player.playing) return player.stop();
    if (dirty) await renew();
    player.play();
  });
  id("red").addEventListener("change", () => scale && renew());
  for (const button of box.querySelectorAll("[data-azar]")) {
    button.addEventListener("click", async function () {
      const model = id("red").value;
      state.textContent = words.espera;
      try {
        if (!songs.length) throw new Error("songs");
        const kind = button.dataset.azar;
        random = { kind, model, latent: await drawn(model, kind) };
        await renew();
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
    const row = L.copy("t-cancion");
    const name = options.find((option) => option.value === key).textContent;
    const song = { key, weight: 0.5, row, range: row.querySelector("input"),
      output: row.querySelector("output") };
    row.querySelector("span").textContent = name;
    song.range.addEventListener("input", function () {
      song.weight = song.range.value / 100;
      show(song);
      changed();
    });
    row.querySelector("button").setAttribute("aria-label", L.say(words.quitar, { n: name }));
    row.querySelector("button").addEventListener("click", function () {
      songs.splice(songs.indexOf(song), 1);
      row.remove();
      changed();
    });
    songs.push(song);
    list.append(row);
    show(song);
    changed();
  }

  pick.addEventListener("change", function () {
    if (pick.value) add(pick.value);
    pick.value = "";
  });
  path.addEventListener("input", function () {
    songs.forEach((song, place) => {
      song.weight = place === 0 ? 1 - path.value / 100 : place === 1 ? path.value / 100 : 0;
      show(song);
    });
    changed();
  });
  for (const option of options.slice(0, 2)) add(option.value);

  // The map: the nearest songs weigh by the inverse square of their distance -----------------

  const NEAR = 4;
  const loaded = [L.load("datos/mapa.js", "mapa"), L.places(words.vector)];
  Promise.all(loaded).then(function ([[{ clips }], places]) {
    const canvas = find(".plano");
    const heard = clips.flatMap(([, genre, key], i) =>
      key ? [{ key, genre, x: places[3 * i], y: places[3 * i + 1] }] : []);
    const span = (axis) => {
      const values = heard.map((song) => song[axis]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return (value) => 0.06 + (0.88 * (value - low)) / (high - low || 1);
    };
    const [across, up] = [span("x"), span("y")];
    const spots = heard.map((song) => ({ ...song, x: across(song.x), y: 1 - up(song.y) }));
    let hand = null;

    function draw() {
      const { brush, width, height } = L.fit(canvas);
      const dense = window.devicePixelRatio || 1;
      brush.clearRect(0, 0, width, height);
      for (const spot of spots) {
        const song = songs.find((one) => one.key === spot.key && one.weight > 0);
        if (song && hand) {
          brush.strokeStyle = L.colour("--acento");
          brush.lineWidth = dense * (0.5 + 5 * song.weight);
          brush.beginPath();
          brush.moveTo(spot.x * width, spot.y * height);
          brush.lineTo(hand[0] * width, hand[1] * height);
          brush.stroke();
        }
        brush.fillStyle = L.colour(`--g${spot.genre % 10}`);
        brush.beginPath();
        brush.arc(spot.x * width, spot.y * height, 6 * dense, 0, 2 * Math.PI);
        brush.fill();
      }
      if (!hand) return;
      brush.strokeStyle = L.colour("--tinta");
      brush.lineWidth = 2.5 * dense;
      brush.beginPath();
      brush.arc(hand[0] * width, hand[1] * height, 10 * dense, 0, 2 * Math.PI);
      brush.stroke();
    }

    function weigh(x, y) {
      hand = [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
      const near = spots.map((spot) => ({ key: spot.key,
        pull: 1 / (1e-4 + (spot.x - hand[0]) ** 2 + (spot.y - hand[1]) ** 2) }))
        .sort((a, b) => b.pull - a.pull).slice(0, NEAR);
      const total = near.reduce((sum, one) => sum + one.pull, 0);
      for (const song of [...songs]) {
        if (!near.some((one) => one.key === song.key)) {
          songs.splice(songs.indexOf(song), 1);
          song.row.remove();
        }
      }
      for (const { key, pull } of near) {
        add(key);
        const song = songs.find((one) => one.key === key);
        song.weight = pull / total;
        show(song);
      }
      changed();
      draw();
    }

    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    const drag = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const frame = canvas.getBoundingClientRect();
      weigh((event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height);
    };
    canvas.addEventListener("pointerdown", drag);
    canvas.addEventListener("pointermove", drag);
    canvas.addEventListener("keydown", function (event) {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      const [x, y] = hand || [0.5, 0.5];
      weigh(x + 0.03 * step[0], y + 0.03 * step[1]);
    });
    const again = () => {
      draw();
      paint();
    };
    new ResizeObserver(again).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  });
})();
