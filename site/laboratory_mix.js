// The laboratory's first part: decodes weighted means of latent vectors and random vectors.
(function () {
  "use strict";
  const L = Latentes;
  const box = document.querySelector(".mezclar");
  if (!box) return;
  const find = (name) => box.querySelector(name);
  const state = find(".estado");
  const list = find(".mezcla");
  const view = find(".lienzo");
  const [network, source, songSelect] = ["red", "fuente", "agregar"].map((name) =>
    document.getElementById(name));
  const play = find(".tocar");
  const words = box.dataset;
  const player = new L.Player(() => L.showPlaying(play, player.playing, words));
  const options = [...songSelect.options].filter((option) => option.value);
  const latents = new Map(); // "MODEL KEY" -> promise of {latent, parts}
  const songs = []; // {key, weight: 0 to 1, and the elements of its row}
  let seed = 1; // of the random vector
  let background = new L.Background();
  let drawing = null; // what is heard, once something was
  let drawMap = () => {};

  function latentOf(model, key) {
    return L.cached(latents, `${model} ${key}`, async () =>
      background.encode(model, L.networkInput(await L.sound(key))));
  }

  const total = () => songs.reduce((sum, song) => sum + song.weight, 0);

  // What the controls show, decoded; null if no song is in it.
  async function decoded() {
    const [model, kind, sum] = [network.value, source.value, total()];
    const used = songs.filter((song) => kind || song.weight > 0);
    if (!used.length) return null;
    const shares = used.map((song) => song.weight / sum);
    const found = await Promise.all(used.map((song) => latentOf(model, song.key)));
    const latent = kind ? randomLatent(found, kind) : found[0].latent.map((_, i) =>
      found.reduce((mean, each, n) => mean + shares[n] * each.latent[i], 0));
    return background.decode(model, latent);
  }

  // Numbers from 0 to 1 that a seed determines: a Weyl sequence whose bits are mixed.
  function numbersFrom(state) {
    return function () {
      state = (state + 0x9e3779b9) | 0;
      let x = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
      return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
    };
  }

  // A random vector. Each of its parts, such as a channel, has the range (uniform) or the mean
  // and standard deviation (normal) of that part in the songs.
  function randomLatent(found, kind) {
    const random = numbersFrom(seed);
    const latent = new Float32Array(found[0].latent.length);
    let from = 0;
    for (const count of found[0].parts) {
      let [low, high, sum, squares] = [Infinity, -Infinity, 0, 0];
      for (const { latent: values } of found) {
        for (let i = from; i < from + count; i++) {
          low = Math.min(low, values[i]);
          high = Math.max(high, values[i]);
          sum += values[i];
          squares += values[i] ** 2;
        }
      }
      const middle = sum / (count * found.length);
      const spread = Math.sqrt(Math.max(0, squares / (count * found.length) - middle ** 2));
      for (let i = from; i < from + count; i++) {
        latent[i] = kind === "uniforme" ? low + (high - low) * random()
          : middle + spread * Math.sqrt(-2 * Math.log(1 - random())) *
            Math.cos(2 * Math.PI * random());
      }
      from += count;
    }
    return latent;
  }

  // Decode what the controls show; only the latest of the changes made meanwhile is decoded next.
  let busy = null;
  let changed = true;
  const update = () => (busy = busy || follow().finally(() => (busy = null)));

  async function follow() {
    while (changed) {
      changed = false;
      state.textContent = words.espera;
      try {
        const samples = await decoded();
        if (!changed) hear(samples, words.vacia);
      } catch (error) {
        if (background.ended) background = new L.Background();
        if (!changed) hear(null, words.falla);
      }
    }
  }

  // Play these samples where the last ones were; without any, nothing, and say why.
  function hear(samples, reason) {
    state.textContent = samples ? "" : reason;
    if (!samples) {
      player.stop();
      player.samples = drawing = null;
    } else {
      const peak = L.peak(samples);
      player.setSound(samples, Math.min(1, 0.99 / peak));
      drawing = { samples, peak };
    }
    view.classList.toggle("dibujado", Boolean(drawing));
    drawSound();
  }

  // In two tasks, so that the page keeps answering.
  async function drawSound() {
    if (!drawing) return;
    const current = drawing;
    L.drawWaveform(find(".onda"), current.samples, current.peak);
    await L.pause();
    const { samples } = current;
    current.picture = current.picture || L.spectrogram(samples, L.loudestBin(samples));
    if (current === drawing) L.drawImage(find(".espectro"), current.picture);
  }

  // Nothing is loaded or computed before the first sound; then every change is decoded at once.
  let started = false;
  function onChange(onMap) {
    changed = true;
    const sum = total();
    const shares = songs.map(({ key, weight }) => [key, source.value ? 0 : weight / (sum || 1)]);
    list.classList.toggle("sin-uso", Boolean(source.value));
    songs.forEach(function ({ range, output, weight }, i) {
      range.value = Math.round(100 * weight);
      range.disabled = Boolean(source.value);
      output.textContent = source.value ? "—" : `${Math.round(100 * shares[i][1])} %`;
    });
    drawMap(new Map(shares), onMap === true);
    if (started) update();
  }

  async function start() {
    started = true;
    if (!drawing) changed = true;
    await update();
    player.play();
  }

  L.on(play, "click", () => (player.playing ? player.stop() : start()));
  L.on(network, "change", onChange);
  L.on(source, "change", onChange);
  L.on(find(".azar"), "click", function () {
    seed = Math.floor(2 ** 31 * Math.random());
    if (!source.value) {
      while (songs.length < Math.min(2, options.length)) {
        add(options[Math.floor(options.length * Math.random())].value);
      }
      for (const song of songs) song.weight = Math.ceil(100 * Math.random()) / 100;
    }
    onChange();
    start();
  });

  // Songs and weights -----------------------------------------------------------------------

  const titleOf = (key) => options.find((option) => option.value === key).textContent;

  function add(key, weight = 0.5) {
    const old = songs.find((one) => one.key === key);
    if (old) return (old.weight = weight);
    const row = L.fromTemplate("t-cancion");
    const [range, remove] = ["input", "button"].map((name) => row.querySelector(name));
    const song = { key, weight, row, range, output: row.querySelector("output") };
    row.querySelector("span").textContent = titleOf(key);
    L.on(range, "input", function () {
      song.weight = range.value / 100;
      onChange();
    });
    remove.setAttribute("aria-label", L.format(words.quitar, { n: titleOf(key) }));
    L.on(remove, "click", function () {
      const next = row.nextElementSibling || row.previousElementSibling;
      (next ? next.querySelector("button") : songSelect).focus();
      drop(song);
      onChange();
    });
    songs.push(song);
    list.append(row);
  }

  function drop(song) {
    songs.splice(songs.indexOf(song), 1);
    song.row.remove();
  }

  L.on(songSelect, "change", function () {
    if (songSelect.value) add(songSelect.value);
    songSelect.value = "";
    onChange();
  });

  // The address of a mix ----------------------------------------------------------------------

  const has = (select, value) => [...select.options].some((option) => option.value === value);

  function addressOfMix() {
    const mix = songs.map(({ key, weight }) =>
      `${encodeURIComponent(key).replaceAll("%2F", "/")}:${Math.round(100 * weight)}`);
    return `${location.href.split("#")[0]}#mezcla=${mix}&red=${network.value}` +
      (source.value ? `&azar=${source.value}.${seed}` : "");
  }

  // What an address has of a mix, if it is valid; the rest stays.
  function followHash() {
    const fields = L.addressFields();
    const wanted = (fields.get("mezcla") || "").split(",").flatMap(function (each) {
      const [, key, weight] = /^(.+):(\d{1,3})$/.exec(each) || [];
      return key && has(songSelect, key) && weight <= 100 ? [[key, weight / 100]] : [];
    });
    if (wanted.length) {
      for (const song of [...songs]) drop(song);
      for (const [key, weight] of wanted) add(key, weight);
      source.value = "";
    }
    if (has(network, fields.get("red"))) network.value = fields.get("red");
    const [, kind, number] = /^(\w+)\.(\d{1,10})$/.exec(fields.get("azar")) || [];
    if (kind && has(source, kind)) [source.value, seed] = [kind, Number(number)];
    onChange();
  }

  L.on(find(".copiar"), "click", async function () {
    const copied = await L.copy(addressOfMix(), find(".direccion"));
    state.textContent = copied ? words.copiado : words.copie;
  });

  for (const option of options.slice(0, 2)) add(option.value);
  followHash();
  L.on(window, "hashchange", followHash);

  // The map ---------------------------------------------------------------------------------

  L.songMap(find(".plano"), words.vector, titleOf, function (near) {
    for (const song of [...songs]) if (!near.some(({ key }) => key === song.key)) drop(song);
    for (const { key, weight } of near) add(key, Math.round(100 * weight) / 100);
    source.value = "";
    onChange(true);
  }).then((draw) => {
    drawMap = draw;
    onChange();
  });
  L.keepDrawn(view, drawSound);
})();
