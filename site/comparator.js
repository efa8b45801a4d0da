// The comparator: switches between versions of one clip during playback.
(function () {
  "use strict";
  const L = Latentes;
  let count = 0;

  // A version: {version: its name, group, label, size, unit: of the size, if it does not count
  // numbers, measures: {name: text}, note: what to listen for, samples: async () => Float32Array,
  // matched: gain in dB to the common loudness, residual: gain in dB of the residual or null}.
  // `samples` have the loudness of the study's results, before matching.
  L.sizeText = ({ size, unit }) => L.integer(size) + (unit ? ` ${unit}` : "");

  // A size relative to the original: to its numbers, or to its kbit/s at 16 bits.
  const share = ({ size, unit }) => size / (unit ? (16 * L.rate) / 1000 : L.clipLength);

  L.Comparator = class {
    // `song` is {name, page: with its comparator, seconds} for a song of the site.
    constructor(box, versions, song = null) {
      box.comparator = this;
      this.box = box;
      this.song = song;
      this.versions = versions;
      this.samplesCache = new Map();
      this.original = versions.find((version) => !version.group);
      this.groups = [...new Set(versions.map((v) => v.group).filter(Boolean))];
      this.group = this.groups[0] || "";
      this.current = this.original; // the choice; `shown` is the sound last loaded
      this.request = 0;
      this.view = L.fromTemplate("t-comparador");
      this.find = (name) => this.view.querySelector(`.${name}`);
      this.words = this.view.dataset;
      this.player = new L.Player(() => this.update());
      this.player.expected = song ? song.seconds : 0;
      const picture = box.querySelector(".espectrograma");
      box.prepend(this.view);
      this.picture = new L.SoundPicture(this, picture);
      this.build();
      L.offerLinks(this);
      this.update();
    }

    // Controls ---------------------------------------------------------------------------

    build() {
      this.name = `rung${++count}`;
      this.compact = this.box.classList.contains("compacto");
      this.sizeButtons = this.find("peldanos");
      const methods = this.find("metodos");
      for (const group of this.groups) {
        const button = document.createElement("button");
        button.type = "button";
        button.value = group;
        button.textContent = this.versions.find((version) => version.group === group).label;
        L.on(button, "click", () => this.setGroup(group));
        methods.append(button);
      }
      methods.hidden = this.groups.length < 2;
      this.buildSizes();
      this.listen();
    }

    // One button per size of the group, smallest first, then the original. A compact comparator
    // has the versions that it names.
    buildSizes() {
      const hadFocus = this.sizeButtons.contains(document.activeElement);
      const named = (this.box.dataset.versiones || "").split(" ");
      const members = this.compact
        ? named.map((name) => this.versions.find((v) => v.version === name)).filter(Boolean)
        : this.versions.filter((v) => v.group === this.group).sort((a, b) => a.size - b.size);
      this.rungs = [...members.filter((version) => version.group), this.original];
      this.sizeButtons.replaceChildren(...this.rungs.map((version, position) => {
        const option = L.fromTemplate("t-opcion");
        const input = option.querySelector("input");
        const size = version.group ? L.sizeText(version) : "";
        const counted = version.unit ? size : L.format(this.words.tamano, { n: size });
        const title = this.compact && size ? version.label : size || this.words.original;
        const { snr } = version.measures;
        const detail = snr ? L.format(this.words.detalle, { n: counted, dB: snr }) : counted;
        input.name = this.name;
        input.ariaLabel = !size ? title : this.compact ? `${title}, ${detail}` : counted;
        L.on(input, "click", () => {
          this.select(version);
          if (this.compact && !this.player.playing) this.toggle();
        });
        option.querySelector("span").textContent = title;
        option.querySelector("small").textContent = size && this.compact ? detail : "";
        option.querySelector("i").style.height = `${size ? 100 * share(version) : 100}%`;
        if (!size || position < 9) {
          option.querySelector("kbd").textContent = size ? position + 1 : 0;
        }
        return option;
      }));
      this.check();
      if (hadFocus) this.focusRung();
    }

    // Show the choice on the buttons.
    check() {
      const inputs = this.sizeButtons.querySelectorAll("input");
      this.rungs.forEach((version, i) => (inputs[i].checked = version === this.current));
      for (const button of this.find("metodos").querySelectorAll("button")) {
        button.ariaPressed = button.value === this.group;
      }
    }

    focusRung() {
      const input = this.sizeButtons.querySelector(":checked");
      if (input) input.focus();
    }

    setGroup(group) {
      this.group = group;
      let version = this.current;
      if (version.group) {
        const distance = (each) => Math.abs(Math.log(share(each) / share(this.current)));
        version = this.versions.filter((each) => each.group === group)
          .reduce((best, each) => (distance(each) < distance(best) ? each : best));
      }
      this.buildSizes();
      this.select(version);
    }

    selectRung(position) {
      const version = this.rungs[position];
      if (!version) return;
      const moves = this.sizeButtons.contains(document.activeElement);
      this.select(version);
      if (moves) this.focusRung();
    }

    listen() {
      const on = (name, type, listener) => L.on(this.find(name), type, listener);
      const { player } = this;
      on("tocar", "click", () => this.toggle());
      // Not disabled where there is no residual, so that it keeps the focus.
      on("residuo", "click", (event) => {
        if (this.current.residual === null) event.preventDefault();
      });
      on("residuo", "change", () => this.change());
      on("igualar", "change", () => this.change());
      on("repetir", "change", () => this.markRegion(...(player.region || [0, 0])));
      on("desde", "click", () => this.markRegion(player.position, player.bounds[1]));
      on("hasta", "click", () => this.markRegion(player.bounds[0], player.position));
      on("entero", "click", () => {
        this.picture.zoom(null);
        this.markRegion(0, 0);
      });
      on("ampliar", "click", () => this.picture.zoom(this.picture.window ? null : player.region));
      // After a click keys act on the panel, as where clicked buttons take no focus (Safari).
      L.on(this.view, "click", (event) => {
        if (event.detail && !event.target.closest(".compartir, a")) {
          this.view.focus({ preventScroll: true });
        }
      });
    }

    // Sound ------------------------------------------------------------------------------

    get seconds() {
      return this.player.length || 1;
    }

    get residual() {
      return this.find("residuo").checked && this.current.residual !== null;
    }

    // What plays, or what is chosen while nothing does.
    get heard() {
      return (this.player.playing && this.shown) ||
        { version: this.current, residual: this.residual };
    }

    nameOf({ version, residual }) {
      const name = version.group
        ? `${version.label}, ${L.sizeText(version)}` : this.words.original;
      return residual ? L.format(this.words.residuo, { nombre: name }) : name;
    }

    samplesOf(version) {
      return L.cached(this.samplesCache, version, version.samples);
    }

    // The sound that is chosen: its samples and gain.
    async currentSound() {
      const { current: version, residual } = this;
      const gain = residual ? version.residual
        : this.find("igualar").checked ? version.matched : 0;
      const sound = { version, residual, gain: L.amplitudeRatio(gain) };
      const samples = await this.samplesOf(version);
      if (!residual) return { ...sound, samples };
      const original = await this.samplesOf(this.original);
      return { ...sound, samples: original.map((value, i) => value - samples[i]) };
    }

    ready() {
      return this.shown ? Promise.resolve() : this.change();
    }

    // If another change overtakes this one, the promise resolves when that one is done.
    change() {
      return (this.loading = this.load(++this.request));
    }

    async load(request) {
      const loadingTimer = setTimeout(() => this.say(this.words.cargando), 150);
      const chosen = { version: this.current, residual: this.residual };
      this.update();
      try {
        const sound = await this.currentSound();
        await this.picture.measure();
        if (request !== this.request) return this.loading;
        const same = this.shown &&
          ["version", "residual", "gain"].every((name) => this.shown[name] === sound[name]);
        if (!same) {
          this.player.setSound(sound.samples, sound.gain);
          this.shown = sound;
        }
        this.say("");
      } catch (error) {
        if (request !== this.request) return this.loading;
        this.revert();
        this.say(L.format(this.words.error, { nombre: this.nameOf(chosen) }), true);
      } finally {
        clearTimeout(loadingTimer);
      }
      this.loading = null;
      this.update();
      this.picture.draw();
    }

    // Go back to the choice that plays or last did.
    revert() {
      const { version, residual } = this.shown || { version: this.original };
      this.current = version;
      this.find("residuo").checked = Boolean(residual);
      if (version.group) this.group = version.group;
      this.buildSizes();
    }

    say(text, failed = false) {
      this.find("estado").textContent = text;
      this.find("estado").classList.toggle("falla", failed);
    }

    select(version) {
      this.current = version;
      this.check();
      return this.change();
    }

    // Nothing is loaded before the first choice or play.
    async toggle() {
      const { player } = this;
      if (player.playing) return player.stop();
      player.wake();
      await (this.loading || this.ready());
      if (!this.shown) return;
      player.play();
      for (const version of this.rungs) this.samplesOf(version).catch(() => {});
    }

    seek(position) {
      this.player.seek(position);
      this.update();
    }

    markRegion(from, to) {
      const whole = to - from < 0.05;
      this.player.setRegion(whole ? null : [from, to], this.find("repetir").checked);
      this.update();
    }

    update() {
      const { player, heard, words } = this;
      const { version, residual } = heard;
      L.showPlaying(this.find("tocar"), player.playing, words, `: ${this.box.ariaLabel}`);
      this.view.classList.toggle("en-residuo", residual);
      const none = this.current.residual === null;
      this.find("residuo").ariaDisabled = none;
      this.find("ganancia-residuo").textContent = none || !this.current.group
        ? "" : L.format(words.ganancia, { dB: this.signed(this.current.residual) });
      this.find("nombre").textContent = this.nameOf(heard);
      this.find("atender").textContent = residual ? words.atenderResiduo : version.note || "";
      const measures = residual ? { gain: this.signed(version.residual) } : version.measures;
      for (const cell of this.view.querySelectorAll("[data-medida]")) {
        cell.textContent = measures[cell.dataset.medida] || "—";
      }
      this.picture.update();
    }

    signed(value) {
      return (value > 0 ? "+" : "") + L.decimal(value, 1);
    }
  };
})();
