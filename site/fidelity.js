// Fidelity and loudness, as in evaluation/fidelity.py, audio/spectrum.py and ITU-R BS.1770.
Latentes.share(function (L) {
  "use strict";

  // Signal-to-noise ratio in dB.
  L.snr = function (original, other) {
    let signal = 0;
    let noise = 0;
    for (let i = 0; i < original.length; i++) {
      signal += original[i] ** 2;
      noise += (original[i] - other[i]) ** 2;
    }
    return 10 * Math.log10(Math.max(signal, 1e-10) / Math.max(noise, 1e-10));
  };

  const WINDOW = 1024;
  const HOP = 256;
  const BANDS = 80;
  const FLOOR = 1e-5;
  const QUIET = 1 / 32768; // peak below which a sound is silence

  // Slaney's mel scale: linear up to 1 kHz, logarithmic above (Auditory Toolbox, 1998).
  const STEP = Math.log(6.4) / 27;
  const mel = (hz) => (hz < 1000 ? (3 * hz) / 200 : 15 + Math.log(hz / 1000) / STEP);
  const hertz = (m) => (m < 15 ? (200 * m) / 3 : 1000 * Math.exp(STEP * (m - 15)));

  // Triangular mel filters of unit area, each as its first bin and its weights.
  function melFilters(rate) {
    const top = mel(rate / 2);
    const edges = Array.from({ length: BANDS + 2 }, (_, i) => hertz((top * i) / (BANDS + 1)));
    const bin = rate / WINDOW;
    return Array.from({ length: BANDS }, function (_, band) {
      const [low, centre, high] = edges.slice(band, band + 3);
      const first = Math.ceil(low / bin);
      const weights = [];
      for (let k = first; k * bin <= high && k <= WINDOW / 2; k++) {
        const rise = (k * bin - low) / (centre - low);
        const fall = (high - k * bin) / (high - centre);
        weights.push((Math.max(0, Math.min(rise, fall)) * 2) / (high - low));
      }
      return { first, weights };
    });
  }

  // Write the bands' magnitudes into `out` from index `to`.
  function melBands(filters, magnitudes, out, to) {
    for (let band = 0; band < BANDS; band++) {
      const { first, weights } = filters[band];
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * magnitudes[first + i];
      out[to + band] = sum;
    }
  }

  L.mel = { WINDOW, HOP, BANDS, FLOOR, melFilters, melBands };

  L.logMel = function (samples) {
    const filters = melFilters(L.rate);
    const values = new Float64Array(BANDS * (1 + Math.floor(samples.length / HOP)));
    L.stft(samples, WINDOW, HOP, (frame, magnitudes) =>
      melBands(filters, magnitudes, values, frame * BANDS));
    return values.map((value) => Math.log10(Math.max(value, FLOOR)));
  };

  const distance = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;

  // Second-order (biquad) filter, direct form I.
  function biquad(samples, [b0, b1, b2, a0, a1, a2]) {
    const out = new Float64Array(samples.length);
    let x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i];
      const y = (b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2) / a0;
      [x2, x1, y2, y1] = [x1, x, y1, y];
      out[i] = y;
    }
    return out;
  }

  // K-weighting of BS.1770 at any sampling rate, with Bristow-Johnson's cookbook filters.
  function kWeighted(samples) {
    const A = Math.pow(10, 4 / 40);
    let omega = (2 * Math.PI * 1500) / L.rate;
    let cos = Math.cos(omega);
    let alpha = Math.sin(omega) / Math.SQRT2;
    const root = 2 * Math.sqrt(A) * alpha;
    const shelf = [
      A * (A + 1 + (A - 1) * cos + root), -2 * A * (A - 1 + (A + 1) * cos),
      A * (A + 1 + (A - 1) * cos - root), A + 1 - (A - 1) * cos + root,
      2 * (A - 1 - (A + 1) * cos), A + 1 - (A - 1) * cos - root,
    ];
    omega = (2 * Math.PI * 38) / L.rate;
    cos = Math.cos(omega);
    alpha = Math.sin(omega);
    const highPass = [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2, 1 + alpha, -2 * cos, 1 - alpha];
    return biquad(biquad(samples, shelf), highPass);
  }

  // Integrated loudness in LUFS, gated; null if the sound is silent or too short.
  L.loudness = function (samples) {
    const weighted = kWeighted(samples);
    const block = Math.round(0.4 * L.rate);
    const hop = 0.1 * L.rate;
    const powers = [];
    for (let n = 0; Math.round(n * hop) + block <= weighted.length; n++) {
      let sum = 0;
      const from = Math.round(n * hop);
      for (let i = from; i < from + block; i++) sum += weighted[i] ** 2;
      powers.push(sum / block);
    }
    const level = (power) => -0.691 + 10 * Math.log10(power);
    const loud = powers.filter((power) => level(power) > -70);
    if (!loud.length) return null;
    const gate = level(L.mean(loud)) - 10;
    return level(L.mean(loud.filter((power) => level(power) > gate)));
  };

  const peak = (samples) => L.peak(samples, 1e-9);

  // What a comparator shows of sounds, the first of which is the original, as
  // report/site/sound_files.py: gains in dB to the common loudness (`matched`) and of the residual
  // (null if there is none), loudness in LUFS, SNR in dB and log-mel distance.
  L.measure = function (sounds) {
    const [original] = sounds;
    const silence = peak(original) < QUIET;
    const spectrum = L.logMel(original);
    const levels = sounds.map(L.loudness);
    const target = levels[0];
    const gains = levels.map((level) =>
      level === null || target === null ? 0 : Math.min(40, target - level));
    const peaks = sounds.map((sound, i) => peak(sound) * Math.pow(10, gains[i] / 20));
    const attenuation = Math.min(0, 20 * Math.log10(0.99 / Math.max(0.99, ...peaks)));
    return sounds.map(function (sound, i) {
      const difference = original.map((value, n) => value - sound[n]);
      const silent = peak(difference) < QUIET;
      const level = silent ? null : L.loudness(difference);
      const wanted = level === null || target === null ? 0 : target - level + attenuation;
      return {
        matched: gains[i] + attenuation,
        residual: silent ? null : Math.min(wanted, 40, 20 * Math.log10(0.99 / peak(difference))),
        loudness: levels[i],
        snr: i && !silence ? L.snr(original, sound) : null,
        log_mel: i ? distance(spectrum, L.logMel(sound)) : null,
      };
    });
  };
});
