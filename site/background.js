// Runs the networks, the measures and the coder in a worker, so that the page keeps answering.
(function () {
  "use strict";
  const L = Latentes;
  const SENT_AT_ONCE = 2 ** 20; // samples

  // Runs in the worker; its text is copied, so it only sees `L`.
  function serve(L) {
    const networks = new Map();
    let song = null;
    const tasks = {
      load({ name, model, file }) {
        networks.set(name, L.kinds[model.kind](model, L.tensors(file)));
      },
      encode({ name, clip }) {
        const network = networks.get(name);
        return { latent: network.encode(clip), parts: network.parts };
      },
      decode: ({ name, latent }) => networks.get(name).decode(latent),
      measure: ({ sounds }) => L.measure(sounds),
      receive({ from, samples, length }) {
        if (!from) song = new Float32Array(length);
        song.set(samples, from);
      },
      // Compress the song received, or read a file; what remains is decompressing.
      code({ tensors, model, kbps, file }, onProgress) {
        const coder = L.latenteCoder(L.tensors(tensors), model);
        const compressing = file ? 0 : 0.85; // of the time
        const bytes = file || coder.compress(song, L.rate, kbps, (done) =>
          onProgress(compressing * done));
        song = null;
        const found = coder.decompress(L.readLatente(bytes), (done) =>
          onProgress(compressing + (1 - compressing) * done));
        return { ...found, file: bytes };
      },
    };
    self.onmessage = function ({ data }) {
      try {
        const result = tasks[data.task](data, (progress) => self.postMessage({ progress }));
        self.postMessage({ result }, result && result.sound ? [result.sound.buffer] : []);
      } catch (error) {
        self.postMessage({ error: String(error) });
      }
    };
  }

  // A worker, started by its first task. It does one task after another, until its end.
  L.Background = class {
    constructor() {
      this.waiting = []; // tasks, in their order
      this.networks = new Map(); // name -> promise that the worker has it
    }

    run(task, values, transfer = [], onProgress = null) {
      return new Promise((resolve, reject) => {
        if (this.ended) throw new Error("ended");
        if (!this.worker) this.start();
        this.waiting.push({ resolve, reject, onProgress });
        this.worker.postMessage({ task, ...values }, transfer);
      });
    }

    start() {
      this.worker = L.startWorker(serve);
      this.worker.onmessage = ({ data }) => {
        if ("progress" in data) return this.waiting[0].onProgress(data.progress);
        const { resolve, reject } = this.waiting.shift();
        if ("error" in data) reject(new Error(data.error));
        else resolve(data.result);
      };
      this.worker.onerror = () => this.end();
    }

    // Stop at once: what it has not done fails, and whatever asks for more.
    end() {
      this.ended = true;
      if (this.worker) this.worker.terminate();
      for (const { reject } of this.waiting.splice(0)) reject(new Error("ended"));
    }

    load(name) {
      return L.cached(this.networks, name, async () => {
        const [model, text] = await L.load(`modelos/${name}.js`, name);
        const file = L.bytes(text);
        return this.run("load", { name, model, file }, [file.buffer]);
      });
    }

    // Encodes a clip: {latent, parts: lengths of the parts of a latent, such as its channels}.
    async encode(name, clip) {
      await this.load(name);
      return this.run("encode", { name, clip });
    }

    async decode(name, latent) {
      await this.load(name);
      return this.run("decode", { name, latent });
    }

    // Versions of a clip by every network, for `compare`; `onProgress(label, part)` precedes each.
    async reconstruct(clip, onProgress) {
      const items = [...document.getElementById("redes").content.querySelectorAll("li")];
      const found = [];
      for (const { dataset: { red, familia, rotulo, numeros } } of items) {
        const size = Number(numeros);
        onProgress(`${rotulo}, ${L.integer(size)}`, found.length / items.length);
        const { latent } = await this.encode(red, clip);
        const result = await this.decode(red, latent);
        found.push({ group: familia, label: rotulo, size, result });
      }
      return found;
    }

    // A comparator's versions: a clip and others of it, {group, label, size, result: samples}.
    async compare(clip, others) {
      const original = { group: "", version: "original", label: "", size: 0, result: clip };
      const versions = [original, ...others];
      const sounds = versions.map((version) => version.result);
      const found = await this.run("measure", { sounds });
      return versions.map(function (version, i) {
        const { matched, residual, ...others } = found[i];
        const measures = { gain: (matched > 0.05 ? "+" : "") + L.decimal(matched, 1) };
        for (const [name, value] of Object.entries(others)) {
          if (value !== null) measures[name] = L.decimal(value, name === "log_mel" ? 2 : 1);
        }
        return {
          version: `${version.group}.${version.size}`, ...version, measures, matched, residual,
          samples: async () => version.result,
        };
      });
    }

    // Both return {file: bytes, sound: samples, damaged: number of segments}. `models`: ids of
    // the site's coding models; songs are compressed with the first.
    async compress(song, kbps, models, onProgress) {
      for (let from = 0; from < song.length; from += SENT_AT_ONCE) {
        const samples = song.slice(from, from + SENT_AT_ONCE);
        await this.run("receive", { from, samples, length: song.length }, [samples.buffer]);
      }
      return this.code(models[0], { kbps }, onProgress);
    }

    // The message of an error is one of `readLatente`, "frecuencia" if the sampling rate is not
    // the study's, or "modelo" if the site lacks the model.
    async decompress(file, models, onProgress) {
      const { model, rate } = L.readLatente(file);
      if (rate !== L.rate) throw new Error("frecuencia");
      if (!models.includes(model)) throw new Error("modelo");
      return this.code(model, { file }, onProgress);
    }

    async code(model, task, onProgress) {
      const [text] = await L.load(`modelos/coding.${model}.js`, `coding.${model}`);
      return this.run("code", { tensors: L.bytes(text), model, ...task }, [], onProgress);
    }
  };

  // Samples of a sound from one on, cropped or zero-padded to the length of the study's clips.
  L.networkInput = function (samples, from = 0) {
    const clip = new Float32Array(L.clipLength);
    clip.set(samples.subarray(from, from + clip.length));
    return clip;
  };
})();
