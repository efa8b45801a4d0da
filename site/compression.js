// Compresses and decompresses songs as .latente files, in a worker.
(function () {
  "use strict";
  const L = window.Latentes;

  // Runs in the worker; its text is copied, so it only sees `L`.
  function answer(L) {
    self.onmessage = function ({ data: { tensors, model, song, rate, kbps, file } }) {
      const coder = L.latenteCoder(tensors, model);
      const compressing = 0.85; // of the time
      const part = (from, to) => (done) =>
        self.postMessage({ progress: from + (to - from) * done });
      const bytes = file || coder.compress(song, rate, kbps, part(0, compressing));
      const header = L.readLatente(bytes);
      const found = coder.decompress(header, part(file ? 0 : compressing, 1));
      self.postMessage({ ...found, file: bytes }, [found.sound.buffer]);
    };
  }

  async function run(model, task, onProgress) {
    const [text] = await L.load(`modelos/coding.${model}.js`, `coding.${model}`);
    const tensors = L.tensors(L.bytes(text));
    const worker = L.startWorker(answer);
    try {
      return await new Promise(function (resolve, reject) {
        worker.onmessage = ({ data }) =>
          "progress" in data ? onProgress(data.progress) : resolve(data);
        worker.onerror = reject;
        worker.postMessage({ tensors, model, ...task });
      });
    } finally {
      worker.terminate();
    }
  }

  // Both return {file: bytes, sound: samples, damaged: number of segments}. `models`: ids of
  // the site's coding models; songs are compressed with the first.
  L.compress = (song, kbps, models, onProgress) =>
    run(models[0], { song, rate: L.rate, kbps }, onProgress);

  // The message of an error is one of `readLatente`, "frecuencia" if the sampling rate is not the
  // study's, or "modelo" if the site lacks the model.
  L.decompress = async function (file, models, onProgress) {
    const { model, rate } = L.readLatente(file);
    if (rate !== L.rate) throw new Error("frecuencia");
    if (!models.includes(model)) throw new Error("modelo");
    return run(model, { file }, onProgress);
  };
})();
