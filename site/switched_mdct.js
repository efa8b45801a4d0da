// MDCT with adaptive block switching, equal to pipeline/models/adaptive/switched_mdct.py.
Latentes.share(function (L) {
  "use strict";
  const FRAME = 2048;
  const plans = new Map();

  function plan(length) {
    if (!plans.has(length)) {
      const half = length / 2;
      const [cos, sin, re, im] = [0, 1, 2, 3].map(() => new Float64Array(half));
      for (let i = 0; i < half; i++) {
        const angle = (-Math.PI * (8 * i + 1)) / (8 * length);
        cos[i] = Math.cos(angle);
        sin[i] = Math.sin(angle);
      }
      plans.set(length, { cos, sin, re, im, scale: Math.sqrt(2 / length) });
    }
    return plans.get(length);
  }

  // Orthonormal DCT-IV by a complex FFT of half its length; it is its own inverse. It reads every
  // `step` values of `x` from `at`, and writes every `stride` values of `out` from `to`.
  function dct(length, x, at, step, out, to, stride) {
    const { cos, sin, re, im, scale } = plan(length);
    const half = length / 2;
    for (let i = 0; i < half; i++) {
      const a = x[at + 2 * i * step];
      const b = x[at + (length - 1 - 2 * i) * step];
      re[i] = a * cos[i] - b * sin[i];
      im[i] = a * sin[i] + b * cos[i];
    }
    L.fft(re, im);
    for (let i = 0; i < half; i++) {
      out[to + 2 * i * stride] = scale * (re[i] * cos[i] - im[i] * sin[i]);
      out[to + (length - 1 - 2 * i) * stride] = -scale * (re[i] * sin[i] + im[i] * cos[i]);
    }
  }

  // Sine and cosine of the rotations at a border, nearest pair first, for each split.
  function rotations(windowAngles) {
    return Array.from({ length: 5 }, function (_, split) {
      const reach = (FRAME >> split) / 2;
      const angles = Float64Array.from({ length: reach }, function (_, j) {
        const u = 0.5 + (j + 0.5) / (2 * reach);
        let angle = u;
        for (let k = 1; k <= 4; k++) {
          angle += windowAngles[4 * split + k - 1] * Math.sin(2 * Math.PI * k * u);
        }
        return (Math.PI / 2) * angle;
      });
      return [angles.map(Math.sin), angles.map(Math.cos)];
    });
  }

  L.switchedMdct = function (windowAngles) {
    const tables = rotations(windowAngles);

    // Rotate pairs of samples around every block border: direction 1 folds, -1 unfolds.
    function fold(clip, splits, direction) {
      const border = (at, split) => {
        const [near, far] = tables[split];
        for (let j = 0; j < near.length; j++) {
          const a = clip[at - 1 - j];
          const b = clip[at + j];
          clip[at - 1 - j] = near[j] * a - direction * far[j] * b;
          clip[at + j] = near[j] * b + direction * far[j] * a;
        }
      };
      splits.forEach(function (split, m) {
        if (m) border(m * FRAME, Math.max(split, splits[m - 1]));
        const block = FRAME >> split;
        for (let at = block; at < FRAME; at += block) border(m * FRAME + at, split);
      });
    }

    return {
      // Changes `clip`.
      analyse(clip, splits, out = new Float64Array(clip.length)) {
        fold(clip, splits, 1);
        splits.forEach(function (split, m) {
          const [n, block] = [1 << split, FRAME >> split];
          for (let b = 0; b < n; b++) {
            dct(block, clip, m * FRAME + b * block, 1, out, m * FRAME + b, n);
          }
        });
        return out;
      },
      synthesise(coefficients, splits, out = new Float64Array(coefficients.length)) {
        splits.forEach(function (split, m) {
          const [n, block] = [1 << split, FRAME >> split];
          for (let b = 0; b < n; b++) {
            dct(block, coefficients, m * FRAME + b, n, out, m * FRAME + b * block, 1);
          }
        });
        fold(out, splits, -1);
        return out;
      },
    };
  };
  L.switchedMdct.FRAME = FRAME;
});
