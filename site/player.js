// Plays samples: one sound on the page at a time, switched without a gap at the same position.
(function () {
  "use strict";
  const L = window.Latentes;
  const AHEAD = 0.02; // seconds between asking for a sound and its start
  const FADE = 0.006; // seconds of cross-fade between two versions
  L.rate = Number(document.documentElement.dataset.tasa);
  let context = null;
  let active = null;

  function stage() {
    // At the study's own rate a buffer is played sample by sample, with no interpolation.
    if (!context) context = new AudioContext({ sampleRate: L.rate });
    if (context.state === "suspended") context.resume();
    return context;
  }

  // Samples of an audio file's bytes, mono, at the study's rate (exact where it has that rate).
  L.decode = async function (bytes) {
    const sound = await new OfflineAudioContext(1, 1, L.rate).decodeAudioData(bytes.buffer);
    const samples = new Float32Array(sound.length);
    for (let channel = 0; channel < sound.numberOfChannels; channel++) {
      const part = sound.getChannelData(channel);
      for (let i = 0; i < samples.length; i++) samples[i] += part[i] / sound.numberOfChannels;
    }
    return samples;
  };

  L.sound = async (key) => L.decode(L.bytes((await L.loadOnce(`sonidos/${key}.js`, key))[0]));

  // A player of equally long sounds. `tell` is called when it starts or stops.
  L.Player = class {
    constructor(tell) {
      this.tell = tell;
      this.samples = null;
      this.level = 1;
      this.offset = 0;
      this.region = null; // [from, to] in seconds, or null for all
      this.loop = true;
      this.playing = false;
    }

    get length() {
      return this.samples ? this.samples.length / L.rate : 0;
    }

    get bounds() {
      return this.region || [0, this.length];
    }

    at(time) {
      let place = this.offset + Math.max(0, time - this.begun);
      const [from, to] = this.bounds;
      if (this.loop && place >= to && to > from) place = from + ((place - from) % (to - from));
      return Math.min(place, to);
    }

    get position() {
      return this.playing ? this.at(context.currentTime) : this.offset;
    }

    // Change what is heard; while it plays, the new sound goes on where the old one is.
    use(samples, level) {
      this.samples = samples;
      this.level = level;
      if (this.playing) this.spring(null);
    }

    play() {
      if (!this.samples) return;
      if (active && active !== this) active.stop();
      for (const native of document.querySelectorAll("audio")) native.pause();
      active = this;
      stage();
      this.playing = true;
      this.spring(this.offset);
      this.tell();
    }

    stop() {
      if (!this.playing) return;
      this.offset = this.at(context.currentTime);
      this.playing = false;
      if (this.offset >= this.bounds[1] - 1e-3) this.offset = this.bounds[0];
      this.hush(context.currentTime);
      this.tell();
    }

    seek(place) {
      this.offset = Math.min(Math.max(place, 0), Math.max(0, this.length - 0.01));
      if (this.playing) this.spring(this.offset);
    }

    repeat(region, loop) {
      this.offset = this.position;
      this.region = region;
      this.loop = loop;
      if (this.playing) this.spring(this.offset);
    }

    // Start a source `ahead` seconds from now, at `place` or where the present one will then be.
    spring(place, ahead = AHEAD) {
      const [from, to] = this.bounds;
      const buffer = context.createBuffer(1, this.samples.length, L.rate);
      buffer.copyToChannel(this.samples, 0);
      const source = new AudioBufferSourceNode(context, {
        buffer, loop: this.loop, loopStart: from, loopEnd: to,
      });
      const gain = new GainNode(context, { gain: 0 });
      source.connect(gain).connect(context.destination);
      const at = Math.ceil((context.currentTime + ahead) * L.rate) / L.rate;
      let start = place === null ? this.at(at) : place;
      if (start < from || start >= to) start = from;
      start = Math.round(start * L.rate) / L.rate;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(this.level, at + FADE);
      if (this.loop) source.start(at, start);
      else source.start(at, start, to - start);
      if (context.currentTime >= at) {
        // A busy machine was too late: it would be heard behind its place from here on.
        gain.disconnect();
        return this.spring(place, 2 * ahead);
      }
      this.hush(at);
      this.source = source;
      this.gain = gain;
      this.offset = start;
      this.begun = at;
      source.onended = () => {
        if (this.source === source && this.playing) this.stop();
      };
    }

    hush(at) {
      if (!this.source) return;
      const level = this.gain.gain.value;
      this.source.onended = null;
      this.gain.gain.cancelScheduledValues(at);
      this.gain.gain.setValueAtTime(level, at);
      this.gain.gain.linearRampToValueAtTime(0, at + FADE);
      this.source.stop(at + FADE + 0.01);
      this.source = null;
    }
  };

  document.addEventListener("play", function (event) {
    if (active) active.stop();
    for (const native of document.querySelectorAll("audio")) {
      if (native !== event.target) native.pause();
    }
  }, true);
})();
