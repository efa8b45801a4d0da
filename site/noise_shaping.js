// Brings the noise of an adaptive model closer to a log-mel spectrogram by steps of gradient
// descent, equal to pipeline/models/adaptive/noise_shaping.py.
Latentes.share(function (L) {
  "use strict";
  const { WINDOW, HOP, BANDS, FLOOR, melFilters, melBands } = L.mel;
  const HALF = WINDOW / 2;
  const CELL = 16;
  const STEPS = 12;
  const [FIRST_STEP, LAST_STEP] = [0.38, 0.04];
  const INITIAL_NOISE = 0.7;
  const SMOOTHING = 0.08;
  const WEIGHT = 3.8;
  const DROPPED_ENERGY = 3;
  const DECIBELS = 20 / Math.LN10;

  const hann = Float64Array.from({ length: WINDOW }, (_, i) =>
    0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));

  // A function that returns the gradient of the smoothed mean |log-mel - target| over every second
  // frame, from frame `first`, for a clip of `samples`; it ends in zeros, up to `length`.
  // Two real frames are transformed as one complex one.
  function melGradient(samples, length, target, filters) {
    const frames = target.length / BANDS;
    const padded = new Float64Array(samples + WINDOW);
    const slopes = new Float64Array(length + WINDOW);
    const [re, im] = [new Float64Array(WINDOW), new Float64Array(WINDOW)];
    // Real and imaginary part of each frame's spectrum, its magnitudes, their gradient.
    const both = [0, 1].map(() => [0, 1, 2, 3].map(() => new Float64Array(HALF + 1)));
    const mel = new Float64Array(BANDS);

    function differentiate([a, b, magnitudes, slope], frame, share) {
      for (let k = 0; k <= HALF; k++) magnitudes[k] = Math.sqrt(a[k] * a[k] + b[k] * b[k]);
      melBands(filters, magnitudes, mel, 0);
      slope.fill(0);
      for (let band = 0; band < BANDS; band++) {
        if (mel[band] <= FLOOR) continue;
        const far = Math.log10(mel[band]) - target[frame * BANDS + band];
        const each = (share * far) / (Math.sqrt(far * far + SMOOTHING * SMOOTHING) * mel[band]);
        const { first, weights } = filters[band];
        for (let i = 0; i < weights.length; i++) slope[first + i] += each * weights[i];
      }
      for (let k = 0; k <= HALF; k++) slope[k] /= magnitudes[k] + 1e-12;
    }

    return function (clip, first) {
      padded.set(clip, HALF);
      for (let j = 0; j < HALF; j++) {
        padded[HALF - 1 - j] = clip[1 + j];
        padded[HALF + samples + j] = clip[samples - 2 - j];
      }
      const count = Math.ceil((frames - first) / 2);
      const share = 1 / (count * BANDS * Math.LN10);
      slopes.fill(0);
      for (let n = 0; n < count; n += 2) {
        const from = first * HOP + n * HALF;
        const pair = n + 1 < count;
        for (let i = 0; i < WINDOW; i++) {
          re[i] = padded[from + i] * hann[i];
          im[i] = pair ? padded[from + HALF + i] * hann[i] : 0;
        }
        L.fft(re, im);
        const [[reA, imA], [reB, imB]] = both;
        for (let k = 0; k <= HALF; k++) {
          const m = (WINDOW - k) & (WINDOW - 1);
          reA[k] = (re[k] + re[m]) / 2;
          imA[k] = (im[k] - im[m]) / 2;
          reB[k] = (im[k] + im[m]) / 2;
          imB[k] = (re[m] - re[k]) / 2;
        }
        differentiate(both[0], first + 2 * n, share);
        if (pair) differentiate(both[1], first + 2 * (n + 1), share);
        else both[1][3].fill(0);
        const [slopeA, slopeB] = [both[0][3], both[1][3]];
        for (let k = 0; k <= HALF; k++) {
          const m = (WINDOW - k) & (WINDOW - 1);
          const half = k === m ? 1 : 0.5;
          const a = half * slopeA[k];
          const b = half * slopeB[k];
          re[k] = a * reA[k] - b * imB[k];
          im[k] = a * imA[k] + b * reB[k];
          re[m] = a * reA[k] + b * imB[k];
          im[m] = b * reB[k] - a * imA[k];
        }
        L.fft(im, re); // with the parts exchanged, the inverse transform
        for (let i = 0; i < WINDOW; i++) {
          slopes[from + i] += re[i] * hann[i];
          if (pair) slopes[from + HALF + i] += im[i] * hann[i];
        }
      }
      // The ends were mirrored.
      for (let j = 0; j < HALF; j++) {
        slopes[HALF + 1 + j] += slopes[HALF - 1 - j];
        slopes[HALF + samples - 2 - j] += slopes[HALF + samples + j];
      }
      return slopes.fill(0, HALF + samples).subarray(HALF, HALF + length);
    };
  }

  // Returns the shaped noise; where `noise` is zero, it remains zero.
  L.shapeNoise = function (mdct, atoms, noise, splits, target, error, samples, rate) {
    const gradientOf = melGradient(samples, noise.length, target, melFilters(rate));
    const [shaped, sum, clip, slope] = [0, 1, 2, 3].map(() => new Float64Array(noise.length));
    let dropped = 1e-12;
    for (let k = 0; k < noise.length; k++) {
      shaped[k] = INITIAL_NOISE * noise[k];
      dropped += DROPPED_ENERGY * noise[k] * noise[k];
    }
    for (let step = 0; step < STEPS; step++) {
      let energy = dropped;
      for (let k = 0; k < noise.length; k++) {
        sum[k] = atoms[k] + shaped[k];
        energy += shaped[k] * shaped[k];
      }
      mdct.synthesise(sum, splits, clip);
      mdct.analyse(gradientOf(clip.subarray(0, samples), step % 2), splits, slope);
      const weight = WEIGHT / error;
      const pull = DECIBELS / energy;
      const size = FIRST_STEP + ((LAST_STEP - FIRST_STEP) * step) / (STEPS - 1);
      for (let from = 0; from < noise.length; from += CELL) {
        let square = 0;
        for (let k = from; k < from + CELL; k++) {
          const gradient = Math.abs(noise[k]) * (weight * slope[k] + pull * shaped[k]);
          slope[k] = gradient;
          square += gradient * gradient;
        }
        const scale = size / (Math.sqrt(square / CELL) + 1e-20);
        for (let k = from; k < from + CELL; k++) shaped[k] -= scale * Math.abs(noise[k]) * slope[k];
      }
    }
    return shaped;
  };
});
