// Fourier transforms, and drawings of sounds: waveform and spectrogram.
(function () {
  "use strict";
  const L = window.Latentes;
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

  // |STFT| with a Hann window and centred frames, reflect-padded; calls each(frame, magnitudes).
  L.stft = function (samples, size, hop, each) {
    const window = new Float64Array(size);
    for (let i = 0; i < size; i++) window[i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    const magnitudes = new Float64Array(size / 2 + 1);
    const last = samples.length - 1;
    const count = 1 + Math.floor(samples.length / hop);
    for (let frame = 0; frame < count; frame++) {
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
    return count;
  };

  // Colour map of even lightness, the same in both colour schemes.
  const COLOUR_STOPS = [
    [12, 16, 28], [24, 44, 84], [18, 96, 116], [48, 150, 116], [188, 186, 92], [252, 240, 200],
  ];
  const palette = Array.from({ length: 256 }, (_, level) => {
    const place = (level / 255) * (COLOUR_STOPS.length - 1);
    const low = Math.min(Math.floor(place), COLOUR_STOPS.length - 2);
    const next = COLOUR_STOPS[low + 1];
    return COLOUR_STOPS[low].map((value, i) => value + (place - low) * (next[i] - value));
  });

  const FFT_SIZE = 512;
  const FLOOR_DB = -80;

  // Draw a spectrogram on a new canvas, from -80 to 0 dB relative to `top`.
  L.spectrogram = function (samples, top) {
    const hop = Math.max(1, Math.round(samples.length / 700));
    const picture = document.createElement("canvas");
    picture.width = 1 + Math.floor(samples.length / hop);
    picture.height = FFT_SIZE / 2;
    const context = picture.getContext("2d");
    const image = context.createImageData(picture.width, picture.height);
    L.stft(samples, FFT_SIZE, hop, function (frame, magnitudes) {
      for (let k = 0; k < picture.height; k++) {
        const decibels = 20 * Math.log10(Math.max(magnitudes[k + 1] / top, 1e-9));
        const level = Math.round(255 * Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB)));
        const at = 4 * ((picture.height - 1 - k) * picture.width + frame);
        image.data.set(palette[level], at);
        image.data[at + 3] = 255;
      }
    });
    context.putImageData(image, 0, 0);
    return picture;
  };

  L.loudestBin = function (samples) {
    let top = 1e-6;
    L.stft(samples, FFT_SIZE, FFT_SIZE, (frame, magnitudes) => {
      for (const value of magnitudes) if (value > top) top = value;
    });
    return top;
  };

  // Resize a canvas to its box in device pixels; return its context, width and height.
  L.fitCanvas = function (canvas) {
    const scale = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * scale));
    const height = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    return { context: canvas.getContext("2d"), width, height };
  };

  // Draw the minimum and maximum sample of each column; `peak` reaches the edge.
  L.drawWaveform = function (canvas, samples, peak) {
    const { context, width, height } = L.fitCanvas(canvas);
    context.clearRect(0, 0, width, height);
    context.fillStyle = L.cssColour("--acento");
    for (let x = 0; x < width; x++) {
      const from = Math.floor((x * samples.length) / width);
      const to = Math.max(from + 1, Math.floor(((x + 1) * samples.length) / width));
      let low = 0;
      let high = 0;
      for (let i = from; i < to; i++) {
        if (samples[i] < low) low = samples[i];
        if (samples[i] > high) high = samples[i];
      }
      const top = (1 - Math.min(1, high / peak)) * (height / 2);
      const bottom = (1 + Math.min(1, -low / peak)) * (height / 2);
      context.fillRect(x, top, 1, Math.max(1, bottom - top));
    }
  };

  L.drawImage = function (canvas, picture) {
    const { context, width, height } = L.fitCanvas(canvas);
    context.drawImage(picture, 0, 0, width, height);
  };
})();
