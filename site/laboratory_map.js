// The laboratory's map: a point on it mixes the nearest songs, by inverse squared distance.
(function () {
  "use strict";
  const L = Latentes;
  const NEIGHBOURS = 4;

  // `onMix` is called with the songs near a point that was chosen, {key, weight}; their weights
  // add up to 1. Resolves to draw(shares, keep): the share of each key in the mix, and whether the
  // chosen point is still what is mixed.
  L.songMap = async function (canvas, vector, titleOf, onMix) {
    const loaded = [L.load("datos/mapa.js", "mapa"), L.coordinates(vector)];
    const [[{ clips }], places] = await Promise.all(loaded);
    const audible = clips.flatMap(([, , key], i) =>
      key ? [{ key, x: places[3 * i], y: places[3 * i + 1] }] : []);
    const span = (axis) => {
      const values = audible.map((song) => song[axis]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return (value) => 0.06 + (0.88 * (value - low)) / (high - low || 1);
    };
    const [across, up] = [span("x"), span("y")];
    const spots = audible.map(({ key, x, y }) => ({ key, x: across(x), y: 1 - up(y) }))
      .sort((a, b) => a.y - b.y);
    let cursor = null;
    let drawn = new Map();

    // Songs of the mix are larger with their share, and have their title.
    function draw() {
      const { context, width, height } = L.fitCanvas(canvas);
      const pixelRatio = window.devicePixelRatio || 1;
      const [ink, accent, faint] = ["--tinta", "--acento", "--suave"].map(L.cssColour);
      const disc = function (x, y, radius) {
        context.beginPath();
        context.arc(x * width, y * height, radius * pixelRatio, 0, 2 * Math.PI);
      };
      context.clearRect(0, 0, width, height);
      context.font = `${13 * pixelRatio}px ${L.cssColour("--sans")}`;
      context.lineWidth = 4 * pixelRatio;
      context.lineJoin = "round";
      context.strokeStyle = L.cssColour("--papel");
      let lowest = 0; // baseline of the last title
      for (const { key, x, y } of spots) {
        const share = drawn.get(key);
        context.fillStyle = share ? accent : faint;
        disc(x, y, share ? 5 + 9 * share : 4);
        context.fill();
        if (!share) continue;
        context.fillStyle = ink;
        context.textAlign = x > 0.5 ? "right" : "left";
        lowest = Math.max(y * height + 4 * pixelRatio, lowest + 15 * pixelRatio);
        const place = [x * width + (x > 0.5 ? -16 : 16) * pixelRatio, lowest];
        context.strokeText(titleOf(key), ...place);
        context.fillText(titleOf(key), ...place);
      }
      if (!cursor) return;
      context.strokeStyle = ink;
      context.lineWidth = 2.5 * pixelRatio;
      disc(...cursor, 10);
      context.stroke();
    }

    function choose(x, y) {
      cursor = [x, y].map((value) => L.clamp(value, 0, 1));
      const near = spots.map((spot) => ({ key: spot.key,
        weight: 1 / (1e-4 + (spot.x - cursor[0]) ** 2 + (spot.y - cursor[1]) ** 2) }))
        .sort((a, b) => b.weight - a.weight).slice(0, NEIGHBOURS);
      const sum = near.reduce((all, one) => all + one.weight, 0);
      onMix(near.map(({ key, weight }) => ({ key, weight: weight / sum })));
    }

    L.onDrag(canvas, choose);
    L.on(canvas, "keydown", function (event) {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      const [x, y] = cursor || [0.5, 0.5];
      choose(x + 0.03 * step[0], y + 0.03 * step[1]);
    });
    L.keepDrawn(canvas, draw);
    return function (shares, keep) {
      drawn = shares;
      if (!keep) cursor = null;
      draw();
    };
  };
})();
