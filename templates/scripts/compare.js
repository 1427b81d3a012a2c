// Figures that can be compared or explored: the script for it is loaded when a reader asks, or the address names whom to
// compare with.
const live = document.getElementById("live");
if (live) {
  const buttons = [...document.querySelectorAll("button[data-live]")];
  const load = (then) =>
    import(new URL(live.dataset.script, document.baseURI)).then(then, () => buttons.forEach((button) => (button.disabled = true)));
  for (const button of buttons) button.addEventListener("click", () => load((script) => script.ask(button)));
  if (new URLSearchParams(location.search).get("with")) load((script) => script.restore(buttons));
}
