// Chart and table of a figure take each other's place; its address and the code of its embed are copied.
document.addEventListener("click", async (event) => {
  const control = event.target.closest("[data-view], [data-copied]");
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const figure = control.closest("figure"), find = (selector) => figure.querySelector(selector);
  const { view, copied } = control.dataset;
  if (view) {
    const table = find(".figure-table"), room = find(".figure-chart").offsetHeight;
    // The table gets the room of the chart, so that nothing moves.
    if (room) table.style.setProperty("--room", `${room}px`);
    table.open = view == "table";
    return;
  }
  const { href } = control, code = control.parentElement.previousElementSibling;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(href || code.value);
    if (href) history.replaceState(null, "", href);
    const status = find("[role=status]");
    status.textContent = copied;
    setTimeout(() => (status.textContent = ""), 4000);
  } catch {  // no clipboard: the address is shown, the code is marked
    if (href) location = href;
    else code.select();
  }
});
// Also when a search in the page opens it.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches(".figure-table"))
    for (const button of target.closest("figure").querySelectorAll("[data-view]"))
      button.setAttribute("aria-pressed", (button.dataset.view == "table") == target.open);
}, true);
