// The sounds of a trial, decoded before it begins.
(function () {
  "use strict";
  const L = Latentes;
  const B = L.blind;
  const SECONDS = 10; // the most that is heard of a sound, in a loop
  const WIDTH = 500; // Hz from the pass band to the stop band
  const decoded = new Map();

  // Linear-phase low-pass of a loop: a sinc with a Blackman window. It passes all up to `cutoff`
  // and is down by 70 dB at `cutoff` + WIDTH, within the tolerances of ITU-R BS.1534-3.
  B.lowPass = function (samples, cutoff) {
    const half = Math.ceil((2.75 * L.rate) / WIDTH);
    const centre = (2 * cutoff + WIDTH) / L.rate;
    const { length } = samples;
    const looped = new Float32Array(3 * length);
    for (const turn of [0, 1, 2]) looped.set(samples, turn * length);
    const out = samples.map((value) => centre * value);
    for (let k = 1; k <= half; k++) {
      const angle = (Math.PI * k) / (half + 1);
      const tap = (Math.sin(Math.PI * centre * k) / (Math.PI * k)) *
        (0.42 + 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle));
      for (let i = 0; i < length; i++) {
        out[i] += tap * (looped[length + i - k] + looped[length + i + k]);
      }
    }
    return out;
  };

  function load(key, bundle) {
    return L.cached(decoded, key, async function () {
      const samples = await (bundle ? L.bundledSound(bundle, key) : L.sound(key));
      return samples.subarray(0, SECONDS * L.rate);
    });
  }

  // [samples, gain] of each sound in the order of the page: A, B, X; reference, 1, 2 …; A, B and,
  // if there is one, the original. Files are requested in an order that says nothing of the trial.
  B.sounds = async function ({ stimuli, songs, sounds, level }, trial) {
    const found = {};
    const version = async (song, name) => (found[name] = name.startsWith("anchor.")
      ? B.lowPass(found.original, Number(name.slice(7)))
      : await load(songs[song].keys[name]));
    if (!trial.kind) {
      for (const name of trial.order ? stimuli.mushra : ["original", trial.version]) {
        await version(trial.song, name);
      }
      const heard = trial.order ? ["original", ...trial.order] : ["a", "b", trial.x].map(
        (side) => (side === trial.original ? "original" : trial.version));
      return heard.map((name) => [found[name], 1]);
    }
    for (const name of [trial.a, trial.b].sort()) {
      found[name] = await load(...sounds[name].slice(2));
    }
    const pair = [found[trial.a], found[trial.b]];
    if (trial.kind === "coding") {
      const song = trial.a.slice(0, trial.a.lastIndexOf("/"));
      return [...pair, await version(song, "original")].map((samples) => [samples, 1]);
    }
    // Generated sounds are made equally loud, by turning the louder one down, and equally long.
    const levels = pair.map(L.loudness);
    const target = Math.min(...[...levels, level && level[1]].filter((each) => each !== null));
    const length = Math.min(...pair.map((samples) => samples.length));
    return pair.map((samples, i) => [samples.subarray(0, length),
      levels[i] === null ? 1 : L.amplitudeRatio(target - levels[i])]);
  };
})();
