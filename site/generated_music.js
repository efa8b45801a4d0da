// The page of generated sounds: one player for any of them, or for a mix of two. What is chosen has
// an address: #a=KEY&b=KEY&mezcla=PERCENT.
(function () {
  "use strict";
  const L = Latentes;
  const box = document.querySelector(".instrumento");
  if (!box) return;
  const FIELDS = ["grupo", "genero", "red"]; // what the selects of a source choose
  const find = (name) => box.querySelector(name);
  const play = find(".tocar");
  const state = find(".estado");
  const mix = document.getElementById("mezcla");
  const words = box.dataset;
  const decoded = new Map(); // address of the file -> promise of samples
  let ready = false;
  let lastRequest = 0;

  const player = new L.Player(() => L.showPlaying(play, player.playing, words));

  // The sounds of the folded tables: {grupo, genero, red, punto, file, bundle, measures}.
  const sounds = [...document.querySelectorAll(".generado tbody tr")].map(function (row) {
    const fold = row.closest("details");
    const sound = { grupo: fold.firstElementChild.textContent, genero: "", red: "", punto: "",
      file: row.querySelector("audio").getAttribute("src"), bundle: row.dataset.en, measures: "" };
    fold.querySelectorAll("th").forEach(function (head, i) {
      const text = row.cells[i].textContent;
      if (head.dataset.campo) sound[head.dataset.campo] = text;
      else if (text) sound.measures += `. ${head.textContent}: ${text}`;
    });
    return sound;
  });

  const keyOf = ({ file }) => decodeURIComponent(file).slice(6, -4); // audio/KEY.mp3

  const samplesOf = (sound) => L.cached(decoded, sound.file, () =>
    L.bundledSound(sound.bundle, keyOf(sound)));

  // A source: selects that narrow the sounds down, and a slider over those that are left.
  const sources = [...box.querySelectorAll("fieldset")].map(function (field, place) {
    const selects = [...field.querySelectorAll("select")];
    const range = field.querySelector("input");
    const link = field.querySelector("a");
    const wanted = ["", words.generos.split("|")[place]];
    let left = sounds;
    function choose() {
      left = sounds;
      selects.forEach(function (select, i) {
        const values = [...new Set(left.map((sound) => sound[FIELDS[i]]))];
        select.replaceChildren(...values.map((value) => new Option(value)));
        if (values.includes(wanted[i])) select.value = wanted[i];
        select.closest("p").hidden = !select.value;
        left = left.filter((sound) => sound[FIELDS[i]] === select.value);
      });
      range.max = left.length - 1;
      range.closest("p").hidden = left.length < 2;
      const sound = left[range.value];
      range.setAttribute("aria-valuetext", sound.punto);
      range.nextSibling.textContent =
        L.format(words.lugar, { i: Number(range.value) + 1, n: left.length });
      field.querySelector(".receta").textContent = [...FIELDS, "punto"].map((name) => sound[name])
        .filter(Boolean).join(", ") + sound.measures;
      link.href = sound.file;
      link.download = sound.file.replace(/.*?\//, "").replaceAll("/", "-");
      return sound;
    }
    selects.forEach((select, i) => L.on(select, "change", function () {
      wanted[i] = select.value;
      update();
    }));
    L.on(range, "input", update);
    choose();
    range.value = place; // another sound in B, where both have the same genre
    return {
      choose,
      show(sound) {
        FIELDS.forEach((name, i) => (wanted[i] = sound[name]));
        choose();
        range.value = left.indexOf(sound);
      },
    };
  });

  // Nothing is loaded before the first sound; then every change is heard at once, in place.
  async function update() {
    const request = ++lastRequest;
    const share = mix.value / 100;
    const chosen = sources.map((source, i) => [source.choose(), i ? share : 1 - share]);
    if (!ready) return;
    state.textContent = words.espera;
    try {
      const parts = await Promise.all(chosen.filter(([, weight]) => weight).map(
        async ([sound, weight]) => (await samplesOf(sound)).map((value) => weight * value)));
      if (request !== lastRequest) return;
      const [one, other] = parts.sort((a, b) => b.length - a.length);
      const samples = other ? one.map((value, i) => value + (other[i] || 0)) : one;
      player.setSound(samples, Math.min(1, 0.99 / L.peak(samples)));
      state.textContent = "";
      find(".lienzo").classList.add("dibujado");
      L.drawImage(find(".espectro"), L.spectrogram(samples, L.loudestBin(samples)));
    } catch (error) {
      if (request === lastRequest) state.textContent = words.falla;
    }
  }

  L.on(play, "click", async function () {
    if (player.playing) return player.stop();
    ready = true;
    if (!player.samples) await update();
    player.play();
  });
  L.on(mix, "input", update);

  // The address; what it does not name, or names wrongly, stays.
  function restore() {
    const values = L.addressFields();
    ["a", "b"].forEach(function (name, i) {
      const sound = sounds.find((each) => keyOf(each) === values.get(name));
      if (sound) sources[i].show(sound);
    });
    if (/^(\d\d?|100)$/.test(values.get("mezcla"))) mix.value = values.get("mezcla");
    update();
  }
  L.on(find(".copiar"), "click", async function () {
    const [a, b] = sources.map((source) => keyOf(source.choose()));
    const values = new URLSearchParams({ a, b, mezcla: mix.value });
    const address = new URL(`#${String(values).replaceAll("%2F", "/")}`, location).href;
    if (await L.copy(address, find(".enlace"))) state.textContent = words.copiado;
  });
  L.on(window, "hashchange", restore);
  box.hidden = false;
  restore();
})();
