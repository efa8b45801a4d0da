// Creates the comparators of songs whose versions are stored in the site.
(function () {
  "use strict";
  const L = window.Latentes;

  // A stored version; its sound is loaded on demand and its loudness gain is undone.
  const stored = (version) => ({
    ...version,
    samples: async function () {
      const scale = L.amplitudeRatio(-version.matched);
      return (await L.sound(version.key)).map((value) => value * scale);
    },
  });

  const boxes = document.querySelectorAll(".comparador[data-cancion]");
  if (boxes.length) {
    L.load("datos/canciones.js", "canciones").then(function ([songs]) {
      for (const box of boxes) {
        for (const details of box.querySelectorAll("details")) details.open = false;
        box.comparator = new L.Comparator(box, songs[box.dataset.cancion].map(stored));
      }
    });
  }
})();
