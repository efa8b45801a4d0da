// What the answers to a blind test say, in sentences and tables.
(function () {
  "use strict";
  const L = Latentes;
  const B = L.blind;

  // Probability of at least `right` correct answers of `count` by guessing.
  B.chance = function (right, count) {
    let sum = 0;
    let ways = 1;
    for (let i = 0; i <= count; i++) {
      if (i >= right) sum += ways;
      ways *= (count - i) / (i + 1);
    }
    return sum / 2 ** count;
  };

  const { sum, mean } = L;

  // The values of each key, in order of appearance: [[key, [value]]].
  function grouped(items) {
    const groups = new Map();
    for (const [key, value] of items) groups.set(key, [...groups.get(key) || [], value]);
    return [...groups];
  }

  const counted = ([name, list]) => [name, sum(list), list.length];

  // {lines: sentences; summary: tables; each: a table of every trial}, tables as [columns, rows];
  // `words` are the texts of the page.
  B.result = function (data, plan, run, words) {
    const trials = run.trials;
    const n = trials.length;
    const complete = !run.next;
    const say = (name, values) => L.format(words[name], { n, ...values });
    const title = (trial) => data.songs[trial.song].title;
    const label = (version) => data.labels[version];
    if (plan.test === "mushra") {
      const scores = grouped(trials.flatMap((trial) =>
        trial.order.map((version, i) => [version, trial.scores[i]])));
      const hidden = new Map(scores).get("original");
      const k = hidden.filter((score) => score < 90).length;
      return {
        lines: [say("escondida", { m: L.decimal(mean(hidden), 0) }),
          complete && say(k > 0.15 * n ? "nopasa" : "pasa", { k }), words.limitenota],
        summary: [[words.notas, scores.map(([version, list]) => [label(version), mean(list)])
          .sort((one, other) => other[1] - one[1])
          .map(([name, score]) => [name, L.decimal(score, 0)])]],
        each: [words.pantallas, trials.flatMap((trial) => trial.order.map((version, i) =>
          [title(trial), i + 1, label(version), trial.scores[i]]))],
      };
    }
    if (plan.test === "preference") {
      const name = (sound) => (data.sounds[sound] || [words.ninguno])[0];
      const chosen = (trial) => name(trial[trial.answer]);
      return {
        lines: [say("eleccion", { m: trials.filter((trial) => trial.answer === "none").length }),
          words.limiteeleccion],
        summary: [["codecs", "coding"], ["modelos", "generated"]].map(([columns, kind]) =>
          [words[columns], grouped(trials.filter((trial) => trial.kind === kind).flatMap(
            (trial) => [trial.a, trial.b].map((sound) =>
              [name(sound), Number(sound === trial[trial.answer])])))
            .sort((one, other) => mean(other[1]) - mean(one[1]))
            .map(([label, list]) => [label, say("parte", { c: sum(list), n: list.length })])])
          .filter(([, rows]) => rows.length),
        each: [words.pares, trials.map((trial, i) => [i + 1, chosen(trial),
          data.sounds[trial.a][1], name(trial.a), name(trial.b)])],
      };
    }
    const correct = (trial) => Number(trial.answer === trial.x);
    const right = sum(trials.map(correct));
    const each = [words.ensayos, trials.map((trial, i) => [i + 1,
      trial.answer.toUpperCase(), correct(trial) ? words.acierto : words.error, title(trial),
      label(trial.version), trial.original.toUpperCase(), trial.x.toUpperCase()])];
    const summary = [[words.aciertos, grouped(trials.map((trial) =>
      [label(trial.version), correct(trial)])).map(counted)]];
    const p = B.chance(right, n);
    const turns = run.turns;
    if (turns) {
      const size = data.stimuli.abx[plan.how][Math.round(mean(turns))];
      return {
        lines: [turns.length > 2 && p <= 0.05
          ? say("umbral", { s: label(`${plan.how}.${size}`) })
          : say(right < n ? "sinumbral" : "todas", { c: right }), words.limiteescalera],
        summary,
        each,
      };
    }
    let k = 0;
    while (B.chance(k, n) > 0.05) k++;
    return {
      lines: [say("azar", { c: right, p: p < 0.001 ? words.milesimo : L.decimal(100 * p, 1) }),
        complete && say(right < k ? "noalcanza" : "oye", { k })],
      summary,
      each,
    };
  };
})();
