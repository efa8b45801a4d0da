// Only one sound plays at a time: starting one pauses the others.
(function () {
  "use strict";
  document.addEventListener(
    "play",
    function (event) {
      document.querySelectorAll("audio").forEach(function (audio) {
        if (audio !== event.target) audio.pause();
      });
    },
    true
  );
})();
