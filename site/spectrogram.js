// Fourier transforms, and pictures of sound: its outline and its spectrogram.
(function () {
  "use strict";
  const L = window.Latentes;
  const plans = new Map();

  function plan(size) {
    if (!plans.has(size)) {
      const cos = new Float64Array(size / 2);
      const sin = new Float64Array(size / 2);
      for (let i = 0; i < size / 2; i++) {
        cos[i] = Math.cos((2 * Math.PI * i) / size);
        sin[i] = -Math.sin((2 * Math.PI * i) / size);
      }
      const order = new Uint32Array(size);
      for (let i = 1; i < size; i++) order[i] = (order[i >> 1] >> 1) | (i & 1 ? size >> 1 : 0);
      plans.set(size, { cos, sin, order });
    }
    return plans.get(size);
  }

  // The discrete Fourier transform in place; the length is a power of two (Cooley and Tukey 1965).
  L.fourier = function (re, im) {
    const size = re.length;
    const { cos, sin, order } = plan(size);
    for (let i = 0; i < size; i++) {
      const j = order[i];
      if (j > i) {
        [re[i], re[j]] = [re[j], re[i]];
        [im[i], im[j]] = [im[j], im[i]];
      }
    }
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let block = 0; block < size; block += 2 * half) {
        for (let k = 0, turn = 0; k < half; k++, turn += step) {
          const a = block + k;
          const b = a + half;
          const x = re[b] * cos[turn] - im[b] * sin[turn];
          const y = re[b] * sin[turn] + im[b] * cos[turn];
          re[b] = re[a] - x;
          im[b] = im[a] - y;
          re[a] += x;
          im[a] += y;
        }
      }
    }
  };

  // |STFT| with a Hann window, centred frames, ends mirrored: calls each(frame, magnitudes).
  L.frames = function (samples, size, hop, each) {
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
      L.fourier(re, im);
      for (let k = 0; k <= size / 2; k++) magnitudes[k] = Math.hypot(re[k], im[k]);
      each(frame, magnitudes);
    }
    return count;
  };

  // From dark to bright, evenly in lightness; the same on both themes, like a photograph.
  const STOPS = [
    [12, 16, 28], [24, 44, 84], [18, 96, 116], [48, 150, 116], [188, 186, 92], [252, 240, 200],
  ];
  const palette = Array.from({ length: 256 }, (_, level) => {
    const place = (level / 255) * (STOPS.length - 1);
    const low = Math.min(Math.floor(place), STOPS.length - 2);
    return STOPS[low].map((value, i) => value + (place - low) * (STOPS[low + 1][i] - value));
  });

  const SIZE = 512;
  const FLOOR = -80;

  // A canvas with the spectrogram, 0 dB being `top` (the original's peak), 80 dB shown.
  L.spectrogram = function (samples, top) {
    const hop = Math.max(1, Math.round(samples.length / 700));
    const picture = document.createElement("canvas");
    picture.width = 1 + Math.floor(samples.length / hop);
    picture.height = SIZE / 2;
    const brush = picture.getContext("2d");
    const image = brush.createImageData(picture.width, picture.height);
    L.frames(samples, SIZE, hop, function (frame, magnitudes) {
      for (let k = 0; k < picture.height; k++) {
        const decibels = 20 * Math.log10(Math.max(magnitudes[k + 1] / top, 1e-9));
        const level = Math.round(255 * Math.min(1, Math.max(0, 1 - decibels / FLOOR)));
        const at = 4 * ((picture.height - 1 - k) * picture.width + frame);
        image.data.set(palette[level], at);
        image.data[at + 3] = 255;
      }
    });
    brush.putImageData(image, 0, 0);
    return picture;
  };

  L.loudestBin = function (samples) {
    let top = 1e-6;
    L.frames(samples, SIZE, SIZE, (frame, magnitudes) => {
      for (const value of magnitudes) if (value > top) top = value;
    });
    return top;
  };

  // Fit a canvas to its box at the screen's own resolution; its brush, width and height.
  L.fit = function (canvas) {
    const scale = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * scale));
    const height = Math.max(1, Math.round(canvas.clientHeight * scale));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    return { brush: canvas.getContext("2d"), width, height };
  };

  // The outline: from the lowest to the highest sample of each column, `peak` reaching the edge.
  L.drawOutline = function (canvas, samples, peak) {
    const { brush, width, height } = L.fit(canvas);
    brush.clearRect(0, 0, width, height);
    brush.fillStyle = L.colour("--acento");
    for (let x = 0; x < width; x++) {
      const from = Math.floor((x * samples.length) / width);
      const to = Math.max(from + 1, Math.floor(((x + 1) * samples.length) / width));
      let low = 0;
      let high = 0;
      for (let i = from; i < to; i++) {
        if (samples[i] < low) low = samples[i];
        if (samples[i] > high) high = samples[i];
      }
      const y = (1 - Math.min(1, high / peak)) * (height / 2);
      const foot = (1 + Math.min(1, -low / peak)) * (height / 2);
      brush.fillRect(x, y, 1, Math.max(1, foot - y));
    }
  };

  L.drawPicture = function (canvas, picture) {
    const { brush, width, height } = L.fit(canvas);
    brush.drawImage(picture, 0, 0, width, height);
  };
})();
