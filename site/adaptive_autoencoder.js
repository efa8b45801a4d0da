// Runs the adaptive models, equal to pipeline/models/adaptive/: the strongest atoms of
// a block-switched MDCT are kept, the others become noise, which is then shaped.
Latentes.share(function (L) {
  "use strict";
  const { FRAME } = L.switchedMdct;
  const SIZES = [1, 2, 4, 8, 16, 32, 64];
  const MIN_SHAPED_SAMPLES = 1024;

  const { clamp } = L;
  const pairSums = (values) => Float64Array.from({ length: values.length / 2 }, (_, i) =>
    values[2 * i] + values[2 * i + 1]);

  // For each atom size: energy of every atom, best gain within it and its cost in numbers.
  function atomTree(energies, threshold) {
    let energy = energies;
    let gain = energies.map((value) => Math.max(0, value - 2 * threshold));
    let cost = gain.map((value) => (value > 0 ? 2 : 0));
    const levels = [{ energy, gain }];
    for (const size of SIZES.slice(1)) {
      energy = pairSums(energy);
      const parts = pairSums(gain);
      const costs = pairSums(cost);
      gain = parts.map((part, i) => Math.max(part, energy[i] - (size + 1) * threshold));
      cost = costs.map((value, i) => (gain[i] > parts[i] ? size + 1 : value));
      levels.push({ energy, gain, parts });
    }
    return { levels, cost: L.sum(cost) };
  }

  function findThreshold(energies, numbers) {
    let low = Math.log(Math.max(L.mean(energies), 1e-20)) - 14;
    let high = low + 18;
    for (let n = 0; n < 10; n++) {
      const middle = (low + high) / 2;
      if (atomTree(energies, Math.exp(middle)).cost > numbers) low = middle;
      else high = middle;
    }
    return Math.exp(high);
  }

  // Choose exactly `counts[level]` atoms of each size; return their indices by level.
  function chooseAtoms(energies, threshold, counts) {
    const { levels } = atomTree(energies, threshold);
    const chosen = [];
    let covered = new Uint8Array(levels[6].energy.length);
    for (let level = 6; level >= 0; level--) {
      const { energy, parts } = levels[level];
      const gain = energy.map((value, i) => covered[i] ? -Infinity
        : value - (SIZES[level] + 1) * threshold - (parts ? parts[i] : 0));
      const minGain = gain.slice().sort()[gain.length - counts[level]];
      const places = [];
      for (let i = 0; i < gain.length; i++) if (gain[i] > minGain) places.push(i);
      for (let i = 0; i < gain.length && places.length < counts[level]; i++) {
        if (gain[i] === minGain) places.push(i);
      }
      for (const place of places) covered[place] = 1;
      chosen[level] = places;
      if (level) {
        covered = Uint8Array.from({ length: 2 * covered.length }, (_, i) => covered[i >> 1]);
      }
    }
    return chosen;
  }

  L.kinds.adaptive = function (model, tensors) {
    const { samples, numbers } = model.architecture;
    const S = Math.ceil(samples / FRAME);
    const bands = 40 * S <= 0.06 * numbers ? 40 : 20;
    let framesPerRow = 1;
    while (20 * Math.ceil(S / framesPerRow) > 0.06 * numbers) framesPerRow *= 2;
    const counts = Array.from(tensors.counts.data, Number);
    const mdct = L.switchedMdct(tensors.window_angles.data);
    const error = tensors.prediction_error.data[0];
    const rate = Number(tensors.sampling_rate.data[0]);
    const envelope = L.noiseEnvelope(S, bands, framesPerRow);
    const levelCount = envelope.rows * bands;
    const corrected = (part) => (inputs) =>
      L.correct(inputs, FRAME / 16, tensors, `envelope.${part}`)[0];

    const atomStart = (code, size) => (code % S) * FRAME + Math.floor(code / S) * size;

    return {
      samples,
      parts: [
        S, levelCount, ...counts.flatMap((count, level) => [count, count * SIZES[level]]),
      ],
      encode(clip) {
        const padded = new Float64Array(S * FRAME);
        padded.set(clip.subarray(0, samples));
        const perFrame = (split) => new Array(S).fill(split);
        const squares = (splits) =>
          mdct.analyse(padded.slice(), splits).map((value) => value * value);
        const threshold = findThreshold(squares(perFrame(1)), numbers - S - levelCount);
        const splits = perFrame(0);
        const minLoss = perFrame(Infinity);
        for (let split = 0; split < 5; split++) {
          const energies = squares(perFrame(split));
          const { gain } = atomTree(energies, threshold).levels[6];
          for (let m = 0; m < S; m++) {
            let loss = 0;
            for (let i = m * FRAME; i < (m + 1) * FRAME; i++) loss += energies[i];
            for (let i = (m * FRAME) / 64; i < ((m + 1) * FRAME) / 64; i++) loss -= gain[i];
            if (loss < minLoss[m]) [minLoss[m], splits[m]] = [loss, split];
          }
        }
        const X = mdct.analyse(padded, splits);
        const chosen = chooseAtoms(X.map((value) => value * value), threshold, counts);
        const kept = new Uint8Array(X.length);
        const parts = chosen.map(function (places, level) {
          const size = SIZES[level];
          const codes = places.map((place) =>
            (place % (FRAME / size)) * S + Math.floor((place * size) / FRAME));
          codes.sort((a, b) => a - b);
          const values = codes.flatMap((code) => {
            const from = atomStart(code, size);
            kept.fill(1, from, from + size);
            return [...X.subarray(from, from + size)];
          });
          return [...codes, ...values];
        });
        const levels = envelope.levelsOf(X, kept, splits, corrected("coder"));
        return Float32Array.from([...splits, ...levels, ...parts.flat()]);
      },
      decode(latent) {
        let at = 0;
        const take = (count) => latent.subarray(at, (at += count));
        const splits = Array.from(take(S), (value) => clamp(L.roundHalfEven(value), 0, 4));
        const levels = take(levelCount);
        const X = new Float64Array(S * FRAME);
        const kept = new Uint8Array(S * FRAME);
        SIZES.forEach(function (size, level) {
          const places = take(counts[level]);
          const values = take(counts[level] * size);
          places.forEach(function (place, n) {
            const from = atomStart(clamp(L.roundHalfEven(place), 0, (FRAME / size) * S - 1), size);
            for (let j = 0; j < size; j++) {
              X[from + j] += clamp(values[n * size + j], -64, 64);
              kept[from + j] = 1;
            }
          });
        });
        let noise = envelope.noiseOf(X, kept, splits, levels, corrected("restorer"));
        if (error > 0 && samples > MIN_SHAPED_SAMPLES) {
          const atoms = mdct.synthesise(X, splits).subarray(0, samples);
          const target = L.predictLogMel(atoms, noise, splits, tensors, rate);
          noise = L.shapeNoise(mdct, X, noise, splits, target, error, samples, rate);
        }
        for (let k = 0; k < X.length; k++) X[k] += noise[k];
        return new Float32Array(mdct.synthesise(X, splits).subarray(0, samples));
      },
    };
  };
});
