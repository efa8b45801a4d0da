// Plays samples, one sound at a time; switches between sounds without a gap.
(function () {
  "use strict";
  const L = Latentes;
  const START_DELAY = 0.02; // seconds from scheduling a source to its start
  const FADE_SECONDS = 0.006; // seconds of cross-fade between two sounds
  const MIXED_AT_ONCE = 2 ** 17; // samples
  const study = document.documentElement.dataset;
  L.rate = Number(study.tasa);
  L.clipLength = Number(study.muestras); // samples
  let context = null;
  let active = null;

  function audioContext() {
    // At the study's sampling rate buffers are played without resampling.
    if (!context) {
      context = new AudioContext({ sampleRate: L.rate });
      // The system takes the output away, as for a call on iOS ("interrupted").
      context.onstatechange = () => {
        if (context.state !== "running" && active) active.stop();
      };
    }
    if (context.state !== "running") context.resume();
  }

  // Decode an audio file to mono samples at the study's sampling rate. Channels are mixed in parts,
  // so that the page keeps answering.
  L.decode = async function (bytes) {
    const sound = await new OfflineAudioContext(1, 1, L.rate).decodeAudioData(bytes.buffer);
    const samples = new Float32Array(sound.length);
    for (let from = 0; from < samples.length; from += MIXED_AT_ONCE) {
      if (from) await L.pause();
      const to = Math.min(samples.length, from + MIXED_AT_ONCE);
      for (let channel = 0; channel < sound.numberOfChannels; channel++) {
        const part = sound.getChannelData(channel);
        for (let i = from; i < to; i++) samples[i] += part[i] / sound.numberOfChannels;
      }
    }
    return samples;
  };

  L.sound = async (key) => L.decode(L.bytes((await L.loadOnce(`sonidos/${key}.js`, key))[0]));

  // A sound of a bundle, which is kept.
  L.bundledSound = async function (bundle, key) {
    const [files] = await L.load(`sonidos/${bundle}.js`, bundle);
    return L.decode(L.bytes(files[key]));
  };

  // A player of sounds of equal length. `onChange()` is called when it starts or stops.
  L.Player = class {
    constructor(onChange) {
      this.onChange = onChange;
      this.samples = null;
      this.expected = 0; // length in seconds before samples are known
      this.targetGain = 1;
      this.offset = 0;
      this.region = null; // [from, to] in seconds, or null for all
      this.loop = true;
      this.playing = false;
    }

    get length() {
      return this.samples ? this.samples.length / L.rate : this.expected;
    }

    get bounds() {
      return this.region || [0, this.length];
    }

    positionAt(time) {
      let position = this.offset + Math.max(0, time - this.startTime);
      const [from, to] = this.bounds;
      if (this.loop && position >= to && to > from) {
        position = from + ((position - from) % (to - from));
      }
      return Math.min(position, to);
    }

    get position() {
      return this.playing ? this.positionAt(context.currentTime) : this.offset;
    }

    // Change the sound; while playing, the new one continues at the same position.
    setSound(samples, targetGain) {
      this.samples = samples;
      this.targetGain = targetGain;
      if (this.playing) this.startSource(null);
    }

    // To be called when the user presses, before anything is awaited.
    wake() {
      audioContext();
    }

    play() {
      if (!this.samples) return;
      if (active && active !== this) active.stop();
      for (const native of document.querySelectorAll("audio")) native.pause();
      active = this;
      audioContext();
      this.playing = true;
      this.startSource(this.offset);
      this.onChange();
    }

    stop() {
      if (!this.playing) return;
      this.offset = this.positionAt(context.currentTime);
      this.playing = false;
      if (this.offset >= this.bounds[1] - 1e-3) this.offset = this.bounds[0];
      this.fadeOut(context.currentTime);
      this.onChange();
    }

    seek(position) {
      this.offset = L.clamp(position, 0, Math.max(0, this.length - 0.01));
      if (this.playing) this.startSource(this.offset);
    }

    setRegion(region, loop) {
      this.offset = this.position;
      this.region = region;
      this.loop = loop;
      if (this.playing) this.startSource(this.offset);
    }

    // Start a source in `delay` seconds, at `position`; null continues where the current source is.
    startSource(position, delay = START_DELAY) {
      const [from, to] = this.bounds;
      const buffer = context.createBuffer(1, this.samples.length, L.rate);
      buffer.copyToChannel(this.samples, 0);
      const source = new AudioBufferSourceNode(context, {
        buffer, loop: this.loop, loopStart: from, loopEnd: to,
      });
      const gain = new GainNode(context, { gain: 0 });
      source.connect(gain).connect(context.destination);
      const at = Math.ceil((context.currentTime + delay) * L.rate) / L.rate;
      let start = position === null ? this.positionAt(at) : position;
      if (start < from || start >= to) start = from;
      start = Math.round(start * L.rate) / L.rate;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(this.targetGain, at + FADE_SECONDS);
      if (this.loop) source.start(at, start);
      else source.start(at, start, to - start);
      if (context.currentTime >= at) {
        // The machine was busy and the start time has passed: retry with a longer delay.
        gain.disconnect();
        return this.startSource(position, 2 * delay);
      }
      this.fadeOut(at);
      this.source = source;
      this.gain = gain;
      this.offset = start;
      this.startTime = at;
      source.onended = () => {
        if (this.source === source && this.playing) this.stop();
      };
    }

    fadeOut(at) {
      if (!this.source) return;
      const currentGain = this.gain.gain.value;
      this.source.onended = null;
      this.gain.gain.cancelScheduledValues(at);
      this.gain.gain.setValueAtTime(currentGain, at);
      this.gain.gain.linearRampToValueAtTime(0, at + FADE_SECONDS);
      this.source.stop(at + FADE_SECONDS + 0.01);
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
