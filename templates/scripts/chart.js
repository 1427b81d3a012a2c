// Reading a chart: the numbers of the mark that is pointed at, tapped, or reached with the arrow keys, as the table
// below the figure prints them. A drawing says in data-at where each row of that table is, see
// generator/charts/reading.py. A drawing with links is one stop of the Tab key, on one of its links; any other gets a
// slider over it, whose value is the row: so screen readers pass the arrow keys on, and say what they reach.
const add = (to, its) => to.appendChild(Object.assign(document.createElement("div"), its));
const within = (low, n, high) => Math.max(low, Math.min(high, n));
const tip = add(document.body, { className: "tip", ariaHidden: true });
let mark, lit, touch;
const hide = () => { tip.remove(); mark?.remove(); lit = ""; };
hide();

for (const svg of document.querySelectorAll("figure svg[data-at]")) {
  const box = svg.parentNode, figure = svg.closest("figure"), [head, ...rows] = figure.querySelector("table")?.rows ?? [];
  const lists = svg.dataset.at.split(";").map((list) => list.split(" "));
  const at = lists[0].map((_, i) => lists.map((list) => list[i]).filter(Boolean).map(Number));
  const [by, ...plot] = (svg.dataset.by ?? "").split(" "), [left, top, tall, stepX, stepY] = plot.map(Number);
  if (at.length != rows.length) continue;
  rows.forEach((row, i) => (row.place = i));

  // What the cells of row i say, words before numbers.
  const isNumber = (c) => c.matches(".number");
  const heads = [...head.cells].map((c) => [c.firstChild.textContent.trim() + ": ", c.querySelector(".unit")]);
  const told = (i) => [...rows[i].cells].sort((a, b) => isNumber(a) - isNumber(b)).map((c) => {
    const [label, unit] = heads[c.cellIndex], value = c.textContent;
    return isNumber(c) ? label + value + (unit && c.querySelector("data") ? " " + unit.textContent : "") : value;
  });

  // The browser would show the names of marks beside the numbers. Links keep theirs, and the drawing.
  for (const title of svg.querySelectorAll("title")) {
    if (title.parentNode.matches("svg,a")) title.parentNode.ariaLabel = title.textContent;
    title.remove();
  }
  const links = [], href = (a) => a?.getAttribute("href"), pages = rows.map((row) => href(row.querySelector("th a")));
  for (const a of svg.querySelectorAll("a")) {
    const i = pages.indexOf(href(a));
    if (i >= 0) links[i] = a, a.tabIndex = -1;
  }
  const linked = links.length, kept = [...rows.keys()].filter((i) => at[i].length && (!linked || links[i]));
  const slider = linked || add(box, { className: "reader", tabIndex: 0, role: "slider", ariaLabel: figure.dataset.read, ariaValueMax: kept.length - 1 });
  let now = kept.filter((i) => rows[i].matches(".own")).pop() ?? kept.at(by == "x" ? -1 : 0), before;

  const turn = (i) => {
    if (linked) links[now].tabIndex = -1, links[i].tabIndex = 0;
    else slider.ariaValueNow = kept.indexOf(i), slider.ariaValueText = told(i).join(", ");
    now = i;
  };
  const show = (i) => {
    if (lit == svg.id + i) return;
    hide();
    if (!at[i]?.length) return;
    const [x, y, x2 = x, y2 = y] = at[i], rule = by == "x" && x2 + y2 == x + y, ends = `M${x2},${y2}`;
    const line = rule ? `M${x},${top + (Math.floor(y / stepY) * stepY || 0)}v${tall}` : `${ends}L${x},${y}`;
    svg.insertAdjacentHTML("beforeend", `<g class="pointed">${[line, line, ends + "h0", ends + "h0"].map((d) => `<path d="${d}"/>`).join("")}</g>`);
    mark = svg.lastChild;
    tip.textContent = told(i).join("\n") + (touch && links[i] ? "\n" + figure.dataset.again : "");
    box.append(tip);
    const from = box.getBoundingClientRect(), to = mark.lastChild.getBoundingClientRect(), over = to.y - tip.offsetHeight - 9;
    tip.style.left = within(0, to.x - from.x - tip.offsetWidth / 2, box.clientWidth - tip.offsetWidth) + "px";
    tip.style.top = (over < 0 ? to.bottom + 9 : over) - from.y + "px";
    lit = svg.id + i;
    if (kept.includes(i)) turn(i);
  };

  // The row whose mark is nearest: of a line, what counts is its nearest point.
  const panel = (x, y) => Math.floor((x - left) / stepX) + 9 * Math.floor(y / stepY) || 0;
  const point = (e) => {
    const on = e.target.closest("a,[data-row]"), { x, y } = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let found = on ? +(on.dataset.row ?? pages.indexOf(href(on))) : -1, least = 1 / 0;
    if (found < 0) at.forEach(([x1, y1, x2 = x1, y2 = y1], i) => {
      const dx = x2 - x1, dy = y2 - y1, share = within(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1), 1);
      const far = Math.hypot((x1 + share * dx - x) * (by == "x" ? 1e4 : 1), (y1 + share * dy - y) * (by == "y" ? 1e4 : 1));
      if (far < least && panel(x1, y1) == panel(x, y)) least = far, found = i;
    });
    show(found);
  };

  const events = {
    focusin: (e) => show(linked ? pages.indexOf(href(e.target)) : now),
    focusout: hide,
    pointerleave: hide,
    pointermove: point,
    pointerdown(e) { touch = e.pointerType == "touch"; before = lit; },
    // A finger's first tap shows the numbers, and only the second one follows the link.
    click(e) {
      if (!touch) return;
      point(e);
      if (lit != before) e.preventDefault();
    },
    // Left and right go along a series, or from mark to mark; up and down to the other series of that time.
    keydown(e) {
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -1 / 0, End: 1 / 0 }[e.key];
      if (!step || e.altKey || e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      touch = 0;
      const across = !/[pn]$/.test(e.key), first = across == (by != "rows") ? 0 : 1;
      const name = (i) => by == "x" && rows[i].querySelector(across ? "td:not(.number)" : "th")?.textContent;
      const place = (i) => at[i][first] * 1e4 + at[i][1 - first];
      const list = kept.filter((i) => name(i) == name(now)).sort((a, b) => place(a) - place(b));
      const i = list[within(0, list.indexOf(now) + step, list.length - 1)];
      linked ? links[i].focus() : show(i);
      tip.scrollIntoView({ block: "nearest", behavior: "instant" });
    },
  };
  for (const name in events) box.addEventListener(name, events[name]);
  if (kept.length) turn(now);
}
document.addEventListener("keydown", (e) => { if (e.key == "Escape") hide(); });
document.addEventListener("pointerdown", (e) => { if (!tip.parentNode?.contains(e.target)) hide(); });
