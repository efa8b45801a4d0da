// 3-D scatter plot on a canvas: rotate, zoom, animate between coordinates, pick points.
(function () {
  "use strict";
  const L = window.Latentes;
  const MOVE_MS = 700; // duration of the animation between two vectors

  // `points` are {colour, ring, shown}; `coordinates` is [x, y, z, x, …], from about -1 to 1.
  L.Scatter = class {
    constructor(canvas, points, onPoint) {
      this.canvas = canvas;
      this.points = points;
      this.onPoint = onPoint; // (index or -1, true if clicked)
      this.resetView();
      this.selected = -1;
      this.hovered = -1;
      this.coordinates = new Float32Array(3 * points.length);
      this.listen();
      new ResizeObserver(() => this.draw()).observe(canvas);
    }

    resetView() {
      this.yaw = 0.6;
      this.pitch = 0.35;
      this.zoomFactor = 1;
      this.draw();
    }

    move(coordinates) {
      const from = this.coordinates.slice();
      const began = performance.now();
      const instant = L.prefersReducedMotion() || !this.moved;
      this.moved = true;
      cancelAnimationFrame(this.frame);
      const step = (now) => {
        const progress = instant ? 1 : Math.min(1, (now - began) / MOVE_MS);
        const eased = progress * progress * (3 - 2 * progress);
        for (let i = 0; i < coordinates.length; i++) {
          this.coordinates[i] = from[i] + (coordinates[i] - from[i]) * eased;
        }
        this.draw();
        if (progress < 1) this.frame = requestAnimationFrame(step);
      };
      step(began);
    }

    // Perspective projection of a point: x and y in CSS pixels, depth, scale.
    project(index) {
      const [x, y, z] = this.coordinates.subarray(3 * index, 3 * index + 3);
      const right = x * Math.cos(this.yaw) + z * Math.sin(this.yaw);
      const away = -x * Math.sin(this.yaw) + z * Math.cos(this.yaw);
      const up = y * Math.cos(this.pitch) - away * Math.sin(this.pitch);
      const depth = y * Math.sin(this.pitch) + away * Math.cos(this.pitch);
      const scale = (this.zoomFactor * 2.6) / (3.4 + depth);
      const half = Math.min(this.canvas.clientWidth, this.canvas.clientHeight) / 2;
      return [
        this.canvas.clientWidth / 2 + right * scale * half,
        this.canvas.clientHeight / 2 - up * scale * half, depth, scale,
      ];
    }

    draw() {
      if (!this.coordinates || !this.canvas.clientWidth) return;
      const { context } = L.fitCanvas(this.canvas);
      const pixelRatio = window.devicePixelRatio || 1;
      context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
      context.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
      const ink = L.cssColour("--tinta");
      this.axes(context);
      this.drawn = this.points.map((point, i) => [i, ...this.project(i)])
        .filter(([i]) => this.points[i].shown)
        .sort((a, b) => b[3] - a[3]);
      for (const [i, x, y, depth, scale] of this.drawn) {
        const point = this.points[i];
        const highlighted = i === this.selected || i === this.hovered;
        const size = highlighted ? 8 : point.ring ? 5 : 3.4;
        const radius = size * Math.min(1.6, Math.max(0.6, scale));
        context.globalAlpha = highlighted ? 1 : Math.min(1, Math.max(0.35, 0.85 - depth * 0.3));
        context.fillStyle = L.cssColour(point.colour);
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fill();
        if (point.ring || highlighted) {
          context.strokeStyle = ink;
          context.lineWidth = i === this.selected ? 2.5 : 1.2;
          context.stroke();
        }
      }
      context.globalAlpha = 1;
    }

    axes(context) {
      const saved = this.coordinates;
      this.coordinates = Float32Array.of(-1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1);
      context.globalAlpha = 1;
      context.strokeStyle = L.cssColour("--linea");
      context.lineWidth = 1;
      for (let axis = 0; axis < 3; axis++) {
        context.beginPath();
        context.moveTo(...this.project(2 * axis).slice(0, 2));
        context.lineTo(...this.project(2 * axis + 1).slice(0, 2));
        context.stroke();
      }
      this.coordinates = saved;
    }

    nearest(event) {
      const box = this.canvas.getBoundingClientRect();
      let nearest = -1;
      let minDistance = event.pointerType === "touch" ? 24 : 13;
      for (const [i, x, y] of this.drawn || []) {
        const distance = Math.hypot(event.clientX - box.left - x, event.clientY - box.top - y);
        const weight = this.points[i].ring ? 0.75 : 1; // prefer points with sound
        if (distance * weight < minDistance) [nearest, minDistance] = [i, distance * weight];
      }
      return nearest;
    }

    zoom(factor) {
      this.zoomFactor = Math.min(8, Math.max(0.5, this.zoomFactor * factor));
      this.draw();
    }

    rotate(yaw, pitch) {
      this.yaw += yaw;
      this.pitch = Math.min(1.5, Math.max(-1.5, this.pitch + pitch));
      this.draw();
    }

    select(index) {
      this.selected = index;
      this.draw();
    }

    listen() {
      const { canvas } = this;
      const pointers = new Map();
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        pointers.set(event.pointerId, event);
        this.isClick = true;
        this.engaged = true;
      });
      canvas.addEventListener("pointermove", (event) => {
        const last = pointers.get(event.pointerId);
        if (!last) {
          const hovered = this.nearest(event);
          if (hovered !== this.hovered) {
            this.hovered = hovered;
            this.draw();
            this.onPoint(hovered, false);
          }
          return;
        }
        const across = event.clientX - last.clientX;
        const down = event.clientY - last.clientY;
        if (Math.hypot(across, down) < 3 && this.isClick) return;
        this.isClick = false;
        if (pointers.size === 2) {
          const [other] = [...pointers.values()].filter((one) => one.pointerId !== event.pointerId);
          const gap = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
          this.zoom(gap(event) / Math.max(1, gap(last)));
        } else this.rotate(across * 0.008, down * 0.008);
        pointers.set(event.pointerId, event);
      });
      const release = (event) => {
        pointers.delete(event.pointerId);
        if (this.isClick && event.type === "pointerup") {
          const index = this.nearest(event);
          if (index >= 0) this.onPoint(index, true);
        }
      };
      canvas.addEventListener("pointerup", release);
      canvas.addEventListener("pointercancel", release);
      canvas.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !this.engaged) return; // leave the wheel to page scrolling
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY * 0.0015));
      }, { passive: false });
      canvas.addEventListener("pointerleave", () => {
        this.engaged = false;
        this.hovered = -1;
        this.onPoint(-1, false);
        this.draw();
      });
    }
  };
})();
