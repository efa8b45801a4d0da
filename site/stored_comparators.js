// The comparators of a page's songs, whose versions the site keeps.
(function () {
  "use strict";
  const L = window.Latentes;

  // The versions of a song that the site keeps, its sounds in scripts of their own.
  const stored = (version) => ({
    ...version,
    samples: async function () {
      const lowered = L.ratio(-version.matched);
      return (await L.sound(version.key)).map((value) => value * lowered);
    },
  });

  const boxes = document.querySelectorAll(".comparador[data-cancion]");
  if (boxes.length) {
    L.load("datos/canciones.js", "canciones").then(function ([songs]) {
      for (const box of boxes) {
        for (const fold of box.querySelectorAll("details")) fold.open = false;
        box.comparator = new L.Comparator(box, songs[box.dataset.cancion].map(stored));
      }
    });
  }
})();
