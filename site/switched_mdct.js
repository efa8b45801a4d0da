// MDCT with adaptive block switching, equal to pipeline/models/adaptive/switched_mdct.py.
(function () {
  "use strict";
  const L = window.Latentes;
  const FRAME = 2048;

  // Orthonormal DCT-IV by a complex FFT of half its length; it is its own inverse.
  function dct(x) {
    const length = x.length;
    const half = length / 2;
    const re = new Float64Array(half);
    const im = new Float64Array(half);
    const rotate = (i, a, b) => {
      const angle = (-Math.PI * (8 * i + 1)) / (8 * length);
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      re[i] = a * cos - b * sin;
      im[i] = a * sin + b * cos;
    };
    for (let i = 0; i < half; i++) rotate(i, x[2 * i], x[length - 1 - 2 * i]);
    L.fft(re, im);
    const scale = Math.sqrt(2 / length);
    const out = new Float64Array(length);
    for (let i = 0; i < half; i++) {
      rotate(i, re[i], im[i]);
      out[2 * i] = scale * re[i];
      out[length - 1 - 2 * i] = -scale * im[i];
    }
    return out;
  }

  // Rotate pairs of samples around every block border: direction 1 folds, -1 unfolds.
  function fold(clip, splits, windowAngles, direction) {
    const border = (at, split) => {
      const reach = (FRAME >> split) / 2;
      for (let j = 0; j < reach; j++) {
        const u = 0.5 + (j + 0.5) / (2 * reach);
        let angle = u;
        for (let k = 1; k <= 4; k++) {
          angle += windowAngles[4 * split + k - 1] * Math.sin(2 * Math.PI * k * u);
        }
        const near = Math.sin((Math.PI / 2) * angle);
        const far = direction * Math.cos((Math.PI / 2) * angle);
        const [a, b] = [clip[at - 1 - j], clip[at + j]];
        clip[at - 1 - j] = near * a - far * b;
        clip[at + j] = near * b + far * a;
      }
    };
    splits.forEach(function (split, m) {
      if (m) border(m * FRAME, Math.max(split, splits[m - 1]));
      const block = FRAME >> split;
      for (let at = block; at < FRAME; at += block) border(m * FRAME + at, split);
    });
  }

  function analyse(clip, splits, windowAngles) {
    const folded = Float64Array.from(clip);
    const out = new Float64Array(clip.length);
    fold(folded, splits, windowAngles, 1);
    splits.forEach(function (split, m) {
      const n = 1 << split;
      for (let b = 0; b < n; b++) {
        const from = m * FRAME + (b * FRAME) / n;
        dct(folded.subarray(from, from + FRAME / n)).forEach((value, bin) => {
          out[m * FRAME + bin * n + b] = value;
        });
      }
    });
    return out;
  }

  function synthesise(coefficients, splits, windowAngles) {
    const clip = new Float64Array(coefficients.length);
    splits.forEach(function (split, m) {
      const n = 1 << split;
      for (let b = 0; b < n; b++) {
        const bins = Float64Array.from({ length: FRAME / n }, (_, bin) =>
          coefficients[m * FRAME + bin * n + b]);
        clip.set(dct(bins), m * FRAME + (b * FRAME) / n);
      }
    });
    fold(clip, splits, windowAngles, -1);
    return clip;
  }

  L.switchedMdct = { FRAME, analyse, synthesise };
})();
