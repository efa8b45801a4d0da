// Fourier transforms.
Latentes.share(function (L) {
  "use strict";
  const plans = new Map();

  function plan(size) {
    if (!plans.has(size)) {
      const angles = Float64Array.from({ length: size }, (_, i) => (2 * Math.PI * i) / size);
      const cos = angles.map(Math.cos);
      const sin = angles.map((angle) => -Math.sin(angle));
      const order = new Uint32Array(size);
      for (let i = 1; i < size; i++) order[i] = (order[i >> 1] >> 1) | (i & 1 ? size >> 1 : 0);
      plans.set(size, { cos, sin, order });
    }
    return plans.get(size);
  }

  // In-place FFT; the length must be a power of two (Cooley and Tukey, 1965). Stages are done two
  // at a time, after a single one if their number is odd.
  L.fft = function (re, im) {
    const size = re.length;
    const { cos, sin, order } = plan(size);
    for (let i = 0; i < size; i++) {
      const j = order[i];
      if (j > i) {
        const x = re[i];
        const y = im[i];
        re[i] = re[j];
        im[i] = im[j];
        re[j] = x;
        im[j] = y;
      }
    }
    let half = 1;
    if (Math.log2(size) % 2) {
      for (let a = 0; a < size; a += 2) {
        const x = re[a + 1];
        const y = im[a + 1];
        re[a + 1] = re[a] - x;
        im[a + 1] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
      half = 2;
    }
    for (; half < size; half *= 4) {
      const step = size / (4 * half);
      for (let k = 0; k < half; k++) {
        const turn = k * step;
        const cos1 = cos[2 * turn];
        const sin1 = sin[2 * turn];
        const cos2 = cos[turn];
        const sin2 = sin[turn];
        const cos3 = cos[3 * turn];
        const sin3 = sin[3 * turn];
        for (let a = k; a < size; a += 4 * half) {
          const b = a + half;
          const c = b + half;
          const d = c + half;
          const x1 = re[b] * cos1 - im[b] * sin1;
          const y1 = re[b] * sin1 + im[b] * cos1;
          const x2 = re[c] * cos2 - im[c] * sin2;
          const y2 = re[c] * sin2 + im[c] * cos2;
          const x3 = re[d] * cos3 - im[d] * sin3;
          const y3 = re[d] * sin3 + im[d] * cos3;
          const x0 = re[a];
          const y0 = im[a];
          re[a] = x0 + x1 + (x2 + x3);
          im[a] = y0 + y1 + (y2 + y3);
          re[b] = x0 - x1 + (y2 - y3);
          im[b] = y0 - y1 - (x2 - x3);
          re[c] = x0 + x1 - (x2 + x3);
          im[c] = y0 + y1 - (y2 + y3);
          re[d] = x0 - x1 - (y2 - y3);
          im[d] = y0 - y1 + (x2 - x3);
        }
      }
    }
  };

  // |STFT| with a Hann window and centred frames, reflect-padded; calls each(frame, magnitudes) for
  // all frames, or those from `first` up to `end`.
  L.stft = function (samples, size, hop, each, first = 0, end = Infinity) {
    const window = new Float64Array(size);
    for (let i = 0; i < size; i++) window[i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    const magnitudes = new Float64Array(size / 2 + 1);
    const last = samples.length - 1;
    const count = 1 + Math.floor(samples.length / hop);
    for (let frame = first; frame < Math.min(end, count); frame++) {
      for (let i = 0; i < size; i++) {
        let at = frame * hop + i - size / 2;
        if (at < 0) at = -at;
        if (at > last) at = 2 * last - at;
        re[i] = at >= 0 && at <= last ? samples[at] * window[i] : 0;
        im[i] = 0;
      }
      L.fft(re, im);
      for (let k = 0; k <= size / 2; k++) magnitudes[k] = Math.sqrt(re[k] ** 2 + im[k] ** 2);
      each(frame, magnitudes);
    }
  };
});
