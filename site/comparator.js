// The comparator: versions of one clip, switched at the same position while it plays.
(function () {
  "use strict";
  const L = window.Latentes;

  // A version: {group, label, size, measures: {name: text}, residual: dB or null,
  // matched: dB from its samples to the common loudness, samples: async () => Float32Array}.
  // `samples` are the version's own, at the loudness that the study gave them.
  L.Comparator = class {
    constructor(box, versions) {
      this.box = box;
      this.versions = versions;
      this.pictures = new Map();
      this.kept = new Map();
      this.original = versions.find((version) => !version.group);
      this.groups = [...new Set(versions.map((v) => v.group).filter(Boolean))];
      this.group = this.groups[0] || "";
      this.current = this.original;
      this.turn = 0;
      this.view = L.copy("t-comparador");
      box.prepend(this.view);
      this.find = (name) => this.view.querySelector(`.${name}`);
      this.words = this.view.dataset;
      this.canvas = this.find("lienzo");
      this.player = new L.Player(() => this.show());
      this.build();
      this.listen();
      this.show();
    }

    // Controls ---------------------------------------------------------------------------

    build() {
      const name = `g${L.Comparator.count = (L.Comparator.count || 0) + 1}`;
      const methods = this.find("metodos");
      for (const group of this.groups) {
        const { label } = this.versions.find((version) => version.group === group);
        methods.append(this.choice(`${name}-m`, group, label, () => this.setGroup(group)));
      }
      methods.hidden = this.groups.length < 2;
      this.ladder = this.find("peldanos");
      this.name = `${name}-n`;
      this.steps();
      this.select(this.original);
    }

    choice(name, value, label, chosen) {
      const made = L.copy("t-opcion");
      const input = made.querySelector("input");
      input.name = name;
      input.value = value;
      made.querySelector("span").textContent = label;
      input.addEventListener("change", chosen);
      return made;
    }

    // The ladder of the group: from its smallest size up to the original.
    steps() {
      const members = this.versions.filter((version) => version.group === this.group);
      this.rungs = [...members.sort((a, b) => a.size - b.size), this.original];
      const most = Math.max(...members.map((version) => version.size), 1);
      this.ladder.replaceChildren(...this.rungs.map((version, place) => {
        const label = version.group ? L.integer(version.size) : this.words.original;
        const made = this.choice(this.name, place, label, () => this.select(version));
        const height = version.group ? 0.2 + (0.6 * version.size) / most : 1;
        made.querySelector("i").style.height = `${Math.round(2.2 * height * 100) / 100}rem`;
        if (place < 9) made.querySelector("kbd").textContent = place + 1;
        made.querySelector("input").setAttribute("aria-label",
          version.group ? L.say(this.words.tamano, { n: label }) : label);
        return made;
      }));
      const at = this.rungs.indexOf(this.current);
      if (at >= 0) this.ladder.querySelectorAll("input")[at].checked = true;
      const marks = this.find("metodos").querySelectorAll("input");
      for (const input of marks) input.checked = input.value === this.group;
    }

    setGroup(group) {
      this.group = group;
      if (this.current.group) {
        const same = this.versions.find((v) => v.group === group && v.size === this.current.size);
        this.current = same || this.versions.find((v) => v.group === group);
      }
      this.steps();
      this.select(this.current);
    }

    step(place) {
      if (place < 0 || place >= this.rungs.length) return;
      this.ladder.querySelectorAll("input")[place].checked = true;
      this.select(this.rungs[place]);
    }

    listen() {
      const on = (name, type, does) => this.find(name).addEventListener(type, does);
      on("tocar", "click", () => this.toggle());
      on("residuo", "change", () => this.select(this.current));
      on("igualar", "change", () => this.select(this.current));
      const player = this.player;
      const repeats = () => this.find("repetir").checked;
      on("repetir", "change", () => player.repeat(player.region, repeats()));
      on("desde", "click", () => this.mark(player.position, player.bounds[1]));
      on("hasta", "click", () => this.mark(player.bounds[0], player.position));
      on("entero", "click", () => this.mark(0, 0));
      this.box.addEventListener("keydown", (event) => this.key(event));
      const place = (event) => {
        const box = this.canvas.getBoundingClientRect();
        return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.seconds;
      };
      this.canvas.addEventListener("pointerdown", async (event) => {
        await this.ready();
        this.canvas.setPointerCapture(event.pointerId);
        this.grip = { from: place(event), x: event.clientX };
      });
      this.canvas.addEventListener("pointermove", (event) => {
        if (this.grip && Math.abs(event.clientX - this.grip.x) > 6) {
          this.grip.dragged = true;
          this.mark(...[this.grip.from, place(event)].sort((a, b) => a - b));
        }
      });
      this.canvas.addEventListener("pointerup", (event) => {
        if (this.grip && !this.grip.dragged) {
          const [from, to] = player.bounds;
          if (place(event) < from || place(event) >= to) this.mark(0, 0);
          this.seek(place(event));
        }
        this.grip = null;
      });
      // Sliding over the ladder with the button or finger down tries each rung.
      this.ladder.addEventListener("pointermove", (event) => {
        if (!event.buttons) return;
        const under = document.elementFromPoint(event.clientX, event.clientY);
        const label = under && under.closest("label");
        const at = [...this.ladder.children].indexOf(label);
        if (at >= 0 && this.rungs[at] !== this.current) this.step(at);
      });
      new ResizeObserver(() => this.paint()).observe(this.canvas);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target;
      if (target.closest("details")) return;
      const button = target.matches("button, input[type=checkbox]");
      if (event.key >= "1" && event.key <= "9") this.step(Number(event.key) - 1);
      else if (event.key === " " && !button) this.toggle();
      else if (target.matches("input[type=radio]")) return;
      else if (event.key === "ArrowLeft") this.seek(this.player.position - 0.25);
      else if (event.key === "ArrowRight") this.seek(this.player.position + 0.25);
      else if (event.key === "ArrowUp") this.step(this.rungs.indexOf(this.current) + 1);
      else if (event.key === "ArrowDown") this.step(this.rungs.indexOf(this.current) - 1);
      else if (event.key === "Home") this.seek(0);
      else return;
      event.preventDefault();
    }

    // Sound ------------------------------------------------------------------------------

    get seconds() {
      return this.player.length || 1;
    }

    async samplesOf(version) {
      if (!this.kept.has(version)) this.kept.set(version, version.samples());
      return this.kept.get(version);
    }

    // What is to be heard now: its samples and the level to play them at.
    async wanted() {
      const version = this.current;
      const residual = this.residual;
      const matched = this.find("igualar").checked;
      const samples = await this.samplesOf(version);
      if (!residual) return { samples, level: matched ? L.ratio(version.matched) : 1, version };
      const original = await this.samplesOf(this.original);
      const left = Float32Array.from(original, (value, i) => value - samples[i]);
      const level = L.ratio(version.residual);
      return { samples: left, level, version, residual };
    }

    get residual() {
      return this.find("residuo").checked && this.current.residual !== null;
    }

    ready() {
      return this.player.samples ? Promise.resolve() : this.change();
    }

    // Whoever waits for a change that another overtakes waits for that one.
    change() {
      return (this.changing = this.load(++this.turn));
    }

    async load(turn) {
      const state = this.find("estado");
      const slow = setTimeout(() => (state.textContent = this.words.cargando), 150);
      try {
        const found = await this.wanted();
        if (!this.scale) {
          const original = await this.samplesOf(this.original);
          const peak = original.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
          this.scale = { peak, top: L.loudestBin(original) };
        }
        if (turn !== this.turn) return this.changing;
        this.player.use(found.samples, found.level);
        this.shown = found;
        state.textContent = "";
        this.show();
        this.paint();
      } catch (error) {
        state.textContent = this.words.error;
      } finally {
        clearTimeout(slow);
      }
    }

    async select(version) {
      this.current = version;
      this.show();
      if (this.asked) await this.change();
    }

    // Nothing is loaded before the visitor asks for it.
    async toggle() {
      if (this.player.playing) return this.player.stop();
      this.asked = true;
      await this.ready();
      this.player.play();
      for (const version of this.rungs) this.samplesOf(version).catch(() => {});
    }

    async seek(place) {
      this.asked = true;
      await this.ready();
      this.player.seek(place);
      this.show();
    }

    mark(from, to) {
      const whole = to - from < 0.05;
      this.player.repeat(whole ? null : [from, to], this.find("repetir").checked);
      this.show();
    }

    // Pictures ---------------------------------------------------------------------------

    show() {
      const { player, current: version } = this;
      const button = this.find("tocar");
      button.classList.toggle("sonando", player.playing);
      button.setAttribute("aria-label", player.playing ? this.words.pausar : this.words.tocar);
      this.view.classList.toggle("en-residuo", this.residual);
      this.find("residuo").disabled = version.residual === null;
      this.find("ganancia-residuo").textContent = version.residual === null || !version.group
        ? "" : L.say(this.words.ganancia, { dB: this.signed(version.residual) });
      this.find("nombre").textContent = version.group
        ? `${version.label}, ${L.integer(version.size)}` : this.words.original;
      for (const place of this.view.querySelectorAll("[data-medida]")) {
        place.textContent = version.measures[place.dataset.medida] || "—";
      }
      this.find("region").hidden = !player.region;
      if (player.region) {
        const [from, to] = player.region;
        this.find("region").style.left = `${(100 * from) / this.seconds}%`;
        this.find("region").style.width = `${(100 * (to - from)) / this.seconds}%`;
      }
      this.follow();
    }

    signed(value) {
      return (value > 0 ? "+" : "") + L.decimal(value, 1);
    }

    follow() {
      const place = this.player.position;
      this.find("cursor").style.left = `${(100 * place) / this.seconds}%`;
      this.canvas.setAttribute("aria-valuemax", this.seconds.toFixed(2));
      this.canvas.setAttribute("aria-valuenow", place.toFixed(3));
      this.canvas.setAttribute("aria-valuetext", `${L.decimal(place, 1)} s`);
      const length = this.player.length;
      this.find("tiempo").textContent = L.decimal(place, 1) +
        (length ? ` / ${L.decimal(length, 1)} s` : " s");
      cancelAnimationFrame(this.frame);
      if (this.player.playing) this.frame = requestAnimationFrame(() => this.follow());
    }

    paint() {
      if (!this.shown || !this.canvas.clientWidth) return;
      const { samples, version, residual } = this.shown;
      const name = residual ? `residual ${this.versions.indexOf(version)}` : version;
      if (!this.pictures.has(name)) {
        this.pictures.set(name, L.spectrogram(samples, this.scale.top));
      }
      this.canvas.classList.add("dibujado");
      L.drawOutline(this.find("onda"), samples, this.scale.peak);
      L.drawPicture(this.find("espectro"), this.pictures.get(name));
    }
  };
})();
