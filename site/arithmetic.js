// Arithmetic of pages and of their workers.
Latentes.share(function (L) {
  "use strict";
  L.clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  L.roundHalfEven = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
  L.sum = (values) => values.reduce((sum, value) => sum + value, 0);
  L.mean = (values) => L.sum(values) / values.length;

  // The largest absolute value, or `least` if none is larger.
  L.peak = (samples, least = 1e-4) =>
    samples.reduce((most, value) => Math.max(most, Math.abs(value)), least);
});
