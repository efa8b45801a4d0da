// The picture of a comparator: waveform, spectrogram, axes, cursor and marked region.
(function () {
  "use strict";
  const L = Latentes;
  const FREQUENCIES = [100, 300, 1000, 3000, 8000];

  // Label a place of an axis, in percent from its `side`.
  function label(axis, text, side, place) {
    const span = document.createElement("span");
    span.textContent = text;
    span.style[side] = `${place}%`;
    axis.append(span);
  }

  L.SoundPicture = class {
    // `first` is an image of the original's spectrogram, shown until a sound is drawn, or null.
    constructor(comparator, first) {
      this.comparator = comparator;
      this.find = comparator.find;
      this.canvas = this.find("lienzo");
      this.first = first;
      this.window = null; // [from, to] in seconds that is enlarged, or null for all
      this.spectrograms = new Map();
      if (first) this.find("imagen").prepend(first);
      for (const each of FREQUENCIES.filter((frequency) => frequency < L.rate / 2)) {
        const text = each < 1000 ? `${each} Hz` : `${each / 1000} kHz`;
        label(this.find("frecuencias"), text, "bottom", 100 * L.heightOf(each));
      }
      this.listen();
    }

    get bounds() {
      return this.window || [0, this.comparator.seconds];
    }

    // Place of a time, in percent of the width.
    placeOf(time) {
      const [from, to] = this.bounds;
      return (100 * (time - from)) / (to - from);
    }

    listen() {
      const { canvas, comparator } = this;
      const { player } = comparator;
      const timeAt = (event) => {
        const box = canvas.getBoundingClientRect();
        const [from, to] = this.bounds;
        return from + L.clamp((event.clientX - box.left) / box.width, 0, 1) * (to - from);
      };
      L.on(canvas, "pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        this.drag = { from: timeAt(event), x: event.clientX };
      });
      L.on(canvas, "pointermove", (event) => {
        if (this.drag && Math.abs(event.clientX - this.drag.x) > 6) {
          this.drag.dragged = true;
          comparator.markRegion(...[this.drag.from, timeAt(event)].sort((a, b) => a - b));
        }
      });
      L.on(canvas, "pointercancel", () => (this.drag = null));
      L.on(canvas, "pointerup", (event) => {
        if (this.drag && !this.drag.dragged) {
          const [from, to] = player.bounds;
          const time = timeAt(event);
          if (time < from || time >= to) comparator.markRegion(0, 0);
          comparator.seek(time);
        }
        this.drag = null;
      });
      L.keepDrawn(canvas, () => this.draw());
    }

    zoom(region) {
      if (!this.window && !region) return;
      this.window = region;
      this.spectrograms.clear();
      this.comparator.ready().then(() => {
        this.update();
        this.draw();
      });
    }

    // Levels of the original, to which every version is drawn.
    async measure() {
      if (this.scale) return;
      const { comparator } = this;
      const original = await comparator.samplesOf(comparator.original);
      this.scale = { peak: L.peak(original), top: L.loudestBin(original) };
    }

    // Labels at round times, in steps of 1, 2 or 5.
    drawTimes() {
      const [from, to] = this.bounds;
      let step = 10 ** Math.floor(Math.log10(to - from));
      if ((to - from) / step < 2) step /= 5;
      else if ((to - from) / step < 5) step /= 2;
      const axis = this.find("tiempos");
      axis.textContent = "";
      for (let time = Math.ceil(from / step) * step; time < to - 0.04 * (to - from); time += step) {
        const text = `${L.decimal(time, step < 0.1 ? 2 : step < 1 ? 1 : 0)} s`;
        label(axis, text, "left", this.placeOf(time));
      }
    }

    update() {
      const { player } = this.comparator;
      const region = this.find("region");
      region.hidden = !player.region;
      if (player.region) {
        const [left, right] = player.region.map((time) => this.placeOf(time));
        region.style.left = `${left}%`;
        region.style.width = `${right - left}%`;
      }
      const enlarge = this.find("ampliar");
      enlarge.ariaPressed = Boolean(this.window);
      enlarge.ariaDisabled = !this.window && !player.region;
      this.updatePosition();
    }

    updatePosition() {
      const { canvas, comparator } = this;
      const { position, length, playing } = comparator.player;
      this.find("cursor").style.left = `${this.placeOf(position)}%`;
      canvas.ariaValueMax = comparator.seconds.toFixed(2);
      canvas.ariaValueNow = position.toFixed(3);
      canvas.ariaValueText = `${L.decimal(position, 1)} s`;
      this.find("tiempo").textContent = `${L.decimal(position, 1)} / ${L.decimal(length, 1)} s`;
      cancelAnimationFrame(this.frame);
      if (playing) this.frame = requestAnimationFrame(() => this.updatePosition());
    }

    draw() {
      const { shown, song, versions } = this.comparator;
      if (!this.canvas.clientWidth) return;
      this.drawTimes();
      if (!shown && song) L.drawWaveform(this.find("onda"), song.outline, 100);
      if (!shown) return;
      const [from, to] = this.bounds.map((time) => Math.round(time * L.rate));
      const samples = shown.samples.subarray(from, to);
      const name = `${versions.indexOf(shown.version)} ${shown.residual}`;
      if (!this.spectrograms.has(name)) {
        this.spectrograms.set(name, L.spectrogram(samples, this.scale.top));
      }
      L.drawWaveform(this.find("onda"), samples, this.scale.peak);
      L.drawImage(this.find("espectro"), this.spectrograms.get(name)).then(() => {
        if (this.first) this.first.remove();
      });
    }
  };
})();
