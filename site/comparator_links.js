// Addresses, embedding and downloads of what a comparator plays.
(function () {
  "use strict";
  const L = Latentes;
  // Names in an address and their checkboxes; the last two are there if these are not checked.
  const FLAGS = [
    ["residual", "residuo", true], ["raw", "igualar", false], ["once", "repetir", false],
  ];

  // The part of an address that says what is chosen: #song=NAME&version=NAME&t=FROM-TO&residual.
  function fragment({ song, current, player, find }) {
    const values = new URLSearchParams({ song: song.name, version: current.version });
    const times = player.region || (player.position ? [player.position] : []);
    if (times.length) values.set("t", times.map((time) => Number(time.toFixed(2))).join("-"));
    for (const [name, box, checked] of FLAGS) {
      if (find(box).checked === checked) values.set(name, "");
    }
    return `#${String(values).replace(/[=](?=&|$)/g, "")}`;
  }

  // Choose what an address says; values that are wrong are ignored.
  L.restore = function (comparator, values) {
    const { player, find, versions } = comparator;
    const version = versions.find((each) => each.version === values.get("version"));
    const match = /^(\d+\.?\d*)(?:-(\d+\.?\d*))?$/.exec(values.get("t") || "");
    const [from, to] = match ? match.slice(1).map(Number) : [];
    for (const [name, box, checked] of FLAGS) find(box).checked = values.has(name) === checked;
    const marked = to > from && to <= player.length;
    player.setRegion(marked ? [from, to] : null, find("repetir").checked);
    if (marked || (from < player.length && isNaN(to))) player.seek(from);
    if (version && version.group && !comparator.compact) comparator.group = version.group;
    comparator.buildSizes();
    comparator.update();
    if (version) comparator.select(version);
  };

  // A WAV file of 16 bits; `gain` is a factor.
  L.wav = function (samples, gain = 1) {
    const size = 2 * samples.length;
    const header = Uint32Array.of( // RIFF, WAVE, fmt, PCM and mono, 2 bytes per frame and 16 bits
      0x46464952, 36 + size, 0x45564157, 0x20746d66, 16, 0x10001, L.rate, 2 * L.rate, 0x100002,
      0x61746164, size);
    const frames = Int16Array.from(samples, (value) =>
      Math.round(32767 * L.clamp(value * gain, -1, 1)));
    return new Blob([header, frames], { type: "audio/wav" });
  };

  L.save = function (blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, "-");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  L.offerLinks = function (comparator) {
    const { song, find, words, box } = comparator;
    const address = (page, more = "") => new URL(page + fragment(comparator) + more, location).href;

    async function offer(text) {
      if (await L.copy(text, find("enlace"))) comparator.say(words.copiado);
    }

    L.on(find("descargar"), "click", async function () {
      await comparator.change();
      const { shown } = comparator;
      if (!shown) return;
      const parts = [song ? song.name : words.archivo, shown.version.version];
      if (shown.residual) parts.push(words.sufijo);
      L.save(L.wav(shown.samples, shown.gain), `${parts.join("-")}.wav`);
    });
    for (const name of ["copiar", "incrustar", "todas"]) find(name).hidden = !song;
    if (!song) return;
    L.on(find("copiar"), "click", () => offer(address(song.page)));
    find("todas").href = `${song.page}#song=${encodeURIComponent(song.name)}`;
    L.on(find("incrustar"), "click", function () {
      const listed = new URLSearchParams({ versions: box.dataset.versiones });
      const source = address("incrustar.html", comparator.compact ? `&${listed}` : "");
      const height = Math.ceil(comparator.view.offsetHeight) + 60;
      offer(L.format(words.marco, {
        direccion: source.replaceAll("&", "&amp;"), alto: height,
        titulo: box.ariaLabel.replaceAll('"', "&quot;"),
      }));
    });
  };
})();
