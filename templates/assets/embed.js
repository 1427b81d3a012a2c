/*! Broadsheet, MIT License. Frames as high as the figure in them.

   A page that embeds a figure loads this script. So does the page in the frame, which says how high it is whenever that
   changes or somebody asks; nothing else is said, and nothing is kept. The page around it believes only frames of
   its own that come from where this script came from. */
(function () {
  "use strict";
  var here = document.currentScript;
  var home = here && new URL(here.src).origin;

  if (document.documentElement.classList.contains("embed")) {
    var tell = function () {
      var height = Math.ceil(document.documentElement.getBoundingClientRect().height);
      parent.postMessage({ broadsheet: "height", height: height }, "*");
    };
    new ResizeObserver(tell).observe(document.documentElement);
    addEventListener("message", function (event) {
      if (event.source === parent && event.data && event.data.broadsheet === "ask") tell();
    });
    return;
  }

  var frames = function () {
    return Array.prototype.filter.call(document.querySelectorAll("iframe"), function (frame) {
      return frame.src.indexOf(home + "/") === 0;
    });
  };
  addEventListener("message", function (event) {
    var said = event.data;
    if (event.origin !== home || !said || said.broadsheet !== "height") return;
    if (!(said.height > 0 && said.height < 20000)) return;
    frames().forEach(function (frame) {
      if (frame.contentWindow === event.source) frame.style.height = said.height + "px";
    });
  });
  // Those that were there before this script said so to nobody.
  frames().forEach(function (frame) {
    frame.contentWindow.postMessage({ broadsheet: "ask" }, "*");
  });
})();
