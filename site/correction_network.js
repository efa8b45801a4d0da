// The small convolutional networks that correct a closed form, in the adaptive models.
Latentes.share(function (L) {
  "use strict";

  // Four outputs at two neighbouring columns, which the processor's registers hold.
  function sumTaps(padded, at, offsets, weights, sums) {
    let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    for (let t = 0; t < offsets.length; t++) {
      const x = padded[offsets[t] + at];
      const y = padded[offsets[t] + at + 1];
      const w0 = weights[4 * t];
      const w1 = weights[4 * t + 1];
      const w2 = weights[4 * t + 2];
      const w3 = weights[4 * t + 3];
      a += w0 * x;
      b += w1 * x;
      c += w2 * x;
      d += w3 * x;
      e += w0 * y;
      f += w1 * y;
      g += w2 * y;
      h += w3 * y;
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
    sums[4] = e;
    sums[5] = f;
    sums[6] = g;
    sums[7] = h;
  }

  // PyTorch's Conv2d with "same" padding; planes are Float64Arrays of rows x `columns`.
  function convolve(planes, columns, { shape: [outputs, inputs, tall, wide], data }, bias) {
    const rows = planes[0].length / columns;
    const width = columns + wide;
    const height = rows + tall - 1;
    const padded = new Float64Array(inputs * height * width + 1);
    planes.forEach(function (plane, i) {
      for (let r = 0; r < rows; r++) {
        const to = (i * height + r + (tall >> 1)) * width + (wide >> 1);
        padded.set(plane.subarray(r * columns, (r + 1) * columns), to);
      }
    });
    const taps = inputs * tall * wide;
    const offsets = Int32Array.from({ length: taps }, function (_, t) {
      const [i, y] = [Math.floor(t / (tall * wide)), Math.floor(t / wide) % tall];
      return (i * height + y) * width + (t % wide);
    });
    const out = Array.from({ length: outputs }, () => new Float64Array(rows * columns));
    const sums = new Float64Array(8);
    for (let o = 0; o < outputs; o += 4) {
      const four = out.slice(o, o + 4);
      const weights = new Float64Array(4 * taps);
      four.forEach(function (_, n) {
        for (let t = 0; t < taps; t++) weights[4 * t + n] = data[(o + n) * taps + t];
      });
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c += 2) {
          sumTaps(padded, r * width + c, offsets, weights, sums);
          for (let n = 0; n < four.length; n++) {
            four[n][r * columns + c] = bias.data[o + n] + sums[n];
            if (c + 1 < columns) four[n][r * columns + c + 1] = bias.data[o + n] + sums[4 + n];
          }
        }
      }
    }
    return out;
  }

  function rectify(plane) {
    for (let i = 0; i < plane.length; i++) if (plane[i] < 0) plane[i] = 0;
  }

  // Convolutions NAME.0, NAME.2, … with ReLU between them; returns the planes of the last.
  L.correct = function (planes, columns, tensors, name) {
    for (let layer = 0; tensors[`${name}.${layer}.weight`]; layer += 2) {
      if (layer) planes.forEach(rectify);
      const [weight, bias] = ["weight", "bias"].map((kind) => tensors[`${name}.${layer}.${kind}`]);
      planes = convolve(planes, columns, weight, bias);
    }
    return planes;
  };
});
