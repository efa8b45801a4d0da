// Small players: one round button in place of the browser's controls of each sound.
(function () {
  "use strict";
  const L = Latentes;
  for (const audio of document.querySelectorAll("audio[controls]")) {
    const button = L.fromTemplate("t-sonido");
    const update = function () {
      const state = audio.error ? "falla" : audio.paused ? "tocar" : "pausar";
      button.dataset.estado = state;
      button.ariaLabel = L.format(button.dataset[state], { sonido: audio.ariaLabel });
    };
    button.lastChild.textContent = audio.title;
    button.onclick = function () {
      if (audio.error) audio.load(); // try again
      if (audio.paused) audio.play().catch(update);
      else audio.pause();
    };
    audio.onplay = audio.onpause = audio.onerror = update;
    audio.ontimeupdate = () =>
      button.style.setProperty("--parte", `${(100 * audio.currentTime) / audio.duration}%`);
    audio.controls = false;
    audio.before(button);
    update();
  }
})();
