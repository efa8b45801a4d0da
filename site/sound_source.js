// Where a visitor's own sound comes from: a file that is chosen or dropped, or a recording.
(function () {
  "use strict";
  const L = Latentes;
  const MAX_RECORDING = 30; // seconds

  // `onSound` is called with each sound, as a file or a blob; `onFailure` with what went wrong.
  L.soundSource = function (box, onSound, onFailure) {
    const words = box.dataset;
    const button = box.querySelector(".grabar");
    const file = box.querySelector("input[type=file]");
    let recorder = null;

    async function record() {
      if (recorder) return recorder.stop();
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: {
          echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
        const current = (recorder = new MediaRecorder(stream));
        const parts = [];
        current.ondataavailable = (event) => parts.push(event.data);
        current.onstop = function () {
          recorder = null;
          button.textContent = words.grabar;
          for (const track of stream.getTracks()) track.stop();
          onSound(new Blob(parts));
        };
        current.start();
        button.textContent = words.detener;
        setTimeout(() => current.state === "recording" && current.stop(), 1000 * MAX_RECORDING);
      } catch (error) {
        onFailure(words.sinmicrofono);
      }
    }

    L.on(button, "click", record);
    L.on(file, "change", function () {
      if (file.files[0]) onSound(file.files[0]);
      file.value = ""; // so that the same file can be chosen again
    });
    L.on(box, "dragover dragleave drop", function (event) {
      event.preventDefault();
      box.classList.toggle("encima", event.type === "dragover");
      const dropped = event.dataTransfer.files[0];
      if (event.type === "drop" && dropped) onSound(dropped);
    });
  };
})();
