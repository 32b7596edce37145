// Says by itself how old the page's data are, wherever a copy of it is served.
// Without this the page says when it was written, and style.css how long it has been open.
"use strict";
(function () {
  var old = document.querySelector(".old"), at = Date.parse(old.dataset.at), after = +old.dataset.after;
  function span(m) {
    if (m < 60) return m + "\u00a0min";
    if (m < 2880) return Math.floor(m / 60) + "\u00a0h\u00a0" + ("0" + m % 60).slice(-2);
    return Math.floor(m / 1440) + "\u00a0" + old.dataset.day;
  }
  function look() {
    var minutes = Math.floor((Date.now() - at) / 60000);
    old.className = minutes >= after ? "notice" : "notice fresh";
    if (minutes >= after) old.textContent = old.dataset.words.replace("{}", span(minutes));
  }
  look();
  setInterval(look, 20000);
})();
