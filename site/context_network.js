// The context network, in the integer arithmetic of pipeline/coding/context_network.py.
Latentes.share(function (L) {
  "use strict";
  const [INPUTS, HIDDEN, SYMBOLS] = [22, 40, 16];
  const SPREAD = 2 ** 16 - SYMBOLS;
  const POWERS = Int32Array.from({ length: 256 }, (_, k) => Math.round(2 ** (16 - k / 256)));

  // W x + b with one row of weights per input, four outputs at a time; inputs of 0 are skipped.
  const values = new Int32Array(HIDDEN);
  const rows = new Int32Array(HIDDEN);
  function layer(x, weights, biases, outputs, sums) {
    let count = 0;
    for (let i = 0; i < x.length; i++) {
      values[count] = x[i];
      rows[count] = i * outputs;
      if (x[i]) count++;
    }
    for (let j = 0; j < outputs; j += 4) {
      let a = biases[j], b = biases[j + 1], c = biases[j + 2], d = biases[j + 3];
      for (let i = 0; i < count; i++) {
        const value = values[i];
        const at = rows[i] + j;
        a = (a + Math.imul(value, weights[at])) | 0;
        b = (b + Math.imul(value, weights[at + 1])) | 0;
        c = (c + Math.imul(value, weights[at + 2])) | 0;
        d = (d + Math.imul(value, weights[at + 3])) | 0;
      }
      sums[j] = a;
      sums[j + 1] = b;
      sums[j + 2] = c;
      sums[j + 3] = d;
    }
  }

  function rectify(sums, shift) {
    for (let i = 0; i < HIDDEN; i++) sums[i] = L.clamp(sums[i] >> shift, 0, 32767);
  }

  // A function of the inputs (22) that returns the frequencies of the symbols, with sum 2^16, in
  // an array it will reuse. `layers`: {weights: one row per output, biases, shift} of each layer.
  L.contextNetwork = function (layers) {
    const sizes = [INPUTS, HIDDEN, HIDDEN, SYMBOLS];
    const weights = layers.map((layer, n) => Int32Array.from(layer.weights, (_, at) =>
      layer.weights[(at % sizes[n + 1]) * sizes[n] + Math.floor(at / sizes[n + 1])]));
    const [first, second, third] = layers.map(({ biases }) => new Int32Array(biases.length));
    const counts = new Int32Array(SYMBOLS);
    const unit = 2 ** layers[2].shift;
    return function (inputs) {
      layer(inputs, weights[0], layers[0].biases, HIDDEN, first);
      rectify(first, layers[0].shift);
      layer(first, weights[1], layers[1].biases, HIDDEN, second);
      rectify(second, layers[1].shift);
      layer(second, weights[2], layers[2].biases, SYMBOLS, third);
      let best = third[0];
      for (let j = 1; j < SYMBOLS; j++) best = Math.max(best, third[j]);
      let total = 0;
      for (let j = 0; j < SYMBOLS; j++) {
        const below = Math.min(Math.floor((best - third[j]) / unit), 17 * 256);
        counts[j] = POWERS[below & 255] >> (below >> 8);
        total += counts[j];
      }
      let left = SPREAD;
      let largest = 0;
      for (let j = 0; j < SYMBOLS; j++) {
        const share = Math.floor((SPREAD * counts[j]) / total);
        counts[j] = 1 + share;
        left -= share;
        if (counts[j] > counts[largest]) largest = j;
      }
      counts[largest] += left;
      return counts;
    };
  };
  L.contextNetwork.INPUTS = INPUTS;
  L.contextNetwork.ESCAPE = SYMBOLS - 1;
});
