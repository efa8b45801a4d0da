// 3-D scatter plot on a canvas: fits its box, rotates, zooms, moves between vectors, picks points.
(function () {
  "use strict";
  const L = Latentes;
  const MOVE_MS = 700; // duration of the animation between two vectors
  const MARGIN = 16; // CSS pixels between the outermost points and the edge
  const LEVELS = 8; // sizes and opacities of a mark, from the farthest to the nearest
  const AXIS_LENGTH = 0.7; // on either side
  const BUCKETS = 256; // of depth: marks are drawn from the farthest bucket to the nearest

  // `marks` are paths within a box of 12 by 12; `points` are typed arrays with an item per point:
  // `mark`, its place among the marks, `mute` and `shown`. `colours()` gives the colour per mark.
  // `onPoint(index or -1, whether it was clicked, x, y)` hears of the point under the pointer.
  L.scatter = function (canvas, marks, { mark, mute, shown }, colours, onPoint) {
    const count = mark.length;
    const places = new Float32Array(3 * count); // x, y, z, x, … from about -1 to 1
    const xs = new Float32Array(count); // device pixels
    const ys = new Float32Array(count);
    const depths = new Float32Array(count);
    const buckets = new Uint8Array(count);
    const order = new Uint32Array(count);
    const starts = new Uint32Array(BUCKETS + 1);
    const turned = new Float64Array(3);
    let visible = 0;
    let axes = [];
    let links = [];
    let chosen = -1;
    let hovered = -1;
    let yaw; // radians
    let pitch;
    let magnification;
    let cosYaw;
    let sinYaw;
    let cosPitch;
    let sinPitch;
    let fitX;
    let fitY;
    let motion;
    let request;
    let scale; // device pixels per CSS pixel
    let picture; // the marks, without axes and rings
    let pixels; // of the picture, one number each
    let width; // of the picture
    let sprites; // [offsets, values] of the pixels of each mark, with and without sound, per level
    let cell; // width of a sprite

    function setView(across, down, factor) {
      draw();
      yaw = across;
      pitch = L.clamp(down, -1.5, 1.5);
      magnification = L.clamp(factor, 0.5, 12);
    }
    const turnView = (across, down, factor) =>
      setView(yaw + across, pitch + down, magnification * factor);
    const resetView = () => setView(0.5, 0.4, 1);

    // Move to the coordinates of another vector, whose axes have these names.
    function move(coordinates, names) {
      const from = places.slice();
      const began = performance.now();
      const instant = L.prefersReducedMotion() || !axes.length;
      axes = names;
      cancelAnimationFrame(motion);
      const step = (now) => {
        const progress = instant ? 1 : L.clamp((now - began) / MOVE_MS, 0, 1);
        const eased = progress * progress * (3 - 2 * progress);
        for (let i = 0; i < from.length; i++) {
          places[i] = from[i] + (coordinates[i] - from[i]) * eased;
        }
        draw();
        if (progress < 1) motion = requestAnimationFrame(step);
      };
      step(began);
    }

    function draw() {
      if (!request) request = requestAnimationFrame(paint);
    }

    function paint() {
      const ctx = L.fitCanvas(canvas).context;
      request = 0;
      if (!canvas.clientWidth || !axes.length) return;
      if (!picture || width !== canvas.width || picture.height !== canvas.height) prepare();
      place();
      sort();
      pixels.fill(0);
      for (let at = 0; at < visible; at++) {
        stamp(order[at], Math.floor((buckets[order[at]] * LEVELS) / BUCKETS));
      }
      const ringed = [...links, hovered, chosen].filter((i) => i >= 0);
      for (const i of ringed) stamp(i, LEVELS - 1);
      ctx.putImageData(picture, 0, 0);
      ctx.strokeStyle = L.cssColour("--tinta");
      for (const i of ringed) {
        ctx.lineWidth = scale * (i === chosen ? 2.5 : 1);
        ctx.beginPath();
        ctx.arc(xs[i], ys[i], cell / 2 + 3 * scale, 0, 7);
        ctx.stroke();
      }
      ctx.globalCompositeOperation = "destination-over";
      ctx.lineWidth = scale;
      ctx.beginPath();
      for (const i of links) {
        ctx.moveTo(xs[chosen], ys[chosen]);
        ctx.lineTo(xs[i], ys[i]);
      }
      ctx.stroke();
      paintAxes(ctx);
      ctx.globalCompositeOperation = "source-over";
    }

    // Copying pixels is several times faster than drawing images, one by one, on the canvas.
    function stamp(i, level) {
      const x = Math.round(xs[i] - cell / 2);
      const y = Math.round(ys[i] - cell / 2);
      if (x < 0 || y < 0 || x + cell > width || y + cell > picture.height) return;
      const [offsets, values] = sprites[(2 * mark[i] + mute[i]) * LEVELS + level];
      const from = y * width + x;
      for (let k = 0; k < offsets.length; k++) pixels[from + offsets[k]] = values[k];
    }

    // Draw every mark once per level: filled if it has sound, as an outline if it has none.
    function prepare() {
      sprites = [];
      scale = devicePixelRatio;
      width = canvas.width;
      picture = new ImageData(width, canvas.height);
      pixels = new Uint32Array(picture.data.buffer);
      const space = Math.sqrt((canvas.clientWidth * canvas.clientHeight) / count); // of a point
      const size = scale * L.clamp(0.4 * space, 6, 11);
      cell = Math.ceil(size + 4 * scale);
      const ctx = new OffscreenCanvas(cell, cell).getContext("2d", { willReadFrequently: true });
      colours().forEach((colour, place) => {
        for (let row = 0; row < 2 * LEVELS; row++) {
          const near = (row % LEVELS) / (LEVELS - 1);
          const hollow = row >= LEVELS;
          const zoom = ((0.7 + 0.3 * near) * size) / 11;
          const edge = cell / 2 - 6 * zoom;
          ctx.resetTransform();
          ctx.clearRect(0, 0, cell, cell);
          ctx.setTransform(zoom, 0, 0, zoom, edge, edge);
          ctx.lineWidth = hollow ? 1.6 : 1;
          ctx.globalAlpha = 0.55 + 0.45 * near;
          ctx.fillStyle = colour;
          ctx.strokeStyle = hollow ? colour : L.cssColour("--panel");
          ctx.stroke(marks[place]);
          if (!hollow) ctx.fill(marks[place]);
          const values = new Uint32Array(ctx.getImageData(0, 0, cell, cell).data.buffer);
          const used = [...values.keys()].filter((at) => values[at] >>> 24 > 80);
          sprites.push([
            used.map((at) => Math.floor(at / cell) * width + (at % cell)),
            used.map((at) => values[at]),
          ]);
        }
      });
    }

    // Perspective projection of a point: right, down and depth, before fitting.
    function turn(x, y, z) {
      const away = z * cosYaw - x * sinYaw;
      turned[2] = y * sinPitch + away * cosPitch;
      const nearness = 1 / Math.max(0.5, 3.4 + turned[2]);
      turned[0] = (x * cosYaw + z * sinYaw) * nearness;
      turned[1] = (away * sinPitch - y * cosPitch) * nearness;
    }

    // Project all points and fit their bounding box to the canvas. Zooming keeps the chosen
    // point, or else the centre, where it is.
    function place() {
      [cosYaw, sinYaw] = [Math.cos(yaw), Math.sin(yaw)];
      [cosPitch, sinPitch] = [Math.cos(pitch), Math.sin(pitch)];
      const low = [9, 9, 9];
      const high = [-9, -9, -9];
      for (let i = 0; i < count; i++) {
        turn(places[3 * i], places[3 * i + 1], places[3 * i + 2]);
        [xs[i], ys[i], depths[i]] = turned;
        for (let axis = 0; axis < 3; axis++) {
          if (turned[axis] < low[axis]) low[axis] = turned[axis];
          if (turned[axis] > high[axis]) high[axis] = turned[axis];
        }
      }
      const fit = (axis, length, places) => {
        const span = (length - 2 * MARGIN * scale) / (high[axis] - low[axis] || 1);
        const fitted = (value) => length / 2 + (value - (low[axis] + high[axis]) / 2) * span;
        const focus = chosen < 0 ? length / 2 : fitted(places[chosen]);
        return (value) => focus + (fitted(value) - focus) * magnification;
      };
      fitX = fit(0, width, xs);
      fitY = fit(1, canvas.height, ys);
      const depth = high[2] - low[2] || 1;
      for (let i = 0; i < count; i++) {
        xs[i] = fitX(xs[i]);
        ys[i] = fitY(ys[i]);
        buckets[i] = ((BUCKETS - 1) * (high[2] - depths[i])) / depth;
      }
    }

    // Order the points that are shown by bucket: a counting sort.
    function sort() {
      starts.fill(0);
      for (let i = 0; i < count; i++) if (shown[i]) starts[buckets[i] + 1]++;
      for (let k = 0; k < BUCKETS; k++) starts[k + 1] += starts[k];
      visible = starts[BUCKETS];
      for (let i = 0; i < count; i++) if (shown[i]) order[starts[buckets[i]]++] = i;
    }

    // The axes cross in the middle of the points and have their names at the positive end.
    function paintAxes(ctx) {
      ctx.strokeStyle = L.cssColour("--borde");
      ctx.fillStyle = L.cssColour("--suave");
      ctx.font = `${13 * scale}px ${L.cssColour("--sans")}`;
      axes.forEach((name, axis) => {
        const project = (end) => {
          turn(...[0, 1, 2].map((other) => (other === axis ? end : 0)));
          return [fitX(turned[0]), fitY(turned[1])];
        };
        const [x, y] = project(AXIS_LENGTH);
        ctx.beginPath();
        ctx.moveTo(...project(-AXIS_LENGTH));
        ctx.lineTo(x, y);
        ctx.stroke();
        const edge = 6 * scale;
        ctx.fillText(name, L.clamp(x, edge, width - ctx.measureText(name).width - edge),
          L.clamp(y - edge, 3 * edge, picture.height - edge));
      });
    }

    // The nearest point to the pointer; those with sound are preferred.
    function nearest(event) {
      const box = canvas.getBoundingClientRect();
      let found = -1;
      let minDistance = event.pointerType === "touch" ? 24 : 13;
      for (let at = 0; at < visible; at++) {
        const i = order[at];
        const distance = (mute[i] ? 1 : 0.75) * Math.hypot(
          event.clientX - box.left - xs[i] / scale, event.clientY - box.top - ys[i] / scale);
        if (distance < minDistance) [found, minDistance] = [i, distance];
      }
      return found;
    }

    function hover(index) {
      if (index === hovered) return;
      hovered = index;
      draw();
      onPoint(index, false, xs[index] / scale, ys[index] / scale);
    }

    const listen = (type, listener) => canvas.addEventListener(type, listener, { passive: false });
    const pointers = new Map();
    let isClick;
    let engaged;
    listen("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      isClick = engaged = true;
    });
    listen("pointermove", (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) return hover(nearest(event));
      const across = event.clientX - last.clientX;
      const down = event.clientY - last.clientY;
      if (Math.hypot(across, down) < 3 && isClick) return;
      isClick = false;
      if (pointers.size === 2) {
        const [other] = [...pointers.values()].filter((one) => one.pointerId !== event.pointerId);
        const gap = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        turnView(0, 0, gap(event) / Math.max(1, gap(last)));
      } else turnView(across * 0.008, down * 0.008, 1);
      pointers.set(event.pointerId, event);
    });
    const release = (event) => {
      pointers.delete(event.pointerId);
      const index = isClick && event.type === "pointerup" ? nearest(event) : -1;
      if (index >= 0) onPoint(index, true, xs[index] / scale, ys[index] / scale);
    };
    listen("pointerup", release);
    listen("pointercancel", release);
    listen("wheel", (event) => {
      if (!event.ctrlKey && !engaged) return; // leave the wheel to page scrolling
      event.preventDefault();
      turnView(0, 0, Math.exp(-event.deltaY * 0.0015));
    });
    listen("pointerleave", () => {
      hover(-1);
      engaged = false;
    });
    L.keepDrawn(canvas, () => {
      draw();
      picture = null;
    });

    resetView();
    return {
      draw, move, setView, turnView, resetView,
      view: () => [yaw, pitch, magnification],
      // Select a point, with lines to others.
      select(index, others) {
        draw();
        chosen = index;
        links = others;
      },
    };
  };
})();
