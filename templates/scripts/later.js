// What Compare and Explore do is fetched when one of them is first pressed, or when the address says whom to compare with.
const buttons = [...document.querySelectorAll("[data-later]")];
const load = (then) =>
  import(new URL(buttons[0].dataset.later, location)).then(then, () => buttons.forEach((button) => button.remove()));
for (const button of buttons) button.onclick = () => load(({ ask }) => ask(button));
if (buttons[0] && new URLSearchParams(location.search).get("with")) load(({ restore }) => restore(buttons));
