// Brings data by adding a script: what a page opened from a folder may do, and no fetch may.
// A data script calls latentes(name, ...values); load(file, name) resolves to those values.
(function () {
  "use strict";
  const L = (window.Latentes = {});
  const asked = new Map();
  const waiting = new Map();

  window.latentes = function (name, ...values) {
    const one = waiting.get(name);
    if (one) one(values);
  };

  L.load = function (file, name) {
    if (!asked.has(file)) {
      asked.set(file, new Promise(function (resolve, reject) {
        const script = document.createElement("script");
        const fail = () => {
          asked.delete(file);
          reject(new Error(file));
        };
        waiting.set(name, resolve);
        script.onerror = fail;
        script.onload = () => {
          waiting.delete(name);
          script.remove();
        };
        script.src = file.split("/").map(encodeURIComponent).join("/");
        document.head.append(script);
      }));
    }
    return asked.get(file);
  };

  // A sound's data is large and is kept decoded elsewhere: it is forgotten here.
  L.loadOnce = async function (file, name) {
    const values = await L.load(file, name);
    asked.delete(file);
    return values;
  };

  // Where the clips of the map stand as a vector has them: x, y, z, x, …
  L.places = async (vector) => (await L.load(`datos/mapa/${vector}.js`, `mapa.${vector}`))[0];

  L.bytes = function (base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  };

  // Words in Spanish come from the page's templates; numbers are written as Spanish does.
  L.decimal = (value, places) => value.toFixed(places).replace(".", ",").replace("-", "−");
  L.integer = function (value) {
    const text = String(value);
    return text.length > 4 ? text.replace(/\B(?=(\d{3})+$)/g, "\u202f") : text;
  };
  L.say = (words, values) => words.replace(/\{(\w+)\}/g, (all, name) => values[name]);
  L.copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  L.ratio = (decibels) => Math.pow(10, decibels / 20);
  L.still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  L.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  L.pause = () => new Promise((go) => setTimeout(go, 0));
})();
