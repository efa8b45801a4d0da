// Runs the trained convolutional models.
Latentes.share(function (L) {
  "use strict";

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

  // PyTorch's Conv1d and, if `transposed`, ConvTranspose1d without output padding; `inputs` has one
  // Float32Array per channel.
  function convolve(inputs, { shape, data }, bias, stride, padding, transposed) {
    const kernel = shape[2];
    const outputs = shape[transposed ? 1 : 0];
    const size = inputs[0].length;
    const long = transposed ? (size - 1) * stride + kernel - 2 * padding : size;
    const short = transposed ? size : Math.floor((size + 2 * padding - kernel) / stride) + 1;
    return Array.from({ length: outputs }, function (_, o) {
      const sum = new Float64Array(transposed ? long : short).fill(bias.data[o]);
      inputs.forEach(function (input, i) {
        for (let k = 0; k < kernel; k++) {
          const w = data[(transposed ? i * outputs + o : o * inputs.length + i) * kernel + k];
          const from = Math.max(0, Math.ceil((padding - k) / stride));
          const last = Math.min(short - 1, Math.floor((long - 1 + padding - k) / stride));
          let at = from * stride + k - padding;
          if (transposed) for (let t = from; t <= last; t++, at += stride) sum[at] += w * input[t];
          else for (let t = from; t <= last; t++, at += stride) sum[t] += w * input[at];
        }
      });
      return Float32Array.from(sum);
    });
  }

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
        encode(clip) {
          let values = [clip];
          for (let n = 0; n < depth; n++) {
            values = tanh(convolve(values, ...part("encoder", n), strides[n], paddings[n], false));
          }
          const latent = new Float32Array(model.size);
          values.forEach((channel, c) => latent.set(channel, c * channel.length));
          return latent;
        },
        decode(latent) {
          const frames = latent.length / width;
          let values = Array.from({ length: width }, (_, c) =>
            latent.subarray(c * frames, (c + 1) * frames));
          for (let n = 0; n < depth; n++) {
            const from = depth - 1 - n;
            const [stride, padding] = [strides[from], paddings[from]];
            values = convolve(values, ...part("decoder", n), stride, padding, true);
            if (n < depth - 1) values = tanh(values);
          }
          return values[0];
        },
      };
    },
  };
});
