// Creates the comparators of songs whose versions are stored in the site.
(function () {
  "use strict";
  const L = Latentes;

  // A stored version; its sound is loaded on demand and its loudness gain is undone.
  const stored = (version) => ({
    ...version,
    samples: async function () {
      const scale = L.amplitudeRatio(-version.matched);
      return (await L.sound(version.key)).map((value) => value * scale);
    },
  });

  const boxes = [...document.querySelectorAll(".comparador[data-cancion]")];
  if (!boxes.length) return;
  L.load("datos/canciones.js", "canciones").then(function ([songs, about]) {
    const chosen = about.findIndex((song) => song.name === L.addressFields().get("song"));
    for (const box of boxes) {
      // The page to embed has a single comparator, of any song.
      if (box.dataset.rotulo && chosen >= 0) {
        box.dataset.cancion = chosen;
        box.dataset.versiones = L.addressFields().get("versions") || "";
        box.classList.toggle("compacto", box.dataset.versiones);
        box.querySelector("img").src = `espectros/${chosen}.png`;
        document.querySelector(".titulo").textContent = about[chosen].title;
        box.ariaLabel = L.format(box.dataset.rotulo, { titulo: about[chosen].title });
      }
      const song = box.dataset.cancion;
      new L.Comparator(box, songs[song].map(stored), about[song]);
    }

    function follow() {
      const values = L.addressFields();
      const box = boxes.find((each) => each.comparator.song.name === values.get("song"));
      if (!box) return;
      L.restore(box.comparator, values);
      box.scrollIntoView({ block: "nearest" });
    }
    L.on(window, "hashchange", follow);
    follow();
  });
})();
