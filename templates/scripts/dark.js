// The switch between light and dark. Whoever chooses what the device has follows the device again.
const { documentElement: root } = document, button = document.querySelector(".theme-switch");
const device = matchMedia("(prefers-color-scheme: dark)");
const dark = () => root.dataset.theme ? root.dataset.theme == "dark" : device.matches;
const show = () => {
  button.title = button.dataset[dark() ? "light" : "dark"];
  for (const meta of document.querySelectorAll("[name=theme-color]")) meta.content = getComputedStyle(root).backgroundColor;
};
if (button) {
  button.onclick = () => {
    const theme = dark() ? "light" : "dark", same = dark() != device.matches;
    if (same) delete root.dataset.theme; else root.dataset.theme = theme;
    try { if (same) delete localStorage.theme; else localStorage.theme = theme; } catch {}
    show();
  };
  device.onchange = show;
  show();
}
