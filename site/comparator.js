// The comparator: switches between versions of one clip during playback.
(function () {
  "use strict";
  const L = window.Latentes;

  // A version: {group, label, size, unit: of the size, if it does not count numbers,
  // measures: {name: text}, samples: async () => Float32Array, matched: gain in dB to the common
  // loudness, residual: gain in dB of the residual or null}. `samples` have the loudness of the
  // study's results, before matching.
  L.sizeText = ({ size, unit }) => L.integer(size) + (unit ? ` ${unit}` : "");

  L.Comparator = class {
    constructor(box, versions) {
      this.box = box;
      this.versions = versions;
      this.spectrograms = new Map();
      this.sampleCache = new Map();
      this.original = versions.find((version) => !version.group);
      this.groups = [...new Set(versions.map((v) => v.group).filter(Boolean))];
      this.group = this.groups[0] || "";
      this.current = this.original;
      this.request = 0;
      this.view = L.fromTemplate("t-comparador");
      box.prepend(this.view);
      this.find = (name) => this.view.querySelector(`.${name}`);
      this.words = this.view.dataset;
      this.canvas = this.find("lienzo");
      this.player = new L.Player(() => this.update());
      this.build();
      this.listen();
      this.update();
    }

    // Controls ---------------------------------------------------------------------------

    build() {
      const name = `g${L.Comparator.count = (L.Comparator.count || 0) + 1}`;
      const methods = this.find("metodos");
      for (const group of this.groups) {
        const { label } = this.versions.find((version) => version.group === group);
        methods.append(this.radioOption(`${name}-m`, group, label, () => this.setGroup(group)));
      }
      methods.hidden = this.groups.length < 2;
      this.sizeButtons = this.find("peldanos");
      this.name = `${name}-n`;
      this.buildSizes();
      this.select(this.original);
    }

    radioOption(name, value, label, onChange) {
      const option = L.fromTemplate("t-opcion");
      const input = option.querySelector("input");
      input.name = name;
      input.value = value;
      option.querySelector("span").textContent = label;
      input.addEventListener("change", onChange);
      return option;
    }

    // One button per size of the group, smallest first, then the original.
    buildSizes() {
      const members = this.versions.filter((version) => version.group === this.group);
      this.sizeVersions = [...members.sort((a, b) => a.size - b.size), this.original];
      const maxSize = Math.max(...members.map((version) => version.size), 1);
      this.sizeButtons.replaceChildren(...this.sizeVersions.map((version, position) => {
        const label = version.group ? L.sizeText(version) : this.words.original;
        const option = this.radioOption(this.name, position, label, () => this.select(version));
        const height = version.group ? 0.2 + (0.6 * version.size) / maxSize : 1;
        option.querySelector("i").style.height = `${Math.round(2.2 * height * 100) / 100}rem`;
        if (position < 9) option.querySelector("kbd").textContent = position + 1;
        option.querySelector("input").setAttribute("aria-label",
          version.group && !version.unit
            ? L.format(this.words.tamano, { n: label }) : label);
        return option;
      }));
      const at = this.sizeVersions.indexOf(this.current);
      if (at >= 0) this.sizeButtons.querySelectorAll("input")[at].checked = true;
      const inputs = this.find("metodos").querySelectorAll("input");
      for (const input of inputs) input.checked = input.value === this.group;
    }

    setGroup(group) {
      this.group = group;
      if (this.current.group) {
        const same = this.versions.find((v) => v.group === group && v.size === this.current.size);
        this.current = same || this.versions.find((v) => v.group === group);
      }
      this.buildSizes();
      this.select(this.current);
    }

    selectSize(position) {
      if (position < 0 || position >= this.sizeVersions.length) return;
      this.sizeButtons.querySelectorAll("input")[position].checked = true;
      this.select(this.sizeVersions[position]);
    }

    listen() {
      const on = (name, type, listener) => this.find(name).addEventListener(type, listener);
      on("tocar", "click", () => this.toggle());
      on("residuo", "change", () => this.select(this.current));
      on("igualar", "change", () => this.select(this.current));
      const player = this.player;
      const repeats = () => this.find("repetir").checked;
      on("repetir", "change", () => player.setRegion(player.region, repeats()));
      on("desde", "click", () => this.markRegion(player.position, player.bounds[1]));
      on("hasta", "click", () => this.markRegion(player.bounds[0], player.position));
      on("entero", "click", () => this.markRegion(0, 0));
      this.box.addEventListener("keydown", (event) => this.key(event));
      const position = (event) => {
        const box = this.canvas.getBoundingClientRect();
        return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.seconds;
      };
      this.canvas.addEventListener("pointerdown", async (event) => {
        await this.ready();
        this.canvas.setPointerCapture(event.pointerId);
        this.drag = { from: position(event), x: event.clientX };
      });
      this.canvas.addEventListener("pointermove", (event) => {
        if (this.drag && Math.abs(event.clientX - this.drag.x) > 6) {
          this.drag.dragged = true;
          this.markRegion(...[this.drag.from, position(event)].sort((a, b) => a - b));
        }
      });
      this.canvas.addEventListener("pointerup", (event) => {
        if (this.drag && !this.drag.dragged) {
          const [from, to] = player.bounds;
          if (position(event) < from || position(event) >= to) this.markRegion(0, 0);
          this.seek(position(event));
        }
        this.drag = null;
      });
      // Dragging over the buttons selects each size on the way.
      this.sizeButtons.addEventListener("pointermove", (event) => {
        if (!event.buttons) return;
        const under = document.elementFromPoint(event.clientX, event.clientY);
        const label = under && under.closest("label");
        const at = [...this.sizeButtons.children].indexOf(label);
        if (at >= 0 && this.sizeVersions[at] !== this.current) this.selectSize(at);
      });
      new ResizeObserver(() => this.draw()).observe(this.canvas);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target;
      if (target.closest("details")) return;
      const button = target.matches("button, input[type=checkbox]");
      const size = this.sizeVersions.indexOf(this.current);
      if (event.key >= "1" && event.key <= "9") this.selectSize(Number(event.key) - 1);
      else if (event.key === " " && !button) this.toggle();
      else if (target.matches("input[type=radio]")) return;
      else if (event.key === "ArrowLeft") this.seek(this.player.position - 0.25);
      else if (event.key === "ArrowRight") this.seek(this.player.position + 0.25);
      else if (event.key === "ArrowUp") this.selectSize(size + 1);
      else if (event.key === "ArrowDown") this.selectSize(size - 1);
      else if (event.key === "Home") this.seek(0);
      else return;
      event.preventDefault();
    }

    // Sound ------------------------------------------------------------------------------

    get seconds() {
      return this.player.length || 1;
    }

    async samplesOf(version) {
      if (!this.sampleCache.has(version)) this.sampleCache.set(version, version.samples());
      return this.sampleCache.get(version);
    }

    // The sound to play now: its samples and gain.
    async currentSound() {
      const version = this.current;
      const residual = this.residual;
      const matched = this.find("igualar").checked;
      const samples = await this.samplesOf(version);
      if (!residual) {
        return { samples, gain: matched ? L.amplitudeRatio(version.matched) : 1, version };
      }
      const original = await this.samplesOf(this.original);
      const difference = Float32Array.from(original, (value, i) => value - samples[i]);
      const gain = L.amplitudeRatio(version.residual);
      return { samples: difference, gain, version, residual };
    }

    get residual() {
      return this.find("residuo").checked && this.current.residual !== null;
    }

    ready() {
      return this.player.samples ? Promise.resolve() : this.change();
    }

    // If another change overtakes this one, the promise resolves when that one is done.
    change() {
      return (this.loading = this.load(++this.request));
    }

    async load(request) {
      const state = this.find("estado");
      const loadingTimer = setTimeout(() => (state.textContent = this.words.cargando), 150);
      try {
        const sound = await this.currentSound();
        if (!this.scale) {
          const original = await this.samplesOf(this.original);
          const peak = original.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
          this.scale = { peak, top: L.loudestBin(original) };
        }
        if (request !== this.request) return this.loading;
        this.player.setSound(sound.samples, sound.gain);
        this.shown = sound;
        state.textContent = "";
        this.update();
        this.draw();
      } catch (error) {
        state.textContent = this.words.error;
      } finally {
        clearTimeout(loadingTimer);
      }
    }

    async select(version) {
      this.current = version;
      this.update();
      if (this.activated) await this.change();
    }

    // Nothing is loaded before the first interaction.
    async toggle() {
      if (this.player.playing) return this.player.stop();
      this.activated = true;
      await this.ready();
      this.player.play();
      for (const version of this.sizeVersions) this.samplesOf(version).catch(() => {});
    }

    async seek(position) {
      this.activated = true;
      await this.ready();
      this.player.seek(position);
      this.update();
    }

    markRegion(from, to) {
      const whole = to - from < 0.05;
      this.player.setRegion(whole ? null : [from, to], this.find("repetir").checked);
      this.update();
    }

    // Drawing ----------------------------------------------------------------------------

    update() {
      const { player, current: version } = this;
      const button = this.find("tocar");
      button.classList.toggle("sonando", player.playing);
      button.setAttribute("aria-label", player.playing ? this.words.pausar : this.words.tocar);
      this.view.classList.toggle("en-residuo", this.residual);
      this.find("residuo").disabled = version.residual === null;
      this.find("ganancia-residuo").textContent = version.residual === null || !version.group
        ? "" : L.format(this.words.ganancia, { dB: this.signed(version.residual) });
      this.find("nombre").textContent = version.group
        ? `${version.label}, ${L.sizeText(version)}` : this.words.original;
      for (const cell of this.view.querySelectorAll("[data-medida]")) {
        cell.textContent = version.measures[cell.dataset.medida] || "—";
      }
      this.find("region").hidden = !player.region;
      if (player.region) {
        const [from, to] = player.region;
        this.find("region").style.left = `${(100 * from) / this.seconds}%`;
        this.find("region").style.width = `${(100 * (to - from)) / this.seconds}%`;
      }
      this.updatePosition();
    }

    signed(value) {
      return (value > 0 ? "+" : "") + L.decimal(value, 1);
    }

    updatePosition() {
      const position = this.player.position;
      this.find("cursor").style.left = `${(100 * position) / this.seconds}%`;
      this.canvas.setAttribute("aria-valuemax", this.seconds.toFixed(2));
      this.canvas.setAttribute("aria-valuenow", position.toFixed(3));
      this.canvas.setAttribute("aria-valuetext", `${L.decimal(position, 1)} s`);
      const length = this.player.length;
      this.find("tiempo").textContent = L.decimal(position, 1) +
        (length ? ` / ${L.decimal(length, 1)} s` : " s");
      cancelAnimationFrame(this.frame);
      if (this.player.playing) this.frame = requestAnimationFrame(() => this.updatePosition());
    }

    draw() {
      if (!this.shown || !this.canvas.clientWidth) return;
      const { samples, version, residual } = this.shown;
      const name = residual ? `residual ${this.versions.indexOf(version)}` : version;
      if (!this.spectrograms.has(name)) {
        this.spectrograms.set(name, L.spectrogram(samples, this.scale.top));
      }
      this.canvas.classList.add("dibujado");
      L.drawWaveform(this.find("onda"), samples, this.scale.peak);
      L.drawImage(this.find("espectro"), this.spectrograms.get(name));
    }
  };
})();
