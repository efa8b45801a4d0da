// The laboratory's second part: runs a visitor's own sound through every model, locally.
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
  const start = document.getElementById("comienzo");
  const selection = find(".eleccion");
  const section = find(".comparador");
  const recordButton = find(".grabar");
  const listenButton = find(".oir");
  const seconds = Number(document.documentElement.dataset.muestras) / L.rate;
  const player = new L.Player(() => {
    listenButton.textContent = player.playing ? words.pausar : words.oir;
  });
  let song = null;
  let activeRecorder = null;
  box.hidden = false;

  async function openFile(blob) {
    state.textContent = words.lee;
    section.hidden = true;
    selection.hidden = true;
    try {
      song = await L.decode(new Uint8Array(await blob.arrayBuffer()));
    } catch (error) {
      state.textContent = words.ilegible;
      return;
    }
    state.textContent = "";
    selection.hidden = false;
    start.max = Math.max(0, song.length / L.rate - seconds);
    start.value = 0;
    start.disabled = Number(start.max) === 0;
    updateExcerpt();
  }

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

  const clip = () => L.networkInput(song, Math.round(Number(start.value) * L.rate));

  async function reconstruct() {
    const button = find(".codificar");
    button.disabled = true;
    player.stop();
    try {
      const versions = await L.reconstructAll(clip(), (modelo) => {
        state.textContent = L.format(words.espera, { modelo });
      });
      state.textContent = "";
      section.replaceChildren();
      section.hidden = false;
      section.comparator = new L.Comparator(section, versions);
      section.comparator.ready(); // the sounds are in memory: draw them at once
      showTable(versions);
    } catch (error) {
      state.textContent = words.falla;
    }
    button.disabled = false;
  }

  function showTable(versions) {
    const table = L.fromTemplate("t-tabla");
    for (const { group, label, size, measures } of versions) {
      if (!group) continue;
      const row = table.querySelector("tbody").insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = `${label}, ${L.integer(size)}`;
      row.append(head);
      for (const text of [measures.snr, measures.log_mel]) {
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
  start.addEventListener("input", updateExcerpt);
  find(".codificar").addEventListener("click", reconstruct);
  recordButton.addEventListener("click", toggleRecording);
  listenButton.addEventListener("click", function () {
    if (player.playing) return player.stop();
    player.setSound(clip(), 1);
    player.play();
  });
  new ResizeObserver(() => song && updateExcerpt()).observe(find(".onda"));
})();
