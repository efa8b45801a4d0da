// The laboratory's second part: runs a visitor's own sound through every model, and compresses it.
(function () {
  "use strict";
  const L = Latentes;
  const box = document.querySelector(".tu-cancion");
  if (!box) return;
  const MAX_LISTENING = 120; // seconds
  const COLUMNS = 2048; // of the overview
  const find = (name) => box.querySelector(name);
  const words = box.dataset;
  const state = find(".estado");
  const progress = find("progress");
  const selection = find(".eleccion");
  const wave = find(".tramo-elegido");
  const files = find(".archivos");
  const section = find(".comparador");
  const cancelButton = find(".cancelar");
  const rate = document.getElementById("tasa");
  const codingModels = words.modelos.split(" ");
  const seconds = L.clipLength / L.rate;
  const listenButtons = [find(".oir"), find(".seguir")];
  let heard = listenButtons[0];
  const player = new L.Player(function () {
    for (const button of listenButtons) {
      button.textContent = player.playing && button === heard ? words.pausar : button.dataset.oir;
    }
    followPlayer();
  });
  let background = new L.Background();
  let busy = false;
  let song = null; // {samples, overview: highest and lowest sample of each column, peak}
  let songName = "";
  let from = 0; // where the excerpt starts, in seconds
  let reconstructions = []; // of the excerpt, by the networks
  let compressed = []; // of the song: {kbps, file, sound}

  // Work -------------------------------------------------------------------------------------

  function showWork(working) {
    busy = working;
    progress.hidden = cancelButton.hidden = !working;
    progress.removeAttribute("value");
    for (const button of box.querySelectorAll(".tarea")) button.disabled = working;
    wave.setAttribute("aria-disabled", working);
  }

  function showProgress(text, part) {
    if (text) state.textContent = text;
    if (part !== undefined) progress.value = part;
  }

  // Do something slow, which is given a worker and fails once that worker has ended.
  async function work(task, failure) {
    const current = background;
    player.stop();
    showWork(true);
    try {
      const text = await task(current);
      if (!current.ended) state.textContent = text || "";
    } catch (error) {
      if (!current.ended) state.textContent = words[error.message] || failure;
    }
    if (current.ended) return;
    const hadFocus = document.activeElement === cancelButton;
    showWork(false);
    if (hadFocus) wave.focus();
  }

  function cancel() {
    background.end();
    background = new L.Background();
    state.textContent = busy ? words.cancelado : "";
    const hadFocus = document.activeElement === cancelButton;
    showWork(false);
    if (hadFocus) (song ? wave : document.getElementById("archivo")).focus();
  }

  // A song -----------------------------------------------------------------------------------

  async function open(blob) {
    cancel();
    player.stop();
    song = null;
    reconstructions = [];
    compressed = [];
    files.replaceChildren();
    section.hidden = selection.hidden = true;
    await work(async function (current) {
      showProgress(words.lee);
      const bytes = new Uint8Array(await blob.arrayBuffer());
      const { sound, text } = await read(bytes, current);
      const overview = await overviewOf(sound);
      if (current.ended) return "";
      song = { samples: sound, overview, peak: L.peak(overview) };
      songName = (blob.name || words.grabacion).replace(/\.[^.]*$/, "");
      selection.hidden = false;
      wave.setAttribute("aria-valuemax", last().toFixed(1));
      moveTo(0);
      drawSong();
      return text;
    }, words.ilegible);
  }

  async function read(bytes, current) {
    try {
      const onProgress = (done) => showProgress("", done);
      const { sound, damaged } = await current.decompress(bytes, codingModels, onProgress);
      return { sound, text: L.format(words.abierto, sizes(bytes, sound)) +
        (damaged ? L.format(words.danados, { n: damaged }) : "") };
    } catch (error) {
      if (error.message !== "ajeno") throw error;
      return { sound: await L.decode(bytes), text: "" };
    }
  }

  // The highest and the lowest sample of each column in turn, to be drawn like a short sound.
  async function overviewOf(sound) {
    const ends = new Float32Array(2 * COLUMNS);
    for (let column = 0; column < COLUMNS; column++) {
      if (column % 16 === 15) await L.pause();
      let [high, low] = [0, 0];
      const to = Math.floor(((column + 1) * sound.length) / COLUMNS);
      for (let i = Math.floor((column * sound.length) / COLUMNS); i < to; i++) {
        if (sound[i] > high) high = sound[i];
        if (sound[i] < low) low = sound[i];
      }
      ends.set([high, low], 2 * column);
    }
    return ends;
  }

  const sizes = (file, sound) => ({
    bytes: L.integer(file.length),
    tasa: L.decimal((8 * file.length * L.rate) / (1000 * sound.length), 1),
  });

  // The excerpt ------------------------------------------------------------------------------

  const whole = () => song.samples.length / L.rate;
  const last = () => Math.max(0, whole() - seconds);
  const excerpt = (sound) => L.networkInput(sound, Math.round(from * L.rate));

  // Results are those of the excerpt, and go when it moves; compressed songs stay.
  function moveTo(start) {
    from = L.clamp(Math.round(10 * start) / 10, 0, last());
    reconstructions = [];
    hideComparator();
    player.stop();
    player.samples = null;
    const [a, b] = [from, Math.min(whole(), from + seconds)].map((each) => L.decimal(each, 1));
    const text = L.format(words.tramo, { a, b, c: L.decimal(whole(), 1) });
    find(".desde-donde").textContent = text;
    wave.setAttribute("aria-valuenow", from.toFixed(1));
    wave.setAttribute("aria-valuetext", text);
    find(".region").style.left = `${(100 * from) / whole()}%`;
    find(".region").style.width = `${Math.min(100, (100 * seconds) / whole())}%`;
    followPlayer();
  }

  function drawSong() {
    if (song) L.drawWaveform(find(".onda"), song.overview, song.peak);
  }

  function followPlayer() {
    const cursor = find(".cursor");
    cursor.hidden = !player.playing;
    if (!player.playing) return;
    cursor.style.left = `${(100 * (from + player.position)) / whole()}%`;
    requestAnimationFrame(followPlayer);
  }

  L.onDrag(wave, (x) => busy || moveTo(x * whole() - seconds / 2));
  L.on(wave, "keydown", function (event) {
    const steps = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1,
      PageDown: -seconds, PageUp: seconds, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    if (!busy) moveTo(from + (event.shiftKey ? 10 : 1) * step);
  });

  listenButtons.forEach((button, n) => L.on(button, "click", function () {
    const stop = player.playing && heard === button;
    player.stop();
    if (stop) return;
    heard = button;
    player.offset = 0;
    player.setRegion(null, !n);
    const start = Math.round(from * L.rate);
    player.setSound(n ? song.samples.subarray(start, start + MAX_LISTENING * L.rate)
      : excerpt(song.samples), 1);
    player.play();
  }));

  // Results ----------------------------------------------------------------------------------

  async function reconstruct(current) {
    const found = await current.reconstruct(excerpt(song.samples), (modelo, part) =>
      showProgress(L.format(words.espera, { modelo }), part));
    reconstructions = found;
    await compare(current);
  }

  async function compress(current) {
    const kbps = Number(rate.value);
    if (!compressed.some((other) => other.kbps === kbps)) {
      showProgress(L.format(words.comprime, { tasa: kbps }), 0);
      const { file, sound } = await current.compress(song.samples, kbps, codingModels, (done) =>
        showProgress("", done));
      compressed.push({ kbps, file, sound });
      files.replaceChildren(...compressed.map(downloadLink));
    }
    await compare(current, "latente");
  }

  function downloadLink({ kbps, file }) {
    const item = L.fromTemplate("t-archivo");
    const link = item.querySelector("a");
    link.download = link.textContent = `${songName}-${kbps}.latente`;
    link.href = URL.createObjectURL(new Blob([file]));
    item.querySelector("span").textContent = L.format(words.pesa, sizes(file, song.samples));
    return item;
  }

  function hideComparator() {
    if (section.comparator) section.comparator.player.stop();
    section.hidden = true;
  }

  // Show all versions of the excerpt; a group is selected by its name.
  async function compare(current, group) {
    showProgress(words.mide);
    const others = compressed.map(({ kbps, file, sound }) => ({
      group: "latente", label: words.latente, size: kbps, unit: "kbit/s", file,
      result: excerpt(sound),
    }));
    const versions = await current.compare(excerpt(song.samples), [...reconstructions, ...others]);
    hideComparator();
    section.replaceChildren();
    section.hidden = false;
    new L.Comparator(section, versions);
    if (group) section.comparator.setGroup(group);
    showTable(versions);
    await L.pause();
    section.comparator.ready(); // the sounds are in memory: draw them at once
  }

  function showTable(versions) {
    const table = L.fromTemplate("t-tabla");
    for (const version of versions) {
      const { group, label, measures, file } = version;
      if (!group) continue;
      const row = table.querySelector("tbody").insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = `${label}, ${L.sizeText(version)}`;
      row.append(head);
      const { bytes, tasa } = file ? sizes(file, song.samples) : { bytes: "", tasa: "" };
      for (const text of [measures.snr, measures.log_mel, bytes, tasa]) {
        const cell = row.insertCell();
        cell.className = "derecha";
        cell.textContent = text || "—";
      }
    }
    if (!compressed.length) {
      for (const cell of table.querySelectorAll("tr > :nth-child(n + 4)")) cell.remove();
    }
    section.append(table);
  }

  L.on(find(".codificar"), "click", () => work(reconstruct, words.falla));
  L.on(find(".comprimir"), "click", () => work(compress, words.falla));
  L.on(cancelButton, "click", cancel);

  L.soundSource(box, open, (text) => {
    cancel();
    state.textContent = text;
  });
  L.keepDrawn(wave, drawSong);
})();
