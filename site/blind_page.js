// The page of the blind tests: choosing one, its trials and its result. What was answered is kept
// in the page's address, so that reloading the page loses nothing.
(function () {
  "use strict";
  const L = Latentes;
  const B = L.blind;
  const box = document.querySelector(".ciegas");
  const words = box.dataset;
  const find = (name) => box.querySelector(name);
  const all = (name) => [...box.querySelectorAll(name)];
  const nickname = find("#apodo");
  const code = find("#codigo");
  const { on } = L;
  const asked = Object.fromEntries(L.addressFields()); // to repeat a test
  let data;
  let state = null; // {study, plan, answers, listener, done, and the trial's ms, switches, scores}
  let run;
  let trial;
  let sounds = [];
  let heard;
  let since;

  const player = new L.Player(function () {
    since = Date.now();
    for (const button of all(".tocar")) {
      L.showPlaying(button, player.playing, words);
    }
  });

  // The time of a trial runs while its sounds do.
  function save() {
    const now = Date.now();
    if (state && player.playing) state.ms += now - since;
    since = now;
    const text = state ? B.packed(new TextEncoder().encode(JSON.stringify(state))) : "";
    try {
      history.replaceState(null, "", `#${text}`);
    } catch (error) {
      // Some browsers limit how often; the next change saves this one too.
    }
  }

  function pause() {
    save();
    player.stop();
  }

  function show(view) {
    for (const each of all("section")) each.hidden = !each.matches(view);
    find(`${view} h2`).focus();
  }

  const say = (name, values) =>
    (find(".ensayo .estado").textContent = L.format(words[name] || "", values));

  function begin(test) {
    const plan = { seed: crypto.getRandomValues(new Uint32Array(1))[0], test };
    if (test === "abx") {
      plan.how = find("#como").value;
      plan.count = find("#cuantos").value;
    }
    if (asked.test === test) Object.assign(plan, asked, { seed: asked.seed >>> 0 });
    pause();
    state = { study: data.study.slice(0, 8), plan, answers: [], listener: "" };
    newTrial();
    next();
  }

  const newTrial = () => Object.assign(state, { ms: 0, switches: 0, scores: [] });

  // Trials -----------------------------------------------------------------------------

  function option(label, i) {
    const view = L.fromTemplate("t-suena");
    view.querySelector("span").textContent = label;
    on(view.querySelector("input"), "change", () => hear(i));
    return view;
  }

  // A sound to rate: the i-th of its screen, from 1 on.
  function row(i) {
    const view = L.fromTemplate("t-nota");
    const range = view.querySelector("input");
    function write() {
      const score = state.scores[i - 1];
      view.querySelector("output").textContent = score >= 0 ? score : "—";
      return score || 0;
    }
    function rate({ type }) {
      state.scores[i - 1] = Number(range.value);
      write();
      if (sounds.length) say();
      if (type !== "input") save();
    }
    range.setAttribute("aria-label", `${words.nota} ${i}`);
    range.value = write();
    on(range, "input click change", rate);
    on(range, "focus", () => player.playing && hear(i));
    view.prepend(option(i, i));
    return view;
  }

  async function next() {
    save();
    run = B.run(data.stimuli, state.plan, state.answers);
    trial = run.next;
    if (state.done || !trial) return finish();
    const { test } = state.plan;
    const done = state.answers.length;
    find(".ensayo h2").textContent = L.format(words[run.turns ? "escalon" : test],
      { i: done + 1, n: run.total });
    find("progress").value = done / run.total;
    for (const part of all("[data-test]")) part.hidden = part.dataset.test !== test;
    const labels = words[`de${trial.kind || test}`].split("|");
    const rows = trial.order || [];
    find(".sonidos").replaceChildren(...labels.map(option));
    find(".notas").replaceChildren(...rows.map((_, i) => row(i + 1)));
    find("details").open = false;
    heard = 0;
    sounds = [];
    player.offset = 0;
    say("espera");
    show(".ensayo");
    const mine = trial;
    try {
      const loaded = await B.sounds(data, mine);
      if (mine !== trial) return;
      sounds = loaded;
      say();
    } catch (error) {
      say("falla");
    }
  }

  function hear(i) {
    if (!sounds[i]) return;
    say();
    if (heard !== i) state.switches++;
    heard = i;
    all("[type=radio]")[i].checked = true;
    player.setSound(...sounds[i]);
    if (player.playing) save();
    else player.play();
  }

  function toggle() {
    if (player.playing) pause();
    else hear(heard);
  }

  function answer(value) {
    const { test } = state.plan;
    const { ms, scores, switches } = state;
    pause();
    if (!state.ms) return say("antes");
    const unrated = (trial.order || []).findIndex((_, i) => !(scores[i] >= 0));
    if (unrated >= 0) return say("falta", { n: unrated + 1 });
    if (!trial.order && !value) return say("cual");
    state.answers.push(trial.order ? { scores, ms: state.ms } : { answer: value, ms: state.ms,
      ...trial.x ? { switches } : {} });
    newTrial();
    next();
  }

  function stop() {
    pause();
    state.done = true;
    if (state.answers.length) next();
    else again();
  }

  function again() {
    state = null;
    save();
    show(".inicio");
  }

  on(document, "keydown", function (event) {
    if (find(".ensayo").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    const order = trial.order;
    const at = all(".ensayo .opcion").findIndex(({ textContent }, i) =>
      [textContent[0].toLowerCase(), String(order ? i : i + 1)].includes(key.toLowerCase()));
    if (at >= 0) {
      hear(at);
      if (order && at) all("[type=range]")[at - 1].focus();
    } else if (target.matches("a, button, summary")) return;
    else if (key === " ") toggle();
    else if (key === "Enter") answer(["a", "b"][heard]);
    else return;
    event.preventDefault();
  });

  // The result -------------------------------------------------------------------------

  function table([columns, rows]) {
    const view = document.createElement("table");
    const body = view.createTBody();
    [columns.split("|"), ...rows].forEach(function (cells, i) {
      const line = (i ? body : view.createTHead()).insertRow();
      for (const text of cells) {
        const cell = document.createElement(i ? "td" : "th");
        cell.textContent = text;
        line.append(cell);
      }
    });
    return view;
  }

  function finish() {
    const { plan, listener } = state;
    const { lines, summary, each } = B.result(data, plan, run, words);
    all(".lineas p").forEach(function (line, i) {
      line.textContent = lines[i] || "";
    });
    find(".sintesis").replaceChildren(...summary.map(table));
    find(".detalle").replaceChildren(table(each));
    find(".entrega").hidden = trial;
    find(".incompleta").hidden = !trial;
    const link = find(".semilla");
    link.textContent = plan.seed;
    link.href = `#${new URLSearchParams(plan)}`;
    nickname.value = listener;
    show(".final");
    write();
  }

  async function write() {
    const file = B.answerFile(data.study, state.plan, run.trials, state.listener);
    const link = find(".descargar");
    link.href = URL.createObjectURL(new Blob([file]));
    link.download = `${state.plan.test}-${state.plan.seed}.json`;
    const packed = new Blob([file]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    code.value = `latentes1:${B.packed(bytes)}`;
  }

  on(nickname, "input", function () {
    state.listener = nickname.value.replace(/\p{C}/gu, "").trim();
    save();
    write();
  });

  function copy() {
    code.select();
    find(".entrega .estado").textContent =
      document.execCommand("copy") ? words.copiado : words.marcado;
  }

  async function level() {
    if (player.playing) return pause();
    player.setSound(await L.sound(data.level[0]), 1);
    player.play();
  }

  // What a button does: its name and its value.
  const actions = { again, answer, begin, copy, level, stop, toggle };
  on(box, "click", function ({ target }) {
    const button = target.closest("button");
    if (button && data) actions[button.name](button.value);
  });

  // Links within the page change its address too: write what was answered again.
  on(window, "hashchange", function () {
    if (location.hash.startsWith("#seed=")) location.reload();
    else save();
  });

  L.load("datos/prueba.js", "prueba").then(function ([found]) {
    data = found;
    find(".repetida").hidden = !asked.seed;
    try {
      const kept = JSON.parse(new TextDecoder().decode(B.unpacked(location.hash.slice(1))));
      if (kept.study === data.study.slice(0, 8)) {
        state = kept;
        next();
      }
    } catch (error) {
      state = null; // the address has no test
    }
  });
})();
