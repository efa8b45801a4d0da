// The laboratory's second half: a visitor's own sound through every network. Nothing is sent.
(function () {
  "use strict";
  const L = window.Latentes;
  const box = document.querySelector(".tu-cancion");
  if (!box) return;
  const LONGEST = 30; // seconds of a recording
  const find = (name) => box.querySelector(name);
  const words = box.dataset;
  const state = find(".estado");
  const zone = find(".soltar");
  const start = document.getElementById("comienzo");
  const chosen = find(".eleccion");
  const section = find(".comparador");
  const record = find(".grabar");
  const hear = find(".oir");
  const seconds = Number(document.documentElement.dataset.muestras) / L.rate;
  const player = new L.Player(() => {
    hear.textContent = player.playing ? words.pausar : words.oir;
  });
  let song = null;
  box.hidden = false;

  async function take(blob) {
    state.textContent = words.lee;
    section.hidden = true;
    chosen.hidden = true;
    try {
      song = await L.decode(new Uint8Array(await blob.arrayBuffer()));
    } catch (error) {
      state.textContent = words.ilegible;
      return;
    }
    state.textContent = "";
    chosen.hidden = false;
    start.max = Math.max(0, song.length / L.rate - seconds);
    start.value = 0;
    start.disabled = Number(start.max) === 0;
    move();
  }

  function move() {
    const from = Number(start.value);
    player.stop();
    player.samples = null;
    player.offset = 0;
    find(".desde-donde").textContent = `${L.decimal(from, 1)} s`;
    start.setAttribute("aria-valuetext", `${L.decimal(from, 1)} s`);
    const peak = song.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
    L.drawOutline(find(".onda"), song, peak);
    const whole = song.length / L.rate;
    find(".region").style.left = `${(100 * from) / whole}%`;
    find(".region").style.width = `${Math.min(100, (100 * seconds) / whole)}%`;
  }

  const clip = () => L.clip(song, Math.round(Number(start.value) * L.rate));

  async function through() {
    const button = find(".codificar");
    button.disabled = true;
    player.stop();
    try {
      const versions = await L.throughAll(clip(), (modelo) => {
        state.textContent = L.say(words.espera, { modelo });
      });
      state.textContent = "";
      section.replaceChildren();
      section.hidden = false;
      section.comparator = new L.Comparator(section, versions);
      section.comparator.ready(); // all is at hand: it can be seen before it is heard
      fill(versions);
    } catch (error) {
      state.textContent = words.falla;
    }
    button.disabled = false;
  }

  function fill(versions) {
    const table = L.copy("t-tabla");
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

  async function tape() {
    if (tape.recorder) return tape.recorder.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: {
        echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
      const recorder = (tape.recorder = new MediaRecorder(stream));
      const parts = [];
      recorder.ondataavailable = (event) => parts.push(event.data);
      recorder.onstop = function () {
        tape.recorder = null;
        record.textContent = words.grabar;
        for (const track of stream.getTracks()) track.stop();
        take(new Blob(parts));
      };
      recorder.start();
      record.textContent = words.detener;
      setTimeout(() => recorder.state === "recording" && recorder.stop(), 1000 * LONGEST);
    } catch (error) {
      state.textContent = words.sinmicrofono;
    }
  }

  const file = document.getElementById("archivo");
  file.addEventListener("change", () => file.files[0] && take(file.files[0]));
  for (const type of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(type, function (event) {
      event.preventDefault();
      zone.classList.toggle("encima", type === "dragover");
      if (type === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
    });
  }
  start.addEventListener("input", move);
  find(".codificar").addEventListener("click", through);
  record.addEventListener("click", tape);
  hear.addEventListener("click", function () {
    if (player.playing) return player.stop();
    player.use(clip(), 1);
    player.play();
  });
  new ResizeObserver(() => song && move()).observe(find(".onda"));
})();
