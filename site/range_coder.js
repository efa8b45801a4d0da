// A range coder of symbols with 16-bit cumulative frequencies, equal to
// pipeline/coding/range_coder.py.
Latentes.share(function (L) {
  "use strict";
  const TOP = 2 ** 32;
  const BOTTOM = 2 ** 24;
  const TOTAL = 2 ** 16;

  L.RangeEncoder = class {
    constructor() {
      this.low = 0;
      this.range = TOP - 1;
      this.held = -1; // a byte that a carry could still change
      this.pending = 0; // bytes of 255 after it
      this.bytes = [];
    }

    shift() {
      if (this.low < 0xff000000 || this.low >= TOP) {
        const carry = this.low >= TOP ? 1 : 0;
        if (this.held >= 0) this.bytes.push((this.held + carry) & 255);
        for (; this.pending; this.pending--) this.bytes.push((255 + carry) & 255);
        this.held = (this.low >>> 24) & 255;
      } else this.pending++;
      this.low = ((this.low & 0xffffff) << 8) >>> 0;
    }

    // Append a symbol that takes [start, start + size) of 2^16.
    encode(start, size) {
      const share = this.range >>> 16;
      this.low += share * start;
      this.range = share * size;
      for (; this.range < BOTTOM; this.range *= 256) this.shift();
    }

    // Append at most 16 equiprobable bits.
    bits(value, count) {
      const share = 2 ** (16 - count);
      this.encode(value * share, share);
    }

    // The bytes, without trailing zeros; the decoder reads zeros beyond the end.
    finish() {
      for (let unit = TOP; ; unit /= 2) {
        const value = Math.ceil(this.low / unit) * unit;
        if (value >= this.low + this.range) continue;
        this.low = value;
        break;
      }
      for (let n = 0; n < 5; n++) this.shift();
      let count = this.bytes.length;
      while (count && !this.bytes[count - 1]) count--;
      return Uint8Array.from(this.bytes.slice(0, count));
    }
  };

  L.RangeDecoder = class {
    constructor(bytes) {
      this.bytes = bytes;
      this.position = 0;
      this.code = 0;
      this.range = TOP - 1;
      for (let n = 0; n < 4; n++) this.read();
    }

    read() {
      const byte = this.position < this.bytes.length ? this.bytes[this.position] : 0;
      this.code = ((this.code << 8) | byte) >>> 0;
      this.position++;
    }

    // Position of the next symbol in 2^16; clamped, so that damaged data give some symbol.
    peek() {
      return Math.min(Math.floor(this.code / (this.range >>> 16)), TOTAL - 1);
    }

    consume(start, size) {
      const share = this.range >>> 16;
      this.code = Math.max(0, this.code - share * start);
      this.range = share * size;
      for (; this.range < BOTTOM; this.range *= 256) this.read();
    }

    bits(count) {
      const share = 2 ** (16 - count);
      const value = Math.floor(this.peek() / share);
      this.consume(value * share, share);
      return value;
    }
  };
});
