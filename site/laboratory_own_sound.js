// The laboratory's second part: runs a visitor's own sound through every model, and compresses it.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".tu-cancion");
  if (!box) return;
  const MAX_RECORDING = 30; // seconds
  const find = (name) => box.querySelector(name);
  const words = box.dataset;
  const state = find(".estado");
  const dropZone = find(".soltar");
  const files = find(".archivos");
  const tasks = [find(".codificar"), find(".comprimir")];
  const start = document.getElementById("comienzo");
  const selection = find(".eleccion");
  const section = find(".comparador");
  const progress = find("progress");
  const rate = document.getElementById("tasa");
  const codingModels = words.modelos.split(" ");
  const recordButton = find(".grabar");
  const seconds = Number(document.documentElement.dataset.muestras) / L.rate;
  const listenButtons = { tramo: find(".oir"), toda: find(".oir-toda") };
  let playing = "tramo";
  const player = new L.Player(() => {
    for (const [name, button] of Object.entries(listenButtons)) {
      button.textContent = player.playing && name === playing ? words.pausar : button.dataset.oir;
    }
  });
  let reconstructions = []; // of the excerpt, by the networks
  let compressed = []; // of the song: {kbps, file, sound}
  let song = null;
  let songName = "";
  let activeRecorder = null;
  box.hidden = false;

  async function openFile(blob) {
    state.textContent = words.lee;
    section.hidden = true;
    selection.hidden = true;
    files.replaceChildren();
    compressed = [];
    reconstructions = [];
    try {
      await read(new Uint8Array(await blob.arrayBuffer()));
    } catch (error) {
      state.textContent = words[error.message] || words.ilegible;
      return;
    } finally {
      progress.hidden = true;
    }
    songName = (blob.name || words.grabacion).replace(/\.[^.]*$/, "");
    selection.hidden = false;
    start.max = Math.max(0, song.length / L.rate - seconds);
    start.value = 0;
    start.disabled = Number(start.max) === 0;
    updateExcerpt();
  }

  async function read(bytes) {
    try {
      const { sound, damaged } = await L.decompress(bytes, codingModels, showProgress);
      song = sound;
      state.textContent = L.format(words.abierto, sizes(bytes)) +
        (damaged ? L.format(words.danados, { n: damaged }) : "");
    } catch (error) {
      if (error.message !== "ajeno") throw error;
      song = await L.decode(bytes);
      state.textContent = "";
    }
  }

  function showProgress(done) {
    progress.hidden = false;
    progress.value = done;
  }

  const sizes = (file) => ({
    bytes: L.integer(file.length),
    tasa: L.decimal((8 * file.length * L.rate) / (1000 * song.length), 1),
  });

  function updateExcerpt() {
    const from = Number(start.value);
    player.stop();
    player.samples = null;
    player.offset = 0;
    find(".desde-donde").textContent = `${L.decimal(from, 1)} s`;
    start.setAttribute("aria-valuetext", `${L.decimal(from, 1)} s`);
    const peak = song.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
    L.drawWaveform(find(".onda"), song, peak);
    const whole = song.length / L.rate;
    find(".region").style.left = `${(100 * from) / whole}%`;
    find(".region").style.width = `${Math.min(100, (100 * seconds) / whole)}%`;
  }

  const excerpt = (sound) => L.networkInput(sound, Math.round(Number(start.value) * L.rate));
  const clip = () => excerpt(song);

  async function reconstruct() {
    const current = song;
    const found = await L.reconstructAll(clip(), (modelo) => {
      state.textContent = L.format(words.espera, { modelo });
    });
    if (song !== current) return;
    reconstructions = found;
    compare();
  }

  async function compress() {
    const kbps = Number(rate.value);
    state.textContent = L.format(words.comprime, { tasa: kbps });
    showProgress(0);
    const current = song;
    const { file, sound } = await L.compress(song, kbps, codingModels, showProgress);
    if (song !== current) return;
    compressed = [...compressed.filter((other) => other.kbps !== kbps), { kbps, file, sound }];
    files.replaceChildren(...compressed.map(downloadLink));
    compare("latente");
  }

  function downloadLink({ kbps, file }) {
    const item = L.fromTemplate("t-archivo");
    const link = item.querySelector("a");
    link.download = link.textContent = `${songName}-${kbps}.latente`;
    link.href = URL.createObjectURL(new Blob([file]));
    item.querySelector("span").textContent = L.format(words.pesa, sizes(file));
    return item;
  }

  // Do something slow that ends in a comparison.
  async function work(task) {
    for (const button of tasks) button.disabled = start.disabled = true;
    player.stop();
    try {
      await task();
      state.textContent = "";
    } catch (error) {
      state.textContent = words.falla;
    }
    progress.hidden = true;
    for (const button of tasks) button.disabled = false;
    start.disabled = Number(start.max) === 0;
  }

  // Show all versions of the excerpt; a group is selected by its name.
  function compare(group) {
    const files = compressed.map(({ kbps, file, sound }) => ({
      group: "latente", label: words.latente, size: kbps, unit: "kbit/s", file,
      result: excerpt(sound),
    }));
    const versions = L.compareVersions(clip(), [...reconstructions, ...files]);
    if (section.comparator) section.comparator.player.stop();
    section.replaceChildren();
    section.hidden = false;
    section.comparator = new L.Comparator(section, versions);
    if (group) section.comparator.setGroup(group);
    section.comparator.ready(); // the sounds are in memory: draw them at once
    showTable(versions);
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
      const { bytes, tasa } = file ? sizes(file) : { bytes: "", tasa: "" };
      for (const text of [measures.snr, measures.log_mel, bytes, tasa]) {
        const cell = row.insertCell();
        cell.className = "derecha";
        cell.textContent = text;
      }
    }
    section.append(table);
  }

  async function toggleRecording() {
    if (activeRecorder) return activeRecorder.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: {
        echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
      const recorder = (activeRecorder = new MediaRecorder(stream));
      const parts = [];
      recorder.ondataavailable = (event) => parts.push(event.data);
      recorder.onstop = function () {
        activeRecorder = null;
        recordButton.textContent = words.grabar;
        for (const track of stream.getTracks()) track.stop();
        openFile(new Blob(parts));
      };
      recorder.start();
      recordButton.textContent = words.detener;
      setTimeout(() => recorder.state === "recording" && recorder.stop(), 1000 * MAX_RECORDING);
    } catch (error) {
      state.textContent = words.sinmicrofono;
    }
  }

  const file = document.getElementById("archivo");
  file.addEventListener("change", () => file.files[0] && openFile(file.files[0]));
  for (const type of ["dragover", "dragleave", "drop"]) {
    dropZone.addEventListener(type, function (event) {
      event.preventDefault();
      dropZone.classList.toggle("encima", type === "dragover");
      if (type === "drop" && event.dataTransfer.files[0]) openFile(event.dataTransfer.files[0]);
    });
  }
  start.addEventListener("input", function () {
    reconstructions = [];
    updateExcerpt();
  });
  tasks.forEach((button, n) =>
    button.addEventListener("click", () => work([reconstruct, compress][n])));
  recordButton.addEventListener("click", toggleRecording);
  for (const [name, button] of Object.entries(listenButtons)) {
    button.addEventListener("click", function () {
      const stop = player.playing && name === playing;
      player.stop();
      if (stop) return;
      if (name !== playing) player.offset = 0;
      playing = name;
      player.setSound(name === "toda" ? song : clip(), 1);
      player.play();
    });
  }
  new ResizeObserver(() => song && updateExcerpt()).observe(find(".onda"));
})();
