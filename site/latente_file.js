// The file format .latente, described in docs/format.md; equal to pipeline/coding/latente_file.py.
Latentes.share(function (L) {
  "use strict";
  const { FRAME } = L.switchedMdct;
  const { BANDS } = L.segmentCoder;
  const CELL = 16;
  const MAX_MAGNITUDE = 8191;
  const SEGMENT = 54; // superframes
  const [MAGIC, VERSION] = ["LTNT", 1];
  const SHAPING = 5; // power of the band levels in the steps, in sixteenths
  const [DEAD_ZONE, ROUNDING, ONE] = [0.62, 0.44, 0.98];
  const [MIN_BASE, FIRST_BASE, MAX_BASE] = [-640, -96, 320];
  const SIZE_PER_UNIT = -0.023; // change of log size per unit of the base, about
  const TOLERANCE = 0.008;
  const SAMPLED = 8; // segments on which the base is first sought
  const MAX_TRIALS = 8;

  const { clamp } = L;
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  const CRC = Uint32Array.from({ length: 256 }, function (_, value) {
    for (let n = 0; n < 8; n++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
    return value;
  });
  const crc32 = (bytes) =>
    (~bytes.reduce((crc, byte) => (crc >>> 8) ^ CRC[(crc ^ byte) & 255], -1)) >>> 0;

  const superframesOf = (samples) => Math.ceil(samples / FRAME);
  const segmentsOf = (samples) => Math.ceil(superframesOf(samples) / SEGMENT);
  const headerBytes = (samples) => 24 + 7 * segmentsOf(samples);

  // Read and check what precedes the segments. The message of an error is "ajeno" (another kind of
  // file), "version" or "cortado" (cut or damaged).
  L.readLatente = function (bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const u24 = (at) => view.getUint16(at, true) + 65536 * bytes[at + 2];
    if (String.fromCharCode(...bytes.subarray(0, 4)) !== MAGIC) throw new Error("ajeno");
    if (bytes.length < 24) throw new Error("cortado");
    if (bytes[4] !== VERSION) throw new Error("version");
    const samples = view.getUint32(16, true);
    const size = headerBytes(samples);
    if (bytes.length < size || crc32(bytes.subarray(0, size - 4)) !== view.getUint32(size - 4, true)
      || !samples || !u24(13)) throw new Error("cortado");
    let from = size;
    const segments = Array.from({ length: segmentsOf(samples) }, function (_, index) {
      const at = 20 + 7 * index;
      const payload = bytes.subarray(from, (from += u24(at)));
      const intact = payload.length === u24(at) && crc32(payload) === view.getUint32(at + 3, true);
      return intact ? payload : null;
    });
    return { model: hex(bytes.subarray(5, 13)), rate: u24(13), samples, segments };
  };

  function assemble(model, rate, samples, payloads) {
    const size = headerBytes(samples);
    const bytes = new Uint8Array(payloads.reduce((sum, { length }) => sum + length, size));
    const view = new DataView(bytes.buffer);
    const putU24 = (at, value) => {
      view.setUint16(at, value & 65535, true);
      bytes[at + 2] = value >> 16;
    };
    for (let i = 0; i < 4; i++) bytes[i] = MAGIC.charCodeAt(i);
    bytes[4] = VERSION;
    for (let i = 0; i < 8; i++) bytes[5 + i] = parseInt(model.substr(2 * i, 2), 16);
    putU24(13, rate);
    view.setUint32(16, samples, true);
    let from = size;
    payloads.forEach(function (payload, index) {
      putU24(20 + 7 * index, payload.length);
      view.setUint32(23 + 7 * index, crc32(payload), true);
      bytes.set(payload, from);
      from += payload.length;
    });
    view.setUint32(size - 4, crc32(bytes.subarray(0, size - 4)), true);
    return bytes;
  }

  // Look for the base for which `encode(base)` has the length nearest to a target, by the secant
  // method on its logarithm; returns that base and what was encoded.
  function search(base, target, encode) {
    let [best, last, least, slope] = [null, null, Infinity, SIZE_PER_UNIT];
    for (let trial = 0; trial < MAX_TRIALS; trial++) {
      const found = encode(base);
      const error = Math.log(found.length / target);
      if (Math.abs(error) < least) [least, best] = [Math.abs(error), { base, found }];
      if (last) slope = clamp((error - last.error) / (base - last.base), -0.05, -0.005);
      last = { base, error };
      base = clamp(base - Math.round(error / slope), MIN_BASE, MAX_BASE);
      if (least < TOLERANCE || base === last.base) break;
    }
    return best;
  }

  // `tensors`: of a coding model's file; `model`: its id.
  L.latenteCoder = function (tensors, model) {
    const mdct = L.switchedMdct(new Float64Array(20)); // sine windows
    const coder = L.segmentCoder(tensors);
    const restore = (planes) => L.correct(planes, FRAME / CELL, tensors, "restorer")[0];
    const stepSizes = (segment) =>
      Float32Array.from(coder.steps(segment), (step) => 2 ** (step / 32));

    // Levels of the bands and gains of the superframes that shape the steps of coefficients X.
    function shapeSteps(X) {
      const band = L.bandOfCell(BANDS);
      const widths = new Array(BANDS).fill(0);
      for (const b of band) widths[b]++;
      const count = X.length / FRAME;
      const parts = new Float64Array(count * BANDS);
      for (let k = 0; k < X.length; k++) {
        const b = band[(k % FRAME) >> 4];
        parts[Math.floor(k / FRAME) * BANDS + b] += (X[k] * X[k]) / (CELL * widths[b]);
      }
      const bandLevels = widths.map(function (_, b) {
        let sum = 0;
        for (let m = 0; m < count; m++) sum += parts[m * BANDS + b];
        return L.roundHalfEven(Math.log2(sum / count + 1e-10));
      });
      const gains = Array.from({ length: count }, function (_, m) {
        const sum = bandLevels.reduce((total, level, b) =>
          total + Math.log2(parts[m * BANDS + b] / 2 ** level + 1e-9), 0);
        return clamp(L.roundHalfEven(sum / BANDS), -12, 12);
      });
      return { bandLevels, gains };
    }

    // A function that encodes segment `index` of a song with one base: with the splits of its
    // neighbours at its ends or, if `alone`, with those that are best for the segment.
    function segmentEncoder(song, base) {
      const total = superframesOf(song.length);
      const selected = new Map();

      // The segment with one superframe on each side, where there is one.
      function around(index) {
        const first = Math.max(0, index * SEGMENT - 1);
        const last = Math.min((index + 1) * SEGMENT + 1, total);
        const clip = new Float64Array((last - first) * FRAME);
        clip.set(song.subarray(first * FRAME, last * FRAME));
        return clip;
      }

      // The split of each superframe around a segment with the fewest bits: the least sum of
      // log2(1 + (c / step)²).
      function select(index) {
        if (selected.has(index)) return selected.get(index);
        const clip = around(index);
        const count = clip.length / FRAME;
        const best = new Array(count).fill(0);
        const least = new Array(count).fill(Infinity);
        let sizes;
        for (let split = 0; split < 5; split++) {
          const X = mdct.analyse(clip.slice(), new Array(count).fill(split));
          if (!split) sizes = stepSizes({ base, shaping: SHAPING, ...shapeSteps(X) });
          for (let m = 0; m < count; m++) {
            let cost = 0;
            for (let k = m * FRAME; k < (m + 1) * FRAME; k++) {
              cost += Math.log2(1 + (X[k] / sizes[k >> 4]) ** 2);
            }
            if (cost < least[m]) [least[m], best[m]] = [cost, split];
          }
        }
        selected.delete(index - 3);
        selected.set(index, best);
        return best;
      }

      return function (index, alone) {
        const all = select(index).slice();
        const start = index ? 1 : 0;
        const length = Math.min(SEGMENT, total - index * SEGMENT);
        const splits = all.slice(start, start + length);
        if (!alone && start) all[0] = select(index - 1)[SEGMENT - (index > 1 ? 0 : 1)];
        if (!alone && all.length > start + length) all[start + length] = select(index + 1)[1];
        const X = mdct.analyse(around(index), all).slice(start * FRAME, (start + length) * FRAME);
        const segment = { splits, base, shaping: SHAPING, ...shapeSteps(X) };
        const sizes = stepSizes(segment);
        const values = (segment.values = Int32Array.from(X, function (value, k) {
          const ratio = Math.abs(value) / sizes[k >> 4];
          if (ratio < DEAD_ZONE) return 0;
          return Math.sign(value) * Math.min(Math.floor(ratio + ROUNDING), MAX_MAGNITUDE);
        }));
        const levels = L.noiseEnvelope(length, BANDS, 1).levelsOf(X, values, splits);
        segment.levels = levels.map((level) => L.roundHalfEven(4 * level));
        return coder.encode(segment);
      };
    }

    // Splits, coefficients and noise of a segment; a damaged one is silent.
    function restored(payload, superframes) {
      if (!payload) {
        return { splits: new Array(superframes).fill(0), X: new Float64Array(superframes * FRAME) };
      }
      const segment = coder.decode(payload, superframes);
      const { splits, values } = segment;
      const sizes = stepSizes(segment);
      const X = Float64Array.from(values, (value, k) =>
        (Math.abs(value) === 1 ? ONE * value : value) * sizes[k >> 4]);
      const noise = L.noiseEnvelope(superframes, BANDS, 1).noiseOf(
        X, values, splits, segment.levels.map((level) => level / 4), restore);
      for (let k = 0; k < X.length; k++) X[k] += noise[k];
      return { splits, X };
    }

    return {
      // The bytes of a file of about `kbps` kbit per second; `onProgress` is called with fractions.
      compress(song, rate, kbps, onProgress) {
        const [count, total] = [segmentsOf(song.length), superframesOf(song.length)];
        const target = (kbps * 125 * song.length) / rate;
        const sampled = Math.min(SAMPLED, count);
        const chosen = Array.from({ length: sampled }, (_, i) =>
          i && L.roundHalfEven((i * (count - 1)) / (sampled - 1)));
        const share = chosen.reduce((sum, index) =>
          sum + Math.min(SEGMENT, total - index * SEGMENT), 0) / total;
        let progress = 0;
        const payload = share * (target - headerBytes(song.length));
        const { base } = search(FIRST_BASE, payload, function (trial) {
          const encode = segmentEncoder(song, trial);
          onProgress((progress += (1 - progress) / 8));
          return { length: chosen.reduce((sum, index) => sum + encode(index, true).length, 0) };
        });
        return search(base, target, function (trial) {
          const encode = segmentEncoder(song, trial);
          return assemble(model, rate, song.length, Array.from({ length: count }, function (_, n) {
            onProgress(progress + ((1 - progress) * n) / count);
            return encode(n, false);
          }));
        }).found;
      },
      // The sound of a file that `readLatente` has read, and its number of damaged segments.
      decompress({ samples, segments }, onProgress) {
        const total = superframesOf(samples);
        const sound = new Float32Array(samples);
        const part = (index) => index < segments.length ? restored(segments[index],
          Math.min(SEGMENT, total - index * SEGMENT)) : { splits: [], X: new Float64Array(0) };
        let before = { splits: [], X: new Float64Array(0) };
        let current = part(0);
        for (let index = 0; index < segments.length; index++) {
          const after = part(index + 1);
          const X = Float64Array.from([
            ...before.X.slice(-FRAME), ...current.X, ...after.X.slice(0, FRAME)]);
          const splits = [
            ...before.splits.slice(-1), ...current.splits, ...after.splits.slice(0, 1)];
          const from = index ? FRAME : 0;
          const length = Math.min(SEGMENT * FRAME, samples - index * SEGMENT * FRAME);
          sound.set(mdct.synthesise(X, splits).subarray(from, from + length),
            index * SEGMENT * FRAME);
          [before, current] = [current, after];
          onProgress((index + 1) / segments.length);
        }
        return { sound, damaged: segments.filter((segment) => !segment).length };
      },
    };
  };
});
