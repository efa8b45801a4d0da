// Predicts the original's log-mel spectrogram from what a latent vector holds, equal to
// pipeline/models/adaptive/mel_prediction.py.
Latentes.share(function (L) {
  "use strict";
  const { WINDOW, HOP, BANDS, FLOOR, melFilters, melBands } = L.mel;
  const PATCH = 4;
  const CELLS = 128;
  const HOPS_PER_FRAME = L.switchedMdct.FRAME / HOP;

  // Expected |STFT|² of noise with these magnitudes and random signs, as a function that fills
  // `power` (513) for frame t.
  function noisePower(noise) {
    const size = L.switchedMdct.FRAME / CELLS;
    const cells = new Float64Array(noise.length / size);
    for (let k = 0; k < noise.length; k++) cells[Math.floor(k / size)] += noise[k] ** 2 / size;
    const quarters = new Float64Array(4);
    for (let i = 0; i < WINDOW; i++) {
      quarters[Math.floor(i / HOP)] += (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW)) ** 2;
    }
    const last = (cells.length / CELLS) * HOPS_PER_FRAME - 1;
    const each = new Float64Array(CELLS);
    return function (t, power) {
      each.fill(0);
      for (let k = 0; k < 4; k++) {
        const hop = L.clamp(t + k - 2, 0, last);
        const from = Math.floor(hop / HOPS_PER_FRAME) * CELLS;
        for (let c = 0; c < CELLS; c++) each[c] += quarters[k] * cells[from + c];
      }
      const width = WINDOW / 2 / CELLS;
      const bin = (k) => each[Math.floor(L.clamp(k, 0, WINDOW / 2 - 1) / width)];
      // The window leaks into the next bins: |DFT|² of Hann's is 1/6, 2/3, 1/6.
      for (let k = 0; k <= WINDOW / 2; k++) power[k] = (bin(k - 1) + 4 * bin(k) + bin(k + 1)) / 6;
    };
  }

  // Log-mel, 80 values a frame. `kept` is the waveform of the atoms, `noise` the coefficients
  // between them.
  L.predictLogMel = function (kept, noise, splits, tensors, rate) {
    const filters = melFilters(rate);
    const noiseAt = noisePower(noise);
    const frames = 1 + Math.floor(kept.length / HOP);
    const [start, atoms, filled] = [0, 1, 2].map(() => new Float64Array(frames * BANDS));
    const power = new Float64Array(WINDOW / 2 + 1);
    const mean = new Float64Array(WINDOW / 2 + 1);
    L.stft(kept, WINDOW, HOP, function (t, magnitudes) {
      noiseAt(t, power);
      for (let k = 0; k <= WINDOW / 2; k++) {
        const square = magnitudes[k] ** 2;
        const share = power[k] / Math.max(power[k] + square, FLOOR ** 2);
        mean[k] = Math.sqrt(Math.max(square + power[k] * (0.5 + 0.2854 * share), FLOOR ** 2));
        power[k] = Math.sqrt(Math.max(power[k], FLOOR ** 2));
      }
      const to = t * BANDS;
      for (const [from, values] of [[mean, start], [magnitudes, atoms], [power, filled]]) {
        melBands(filters, from, values, to);
        for (let b = to; b < to + BANDS; b++) values[b] = Math.log10(Math.max(values[b], FLOOR));
      }
    });
    const level = L.mean(start);
    const columns = Math.ceil(frames / PATCH);
    const relative = (value) => 2.5 * L.clamp(value, -2, 1) + 1;
    const planes = [
      (i) => start[i] - level + 0.7,
      (i) => relative(atoms[i] - start[i]),
      (i) => relative(filled[i] - start[i]),
      (i, t, b) => -1.7 + (3.4 * b) / (BANDS - 1),
      (i, t) => 0.8 * splits[Math.min(splits.length - 1, Math.floor(t / HOPS_PER_FRAME))] - 1.2,
    ];
    const patches = planes.flatMap((value) => Array.from({ length: PATCH }, function (_, p) {
      const patch = new Float64Array(BANDS * columns);
      for (let t = p; t < frames; t += PATCH) {
        for (let b = 0; b < BANDS; b++) {
          patch[b * columns + (t - p) / PATCH] = value(t * BANDS + b, t, b);
        }
      }
      return patch;
    }));
    const corrections = L.correct(patches, columns, tensors, "predictor.network");
    return start.map(function (value, i) {
      const [t, b] = [Math.floor(i / BANDS), i % BANDS];
      return value + corrections[t % PATCH][b * columns + Math.floor(t / PATCH)];
    });
  };
});
