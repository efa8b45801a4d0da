// Loads data through script elements, because fetch() cannot read files on a file:// page.
// A data script calls latentes(name, ...values); load(file, name) resolves to those values.
(function () {
  "use strict";
  const L = (window.Latentes = {});
  const FORBIDDEN = [34, 92, 10, 13]; // codes that cannot be in a string
  const sharedParts = [];
  const requests = new Map();
  const callbacks = new Map();

  window.latentes = function (name, ...values) {
    const resolve = callbacks.get(name);
    callbacks.delete(name);
    if (resolve) resolve(values);
  };

  L.load = function (file, name) {
    if (!requests.has(file)) {
      requests.set(file, new Promise(function (resolve, reject) {
        const script = document.createElement("script");
        callbacks.set(name, resolve);
        // A script that loads without passing its data is damaged.
        script.onload = script.onerror = () => {
          script.remove();
          if (!callbacks.delete(name)) return;
          requests.delete(file);
          reject(new Error(file));
        };
        script.src = file.split("/").map(encodeURIComponent).join("/");
        document.head.append(script);
      }));
    }
    return requests.get(file);
  };

  // Load without caching: encoded sounds are large and callers keep them decoded.
  L.loadOnce = async function (file, name) {
    const values = await L.load(file, name);
    requests.delete(file);
    return values;
  };

  // A part of the program that also runs in workers: a function of the object it adds to.
  L.share = function (part) {
    sharedParts.push(part);
    part(L);
  };

  // A worker that has the shared parts and runs `main(L)`. It is made from the text of these
  // functions, because a worker cannot load scripts on a file:// page.
  L.startWorker = function (main) {
    const source = [`const Latentes = {rate: ${L.rate}};`, ...[...sharedParts, main].map((part) =>
      `(${part})(Latentes);`)].join("\n");
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    return worker;
  };

  // The promise that a cache has for a key, or the one that make() returns. A failure is not kept,
  // so that the next call tries again.
  L.cached = function (cache, key, make) {
    if (!cache.has(key)) {
      const promise = make();
      promise.catch(() => cache.delete(key));
      cache.set(key, promise);
    }
    return cache.get(key);
  };

  // Map coordinates of the clips for one vector: x, y, z, x, …
  L.coordinates = async (vector) => (await L.load(`datos/mapa/${vector}.js`, `mapa.${vector}`))[0];

  // The bytes of a text with groups of seven bits after a mark (see byte_text.py).
  L.bytes = function (text) {
    const bytes = new Uint8Array(2 * text.length);
    let bits = 0;
    let held = 0;
    let size = 0;
    const add = function (group) {
      held = (held << 7) | group;
      bits += 7;
      if (bits >= 8) bytes[size++] = held >> (bits -= 8);
    };
    for (let i = 1; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) add(FORBIDDEN[(code >> 7) - 1]);
      add(code & 127);
    }
    return bytes.slice(0, size);
  };

  // Numbers in Spanish notation. Text comes from the page's templates.
  L.decimal = (value, places) => value.toFixed(places).replace(".", ",").replace("-", "−");
  L.integer = function (value) {
    const text = String(value);
    return text.length > 4 ? text.replace(/\B(?=(\d{3})+$)/g, "\u202f") : text;
  };
  L.format = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  L.fromTemplate = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  L.amplitudeRatio = (decibels) => Math.pow(10, decibels / 20);
  L.prefersReducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  L.cssColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  L.pause = () => new Promise((resolve) => setTimeout(resolve, 0));
})();
