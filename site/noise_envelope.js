// Noise in place of dropped coefficients, with an envelope of a few levels; equal to
// pipeline/models/adaptive/noise_envelope.py.
Latentes.share(function (L) {
  "use strict";
  const { FRAME } = L.switchedMdct;
  const CELL = 16;
  const CELLS = FRAME / CELL;
  const FLOOR = -20;
  const CEILING = 4;

  const { clamp } = L;
  const log2 = (x) => Math.log2(Math.max(x, 1e-14));

  // The band of each cell of a superframe.
  L.bandOfCell = function (bands) {
    const band = [];
    for (let b = 1, low = 0; b <= bands; b++) {
      const edge = L.roundHalfEven(((Math.pow(17, b / bands) - 1) / 16) * CELLS);
      const high = clamp(edge, low + 1, CELLS - bands + b);
      for (; low < high; low++) band.push(b - 1);
    }
    return band;
  };

  // The envelope of `superframes` superframes, with a row of levels for each `framesPerRow`. The
  // corrections are functions of planes that return a plane: the coder and the restorer network.
  L.noiseEnvelope = function (superframes, bands, framesPerRow) {
    const rows = Math.ceil(superframes / framesPerRow);
    const band = L.bandOfCell(bands);
    const cells = (each) => Float64Array.from({ length: superframes * CELLS }, (_, i) =>
      each(i, Math.floor(i / CELLS), i % CELLS));
    const within = (values) => cells((i) => {
      let sum = 0;
      for (let j = i * CELL; j < (i + 1) * CELL; j++) sum += values(j);
      return sum;
    });
    const row = (m, c) => Math.floor(m / framesPerRow) * bands + band[c];
    const spread = (levels) => cells((i, m, c) => levels[row(m, c)]);
    const gather = (values) => {
      const sum = new Float64Array(rows * bands);
      values.forEach((value, i) => (sum[row(Math.floor(i / CELLS), i % CELLS)] += value));
      return sum;
    };

    function planes(envelope, droppedCounts, splits) {
      const total = L.sum(droppedCounts);
      const energy = droppedCounts.reduce((sum, count, i) =>
        sum + count * Math.pow(4, envelope[i]), 0);
      const mean = log2(energy / Math.max(total, 1)) / 2;
      return [
        envelope.map((value) => value / 8 + 1), envelope.map((value) => (value - mean) / 4),
        droppedCounts.map((count) => count / CELL), cells((i, m) => splits[m] / 4),
        cells((i, m, c) => c / CELLS),
      ];
    }

    return {
      rows,
      // Levels of the coefficients X that are not kept; without a correction, the closed form.
      levelsOf(X, kept, splits, correct) {
        const droppedCounts = within((j) => (kept[j] ? 0 : 1));
        const root = within((j) => (kept[j] ? 1e-10 : Math.sqrt(Math.max(Math.abs(X[j]), 1e-20))));
        const count = gather(droppedCounts);
        const start = gather(root).map((total, i) =>
          clamp(2 * log2(total / Math.max(count[i], 1)), FLOOR, CEILING));
        if (!correct) return start;
        const square = within((j) => (kept[j] ? 0 : X[j] * X[j]));
        const envelope = spread(start);
        const inputs = planes(envelope, droppedCounts, splits);
        for (const mean of [
          (i, n) => 2 * log2(root[i] / n), (i, n) => log2(square[i] / n) / 2,
        ]) {
          inputs.push(envelope.map((value, i) =>
            (clamp(mean(i, Math.max(droppedCounts[i], 1)), FLOOR, CEILING) - value) / 4));
        }
        const correction = gather(correct(inputs));
        const every = gather(cells(() => 1));
        return start.map((value, i) => clamp(value + correction[i] / every[i], FLOOR, CEILING));
      },
      // Noise with these levels where X is not kept, zero elsewhere.
      noiseOf(X, kept, splits, levels, restore) {
        const envelope = spread(levels.map((value) => clamp(value, FLOOR, CEILING)));
        const droppedCounts = within((j) => (kept[j] ? 0 : 1));
        const square = within((j) => X[j] * X[j]);
        const inputs = planes(envelope, droppedCounts, splits);
        inputs.push(envelope.map(function (value, i) {
          const keptLevel = log2(square[i] / Math.max(CELL - droppedCounts[i], 1)) / 2;
          return clamp(clamp(keptLevel, FLOOR, CEILING) - value, -8, 8) / 4;
        }));
        const correction = restore(inputs);
        const amplitudes = envelope.map((value, i) =>
          Math.pow(2, clamp(value + correction[i], FLOOR, CEILING)));
        const noise = new Float64Array(X.length);
        for (let k = 0; k < X.length; k++) {
          if (kept[k]) continue;
          let h = Math.imul(k ^ (k >>> 16), 0x7feb352d);
          h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
          h ^= h >>> 16;
          noise[k] = amplitudes[k >> 4] * (h & 1 ? -1 : 1);
        }
        return noise;
      },
    };
  };
});
