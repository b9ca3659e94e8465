// Before the first paint: the theme and the width of the menu that this browser remembers.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("nav") === "folded") root.dataset.nav = "folded";
  } catch (error) {
    // Storage is refused in some private windows: the defaults stand.
  }
})();
