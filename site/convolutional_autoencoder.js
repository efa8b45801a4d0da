// Runs the trained convolutional models in the page.
(function () {
  "use strict";
  const L = window.Latentes;

  // Parse a safetensors file: header length in eight bytes, JSON header, data.
  L.tensors = function (bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Number(view.getBigUint64(0, true));
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    const { __metadata__, ...header } = JSON.parse(text);
    const arrays = {
      F32: Float32Array, I64: BigInt64Array, I32: Int32Array, I8: Int8Array, U8: Uint8Array,
    };
    const tensors = {};
    for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(header)) {
      if (!arrays[dtype]) throw new Error(`${name}: ${dtype}`);
      const data = new arrays[dtype](bytes.slice(8 + length + from, 8 + length + to).buffer);
      tensors[name] = { shape, data };
    }
    return tensors;
  };

  // PyTorch's Conv1d; `inputs` has one Float32Array per channel.
  L.convolve = function (inputs, weight, bias, stride, padding) {
    const [outputs, channels, kernel] = weight.shape;
    const length = inputs[0].length;
    const frames = Math.floor((length + 2 * padding - kernel) / stride) + 1;
    return Array.from({ length: outputs }, function (_, o) {
      const sum = new Float64Array(frames).fill(bias.data[o]);
      for (let i = 0; i < channels; i++) {
        const input = inputs[i];
        for (let k = 0; k < kernel; k++) {
          const w = weight.data[(o * channels + i) * kernel + k];
          const first = Math.max(0, Math.ceil((padding - k) / stride));
          const last = Math.min(frames - 1, Math.floor((length - 1 + padding - k) / stride));
          for (let t = first; t <= last; t++) sum[t] += w * input[t * stride + k - padding];
        }
      }
      return Float32Array.from(sum);
    });
  };

  // PyTorch's ConvTranspose1d without output padding.
  L.convolveTransposed = function (inputs, weight, bias, stride, padding) {
    const [channels, outputs, kernel] = weight.shape;
    const frames = inputs[0].length;
    const length = (frames - 1) * stride + kernel - 2 * padding;
    return Array.from({ length: outputs }, function (_, o) {
      const sum = new Float64Array(length).fill(bias.data[o]);
      for (let i = 0; i < channels; i++) {
        const input = inputs[i];
        for (let k = 0; k < kernel; k++) {
          const w = weight.data[(i * outputs + o) * kernel + k];
          const first = Math.max(0, Math.ceil((padding - k) / stride));
          const last = Math.min(frames - 1, Math.floor((length - 1 + padding - k) / stride));
          for (let t = first; t <= last; t++) sum[t * stride + k - padding] += w * input[t];
        }
      }
      return Float32Array.from(sum);
    });
  };

  const tanh = (channels) => channels.map((values) => values.map(Math.tanh));

  // Constructors by the "kind" of a model file. Each returns {samples, parts, encode(samples),
  // decode(latent)}; `parts` are the lengths of the parts of a latent, such as its channels.
  L.kinds = {
    convolutional: function (model, tensors) {
      const { samples, channels, strides, paddings } = model.architecture;
      const depth = channels.length;
      const part = (name, layer) => [
        tensors[`${name}.${2 * layer}.weight`], tensors[`${name}.${2 * layer}.bias`],
      ];
      const width = channels[depth - 1];
      return {
        samples,
        parts: new Array(width).fill(model.size / width),
        async encode(clip) {
          let values = [clip];
          for (let n = 0; n < depth; n++) {
            values = tanh(L.convolve(values, ...part("encoder", n), strides[n], paddings[n]));
            await L.pause();
          }
          const latent = new Float32Array(model.size);
          values.forEach((channel, c) => latent.set(channel, c * channel.length));
          return latent;
        },
        async decode(latent) {
          const frames = latent.length / width;
          let values = Array.from({ length: width }, (_, c) =>
            latent.subarray(c * frames, (c + 1) * frames));
          for (let n = 0; n < depth; n++) {
            const from = depth - 1 - n;
            const [stride, padding] = [strides[from], paddings[from]];
            values = L.convolveTransposed(values, ...part("decoder", n), stride, padding);
            if (n < depth - 1) values = tanh(values);
            await L.pause();
          }
          return values[0];
        },
      };
    },
  };

  const networks = new Map();

  L.network = function (name) {
    if (!networks.has(name)) {
      networks.set(name, L.load(`modelos/${name}.js`, name).then(function ([model, text]) {
        if (!L.kinds[model.kind]) throw new Error(`${name}: ${model.kind}`);
        return L.kinds[model.kind](model, L.tensors(L.bytes(text)));
      }));
    }
    return networks.get(name);
  };

  // The site's models as {name, family, size, label}: by family, largest size first.
  L.networks = function () {
    const list = document.getElementById("redes");
    return [...list.content.querySelectorAll("li")].map(({ dataset }) => ({
      name: dataset.red, family: dataset.familia, label: dataset.rotulo,
      size: Number(dataset.numeros),
    }));
  };

  // Crop or zero-pad samples to the length that the networks expect.
  L.networkInput = function (samples, from = 0) {
    const clip = new Float32Array(Number(document.documentElement.dataset.muestras));
    clip.set(samples.subarray(from, from + clip.length));
    return clip;
  };
})();
