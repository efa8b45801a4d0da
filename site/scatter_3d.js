// A cloud of points in three dimensions on a canvas: turned, brought near, moved, picked.
(function () {
  "use strict";
  const L = window.Latentes;
  const MOVE = 700; // milliseconds of a change of vector

  // `points` are {colour, ring, shown}; `places` a flat list of coordinates, about -1 to 1.
  L.Scatter = class {
    constructor(canvas, points, tell) {
      this.canvas = canvas;
      this.points = points;
      this.tell = tell; // (index or -1, whether it was picked)
      this.home();
      this.chosen = -1;
      this.under = -1;
      this.places = new Float32Array(3 * points.length);
      this.listen();
      new ResizeObserver(() => this.draw()).observe(canvas);
    }

    home() {
      this.turn = 0.6;
      this.tilt = 0.35;
      this.near = 1;
      this.draw();
    }

    move(places) {
      const from = this.places.slice();
      const began = performance.now();
      const still = L.still() || !this.moved;
      this.moved = true;
      cancelAnimationFrame(this.frame);
      const step = (now) => {
        const share = still ? 1 : Math.min(1, (now - began) / MOVE);
        const eased = share * share * (3 - 2 * share);
        for (let i = 0; i < places.length; i++) {
          this.places[i] = from[i] + (places[i] - from[i]) * eased;
        }
        this.draw();
        if (share < 1) this.frame = requestAnimationFrame(step);
      };
      step(began);
    }

    // Where a point is drawn: x, y in CSS pixels, and how near it is.
    project(index) {
      const [x, y, z] = this.places.subarray(3 * index, 3 * index + 3);
      const across = x * Math.cos(this.turn) + z * Math.sin(this.turn);
      const away = -x * Math.sin(this.turn) + z * Math.cos(this.turn);
      const up = y * Math.cos(this.tilt) - away * Math.sin(this.tilt);
      const depth = y * Math.sin(this.tilt) + away * Math.cos(this.tilt);
      const scale = (this.near * 2.6) / (3.4 + depth);
      const half = Math.min(this.canvas.clientWidth, this.canvas.clientHeight) / 2;
      return [
        this.canvas.clientWidth / 2 + across * scale * half,
        this.canvas.clientHeight / 2 - up * scale * half, depth, scale,
      ];
    }

    draw() {
      if (!this.places || !this.canvas.clientWidth) return;
      const { brush } = L.fit(this.canvas);
      const dense = window.devicePixelRatio || 1;
      brush.setTransform(dense, 0, 0, dense, 0, 0);
      brush.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
      const ink = L.colour("--tinta");
      this.axes(brush);
      this.drawn = this.points.map((point, i) => [i, ...this.project(i)])
        .filter(([i]) => this.points[i].shown)
        .sort((a, b) => b[3] - a[3]);
      for (const [i, x, y, depth, scale] of this.drawn) {
        const point = this.points[i];
        const marked = i === this.chosen || i === this.under;
        const radius = (marked ? 8 : point.ring ? 5 : 3.4) * Math.min(1.6, Math.max(0.6, scale));
        brush.globalAlpha = marked ? 1 : Math.min(1, Math.max(0.35, 0.85 - depth * 0.3));
        brush.fillStyle = L.colour(point.colour);
        brush.beginPath();
        brush.arc(x, y, radius, 0, 2 * Math.PI);
        brush.fill();
        if (point.ring || marked) {
          brush.strokeStyle = ink;
          brush.lineWidth = i === this.chosen ? 2.5 : 1.2;
          brush.stroke();
        }
      }
      brush.globalAlpha = 1;
    }

    axes(brush) {
      const kept = this.places;
      this.places = Float32Array.of(-1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1);
      brush.globalAlpha = 1;
      brush.strokeStyle = L.colour("--linea");
      brush.lineWidth = 1;
      for (let axis = 0; axis < 3; axis++) {
        brush.beginPath();
        brush.moveTo(...this.project(2 * axis).slice(0, 2));
        brush.lineTo(...this.project(2 * axis + 1).slice(0, 2));
        brush.stroke();
      }
      this.places = kept;
    }

    nearest(event) {
      const box = this.canvas.getBoundingClientRect();
      let found = -1;
      let least = event.pointerType === "touch" ? 24 : 13;
      for (const [i, x, y] of this.drawn || []) {
        const far = Math.hypot(event.clientX - box.left - x, event.clientY - box.top - y);
        const tie = this.points[i].ring ? 0.75 : 1;
        if (far * tie < least) [found, least] = [i, far * tie];
      }
      return found;
    }

    zoom(factor) {
      this.near = Math.min(8, Math.max(0.5, this.near * factor));
      this.draw();
    }

    rotate(turn, tilt) {
      this.turn += turn;
      this.tilt = Math.min(1.5, Math.max(-1.5, this.tilt + tilt));
      this.draw();
    }

    choose(index) {
      this.chosen = index;
      this.draw();
    }

    listen() {
      const { canvas } = this;
      const held = new Map();
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        held.set(event.pointerId, event);
        this.still = true;
        this.engaged = true;
      });
      canvas.addEventListener("pointermove", (event) => {
        const last = held.get(event.pointerId);
        if (!last) {
          const under = this.nearest(event);
          if (under !== this.under) {
            this.under = under;
            this.draw();
            this.tell(under, false);
          }
          return;
        }
        const across = event.clientX - last.clientX;
        const down = event.clientY - last.clientY;
        if (Math.hypot(across, down) < 3 && this.still) return;
        this.still = false;
        if (held.size === 2) {
          const [other] = [...held.values()].filter((one) => one.pointerId !== event.pointerId);
          const gap = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
          this.zoom(gap(event) / Math.max(1, gap(last)));
        } else this.rotate(across * 0.008, down * 0.008);
        held.set(event.pointerId, event);
      });
      const release = (event) => {
        held.delete(event.pointerId);
        if (this.still && event.type === "pointerup") {
          const index = this.nearest(event);
          if (index >= 0) this.tell(index, true);
        }
      };
      canvas.addEventListener("pointerup", release);
      canvas.addEventListener("pointercancel", release);
      canvas.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !this.engaged) return; // the page must scroll past it
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY * 0.0015));
      }, { passive: false });
      canvas.addEventListener("pointerleave", () => {
        this.engaged = false;
        this.under = -1;
        this.tell(-1, false);
        this.draw();
      });
    }
  };
})();
