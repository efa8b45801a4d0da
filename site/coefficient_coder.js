// Codes the quantised coefficients of a segment, equal to pipeline/coding/coefficient_coder.py.
Latentes.share(function (L) {
  "use strict";
  const { FRAME } = L.switchedMdct;
  const { INPUTS, ESCAPE } = L.contextNetwork;
  const MAX_MAGNITUDE = 8191;
  const CELLS = 128;

  // About 32 · log2(1 + x / 16), linear between powers of two.
  function log2Fixed(sixteenths) {
    const value = sixteenths + 16;
    const exponent = 31 - Math.clz32(value);
    return 32 * (exponent - 4) + ((32 * (value - (1 << exponent))) >> exponent);
  }

  const TABLE = Int32Array.from({ length: MAX_MAGNITUDE + 1 }, (_, m) => log2Fixed(16 * m));
  const FREQUENCY = Int32Array.from({ length: FRAME }, (_, i) => log2Fixed(16 * (i + 7)) - 200);

  function mean(sums, from, to) {
    const low = Math.max(from, 0);
    const high = Math.min(to, FRAME);
    if (high <= low) return 0;
    return log2Fixed(Math.floor((64 * (sums[high] - sums[low])) / (high - low)));
  }

  // Visit the coded coefficients in order. `choose(at, frequencies)` returns the magnitude of
  // coefficient `at`; `frequencies()` is what the network predicts.
  // `side`: {splits, noise, steps, ends}, with noise and steps for each cell.
  L.walkCoefficients = function ({ splits, noise, steps, ends }, network, choose) {
    const found = new Int32Array(INPUTS);
    let [before, current] = [new Int32Array(FRAME), new Int32Array(FRAME)];
    let [second, beforeSums, sums] = [0, 1, 2].map(() => new Int32Array(FRAME + 1));
    let index, stride, row;

    function frequencies() {
      for (let d = 1; d <= 4; d++) found[d - 1] = index >= d ? TABLE[current[index - d]] : 0;
      found[4] = index >= stride ? TABLE[current[index - stride]] : 0;
      found[5] = index >= 2 * stride ? TABLE[current[index - 2 * stride]] : 0;
      found[6] = mean(sums, index - 16, index);
      found[7] = mean(sums, index - 64, index);
      for (let k = 0; k < 5; k++) {
        const near = index + k - 2;
        found[8 + k] = near >= 0 && near < FRAME ? TABLE[before[near]] : 0;
      }
      found[13] = mean(beforeSums, index - 8, index + 9);
      found[14] = mean(beforeSums, index - 40, index + 41);
      found[15] = mean(second, index - 1, index + 2);
      const cell = row * CELLS + (index >> 4);
      found[16] = noise[cell] - steps[cell];
      found[17] = (index >> 4) - 64;
      found[18] = FREQUENCY[index];
      found[19] = 16 * splits[row] - 32;
      found[20] = 16 * (row ? splits[row - 1] : 0) - 32;
      found[21] = steps[cell];
      return network(found);
    }

    for (row = 0; row < splits.length; row++) {
      stride = 1 << splits[row];
      current.fill(0);
      for (index = 0; index < FRAME; index++) {
        if (index < 16 * ends[row]) current[index] = choose(row * FRAME + index, frequencies);
        sums[index + 1] = sums[index] + current[index];
      }
      [before, current] = [current, before];
      [second, beforeSums, sums] = [beforeSums, sums, second];
    }
  };

  // An Exp-Golomb code.
  function encodeRest(coder, rest) {
    const bits = 31 - Math.clz32(rest + 1);
    for (let n = 0; n < bits; n++) coder.bits(0, 1);
    coder.bits(1, 1);
    if (bits) coder.bits(rest + 1 - 2 ** bits, bits);
  }

  function decodeRest(coder) {
    let bits = 0;
    while (bits < 13 && !coder.bits(1)) bits++;
    return 2 ** bits - 1 + (bits ? coder.bits(bits) : 0);
  }

  L.encodeCoefficients = function (values, side, network, coder) {
    L.walkCoefficients(side, network, function (at, frequencies) {
      const counts = frequencies();
      const magnitude = Math.abs(values[at]);
      const symbol = Math.min(magnitude, ESCAPE);
      let start = 0;
      for (let k = 0; k < symbol; k++) start += counts[k];
      coder.encode(start, counts[symbol]);
      if (symbol === ESCAPE) encodeRest(coder, magnitude - ESCAPE);
      if (magnitude) coder.bits(values[at] < 0 ? 1 : 0, 1);
      return magnitude;
    });
  };

  L.decodeCoefficients = function (side, network, coder) {
    const values = new Int32Array(side.splits.length * FRAME);
    L.walkCoefficients(side, network, function (at, frequencies) {
      const counts = frequencies();
      const target = coder.peek();
      let start = 0;
      let symbol = 0;
      while (symbol < ESCAPE && start + counts[symbol] <= target) start += counts[symbol++];
      coder.consume(start, counts[symbol]);
      const rest = symbol === ESCAPE ? decodeRest(coder) : 0;
      const magnitude = Math.min(symbol + rest, MAX_MAGNITUDE);
      values[at] = magnitude && coder.bits(1) ? -magnitude : magnitude;
      return magnitude;
    });
    return values;
  };
});
