// Drawings of sounds: waveform and spectrogram.
(function () {
  "use strict";
  const L = Latentes;

  // Colour map of even lightness, the same in both colour schemes and in
  // report/site/spectrogram_image.py.
  const COLOUR_STOPS = [
    [12, 16, 28], [24, 44, 84], [18, 96, 116], [48, 150, 116], [188, 186, 92], [252, 240, 200],
  ];
  const palette = Array.from({ length: 256 }, (_, level) => {
    const place = (level / 255) * (COLOUR_STOPS.length - 1);
    const low = Math.min(Math.floor(place), COLOUR_STOPS.length - 2);
    const next = COLOUR_STOPS[low + 1];
    return COLOUR_STOPS[low].map((value, i) => value + (place - low) * (next[i] - value));
  });

  const FFT_SIZE = 1024;
  const FLOOR_DB = -80;
  const COLUMNS_AT_ONCE = 64;
  const LOWEST = 50; // Hz
  const HEIGHT = 240;

  // Height of a frequency in Hz on the logarithmic axis, from 0 at the bottom to 1 at the top.
  L.heightOf = (frequency) => Math.log(frequency / LOWEST) / Math.log(L.rate / 2 / LOWEST);

  // A triangular filter of FFT bins per row, from the top: [first bin, its weight, …].
  let filters = null;
  function rowFilters() {
    const ratio = L.rate / 2 / LOWEST;
    return Array.from({ length: HEIGHT }, function (_, row) {
      const centre = (FFT_SIZE / 2) * ratio ** -((row + 0.5) / HEIGHT);
      const half = Math.max(2, (centre * Math.log(ratio)) / HEIGHT);
      const first = Math.max(0, Math.ceil(centre - half));
      const last = Math.min(FFT_SIZE / 2, Math.floor(centre + half));
      const weights = [];
      for (let k = first; k <= last; k++) weights.push(1 - Math.abs(k - centre) / half);
      const sum = L.sum(weights);
      return [first, ...weights.map((weight) => weight / sum)];
    });
  }

  // Draw a spectrogram on a new canvas, from -80 to 0 dB relative to `top`: a few columns at a time,
  // so that the page keeps answering; its promise `drawn` resolves after the last.
  L.spectrogram = function (samples, top) {
    filters = filters || rowFilters();
    const hop = Math.max(1, Math.round(samples.length / 700));
    const picture = document.createElement("canvas");
    picture.width = 1 + Math.floor(samples.length / hop);
    picture.height = HEIGHT;
    const context = picture.getContext("2d");
    const image = context.createImageData(picture.width, HEIGHT);
    const drawColumn = function (frame, magnitudes) {
      for (let row = 0; row < HEIGHT; row++) {
        const filter = filters[row];
        let sum = 0;
        for (let i = 1; i < filter.length; i++) sum += filter[i] * magnitudes[filter[0] + i - 1];
        const decibels = 20 * Math.log10(Math.max(sum / top, 1e-9));
        const level = Math.round(255 * L.clamp(1 - decibels / FLOOR_DB, 0, 1));
        const at = 4 * (row * picture.width + frame);
        image.data.set(palette[level], at);
        image.data[at + 3] = 255;
      }
    };
    picture.drawn = (async function () {
      for (let first = 0; first < picture.width; first += COLUMNS_AT_ONCE) {
        await L.pause();
        L.stft(samples, FFT_SIZE, hop, drawColumn, first, first + COLUMNS_AT_ONCE);
      }
      context.putImageData(image, 0, 0);
    })();
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

  // Show a spectrogram when it is drawn; until then, or if another is to be shown, what was there.
  L.drawImage = async function (canvas, picture) {
    canvas.picture = picture;
    await picture.drawn;
    if (canvas.picture !== picture) return;
    const { context, width, height } = L.fitCanvas(canvas);
    context.drawImage(picture, 0, 0, width, height);
  };
})();
