// Codes a segment of superframes: side information with static tables, then the coefficients.
// Equal to pipeline/coding/segment_coder.py.
Latentes.share(function (L) {
  "use strict";
  const { FRAME } = L.switchedMdct;
  const CELLS = 128;
  const BANDS = 20;
  const [BASE_OFFSET, BASE_BITS, SHAPING_BITS] = [1024, 11, 4];
  const CENTRES = { band: 50, gain: 24, end: 128, level: 96 };
  const [FIRST_BAND, FIRST_END] = [-14, 64];

  const { clamp } = L;
  const differences = (values, first) => Array.from(values, (value, i) =>
    value - (i ? values[i - 1] : first));
  const cumulative = (values, first) => values.map((value) => (first += value));

  function predictLevel(levels, at) {
    const band = at % BANDS;
    if (at < BANDS) return band ? levels[at - 1] : -32;
    const above = levels[at - BANDS];
    if (!band) return above;
    const both = levels[at - BANDS - 1];
    return clamp(Math.floor((15 * above + 11 * levels[at - 1] - 6 * both) / 20), -80, 16);
  }

  // Cumulative frequencies, with a leading zero, of one context.
  const startsOf = (table) => table.reduce((starts, size) =>
    [...starts, starts[starts.length - 1] + size], [0]);

  function encodeSymbol(coder, starts, symbol) {
    coder.encode(starts[symbol], starts[symbol + 1] - starts[symbol]);
  }

  function decodeSymbol(coder, starts) {
    const target = coder.peek();
    let symbol = 0;
    while (starts[symbol + 1] <= target) symbol++;
    coder.consume(starts[symbol], starts[symbol + 1] - starts[symbol]);
    return symbol;
  }

  // Cells of each superframe up to the last that is not zero.
  function endsOf(values) {
    return Array.from({ length: values.length / FRAME }, function (_, m) {
      let last = FRAME - 1;
      while (last >= 0 && !values[m * FRAME + last]) last--;
      return (last >> 4) + 1;
    });
  }

  // `tensors`: of a coding model's file. A segment: {splits, levels, shaping, base, bandLevels,
  // gains, values}, as in pipeline/coding/quantisation.py.
  L.segmentCoder = function (tensors) {
    const network = L.contextNetwork([0, 1, 2].map((layer) => ({
      weights: tensors[`network.w${layer + 1}`].data,
      biases: tensors[`network.b${layer + 1}`].data,
      shift: Number(tensors["network.shifts"].data[layer]),
    })));
    const band = L.bandOfCell(BANDS);
    const starts = {};
    for (const name of ["band", "gain", "split", "end", "level"]) {
      const table = Array.from(tensors[`table.${name}`].data);
      const size = name === "split" ? 5 : table.length;
      starts[name] = Array.from({ length: table.length / size }, (_, row) =>
        startsOf(table.slice(row * size, (row + 1) * size)));
    }
    const perCell = (count, each) => Int32Array.from({ length: count * CELLS }, (_, i) =>
      each(Math.floor(i / CELLS), band[i % CELLS]));

    // What the network's inputs need; the steps of cells alone are also what quantising needs.
    const steps = ({ base, shaping, bandLevels, gains }) => perCell(gains.length, (m, b) =>
      base + shaping * (bandLevels[b] + gains[m]));
    const sideOf = (segment, ends) => ({
      splits: segment.splits,
      noise: perCell(segment.splits.length, (m, b) =>
        8 * segment.levels[m * BANDS + b]),
      steps: steps(segment),
      ends,
    });

    return {
      steps,
      encode(segment) {
        const coder = new L.RangeEncoder();
        const { splits, levels } = segment;
        coder.bits(segment.base + BASE_OFFSET, BASE_BITS);
        coder.bits(segment.shaping, SHAPING_BITS);
        const put = (name, values) => values.forEach((value) =>
          encodeSymbol(coder, starts[name][0], value + CENTRES[name]));
        const ends = endsOf(segment.values);
        put("band", differences(segment.bandLevels, FIRST_BAND));
        put("gain", differences(segment.gains, 0));
        splits.forEach((split, m) => encodeSymbol(coder, starts.split[m && splits[m - 1]], split));
        put("end", differences(ends, FIRST_END));
        put("level", Array.from(levels, (level, at) => level - predictLevel(levels, at)));
        L.encodeCoefficients(segment.values, sideOf(segment, ends), network, coder);
        return coder.finish();
      },
      // Damaged data give some segment, never an error.
      decode(bytes, superframes) {
        const coder = new L.RangeDecoder(bytes);
        const base = coder.bits(BASE_BITS) - BASE_OFFSET;
        const shaping = coder.bits(SHAPING_BITS);
        const take = (name, count) => Array.from({ length: count }, () =>
          decodeSymbol(coder, starts[name][0]) - CENTRES[name]);
        const bandLevels = cumulative(take("band", BANDS), FIRST_BAND);
        const gains = cumulative(take("gain", superframes), 0);
        let split = 0;
        const splits = Array.from({ length: superframes }, () =>
          (split = decodeSymbol(coder, starts.split[split])));
        const ends = cumulative(take("end", superframes), FIRST_END).map((end) =>
          clamp(end, 0, CELLS));
        const levels = take("level", superframes * BANDS);
        levels.forEach((difference, at) =>
          (levels[at] = difference + predictLevel(levels, at)));
        const segment = { splits, levels, shaping, base, bandLevels, gains };
        segment.values = L.decodeCoefficients(sideOf(segment, ends), network, coder);
        return segment;
      },
    };
  };
  L.segmentCoder.BANDS = BANDS;
});
