// The trials of a blind test, drawn from its seed as pipeline/listening/trial_draws.py draws them,
// and the answers as a file.
(function () {
  "use strict";
  const L = Latentes;
  const B = (L.blind = {});

  // mulberry32 (Tommy Ettinger, 2017, public domain): choose(n) is an integer from 0 to n - 1.
  const chooser = (state) => function (n) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) * n) / 2 ** 32);
  };

  function shuffled(items, choose) {
    const order = [...items];
    for (let i = order.length - 1; i; i--) {
      const j = choose(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  // The trials answered so far and the next one, if the test goes on; `total` is the most it has.
  // `turns` are the places in the sizes at which a staircase changed direction.
  B.run = function ({ songs, abx, mushra, preference }, plan, answers) {
    const choose = chooser(plan.seed);
    if (plan.test !== "abx") {
      const all = plan.test === "mushra"
        ? shuffled(songs, choose).slice(0, 4).map((song) =>
          ({ song, order: shuffled(mushra, choose) }))
        : shuffled(preference, choose).slice(0, 20).map(({ kind, a, b }) =>
          choose(2) ? { kind, a: b, b: a } : { kind, a, b });
      const trials = all.map((trial, i) => ({ ...trial, ...answers[i] }));
      const done = answers.length;
      return { trials: trials.slice(0, done), next: all[done], total: all.length };
    }
    // One size, or a staircase: two down, one up (Levitt, 1971).
    const [family, size] = plan.how.split(".");
    const sizes = abx[family];
    const total = size ? Number(plan.count) : 40;
    const trials = [];
    const turns = size ? null : [];
    let [place, streak, direction] = [0, 0, 0];
    for (let i = 0; ; i++) {
      if (i === total || (turns && turns.length === 8)) return { trials, total, turns };
      const side = () => (choose(2) ? "b" : "a");
      const version = `${family}.${size || sizes[place]}`;
      const next = { song: songs[choose(songs.length)], version, original: side(), x: side() };
      if (!answers[i]) return { trials, next, total, turns };
      trials.push({ ...next, ...answers[i] });
      streak = answers[i].answer === next.x ? streak + 1 : 0;
      if (streak === 1) continue;
      const step = streak ? 1 : -1;
      streak = 0;
      if (size || !sizes[place + step]) continue;
      if (direction === -step) turns.push(place);
      direction = step;
      place += step;
    }
  };

  // JSON with sorted keys and no spaces.
  const canonical = (content) => JSON.stringify(content, (_, value) =>
    (value instanceof Object && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort()) : value));

  // An answer file, with its checksum (FNV-1a).
  B.answerFile = function (study, { seed, test, how }, trials, listener) {
    const content = { format: "latentes-answers-1", study, seed, test, listener, trials };
    if (how) {
      const fixed = how.includes(".");
      content.mode = fixed ? "fixed" : "staircase";
      content[fixed ? "version" : "family"] = how;
    }
    let check = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(canonical(content))) {
      check = Math.imul(check ^ byte, 0x01000193);
    }
    content.check = (check >>> 0).toString(16).padStart(8, "0");
    return canonical(content);
  };

  // base64url without padding.
  B.packed = (bytes) => btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  B.unpacked = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
})();
