// Reading a date off the lines.
/** A box with what the lines say at a date. */
const readout = (container) => {
  const box = node("div", { class: "tip readout", "aria-hidden": "true", hidden: "" });
  container.append(box);
  return {
    show(title, lines, x, y) {
      box.replaceChildren(
        node("strong", {}, title),
        ...lines.map(({ look, role, says }) => node("span", {}, ...(look === undefined ? [] : [swatch(look)]), ...(role ? [dot(role)] : []), says)),
      );
      box.hidden = false;
      const room = container.clientWidth - box.offsetWidth;
      box.style.left = `${Math.max(0, Math.min(x + 14, x + 14 > room ? x - box.offsetWidth - 14 : x + 14))}px`;
      box.style.top = `${Math.max(0, y)}px`;
    },
    hide() {
      box.hidden = true;
    },
  };
};
const dot = (role) => drawn("svg", { class: "swatch", viewBox: "-6 -6 12 12", "aria-hidden": "true" }, drawn("circle", { r: 4.5, fill: colour(role) }));

/** Pointer and arrow keys read the lines. The slider over them is for keys: its value is the date, and what is said of it. */
const readable = (figure, chart, svg, readings) => {
  const shown = readout(chart);
  const all = readings.flatMap((reading, panel) =>
    [...new Map(reading.lines.flatMap(({ points }) => points).map((point) => [point.x, point.when])).entries()]
      .sort(([a], [b]) => a - b).map(([x, when]) => ({ reading, panel, x, when })));
  const reader = node("div", {
    class: "reader", tabindex: 0, role: "slider", "aria-label": figure.dataset.read, "aria-valuemin": 0, "aria-valuemax": all.length - 1,
  });
  chart.append(reader);
  const clear = () => {
    shown.hide();
    readings.forEach(({ rule }) => rule.setAttribute("visibility", "hidden"));
  };
  const told = ({ reading, x, when }) => ({
    title: reading.title ? `${reading.title}, ${when}` : when,
    lines: reading.lines.map(({ entity, points }) => {
      const point = points.find((each) => each.x === x);
      const remark = point?.partial ? `, ${point.partial}` : "";
      return { look: entity.look, says: `${entity.name}: ${point?.text ?? word("absent")}${remark}` };
    }),
  });
  const show = (at) => {
    clear();
    const { reading } = at;
    const px = reading.across(at.x);
    reading.rule.setAttribute("d", `M${px.toFixed(1)},0V${reading.height}`);
    reading.rule.setAttribute("visibility", "visible");
    const { title, lines } = told(at);
    shown.show(title, lines, reading.left + px, reading.top);
  };
  let now = all.length - 1;
  const turn = (index) => {
    now = index;
    const { title, lines } = told(all[now]);
    reader.setAttribute("aria-valuenow", now);
    reader.setAttribute("aria-valuetext", `${title}. ${lines.map(({ says }) => says).join("; ")}`);
  };
  turn(now);
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const panel = readings.findIndex(({ left, top, inner, height }) => x >= left - 8 && x <= left + inner + 60 && y >= top - 14 && y <= top + height + 20);
    if (panel < 0) return clear();
    const far = (at) => Math.abs(at.reading.left + at.reading.across(at.x) - x);
    const at = all.filter((each) => each.panel === panel).reduce((best, each) => (far(each) < far(best) ? each : best));
    show(at);
    turn(all.indexOf(at));
  };
  chart.onpointermove = chart.onpointerdown = point;
  chart.onpointerleave = clear;
  reader.onfocus = () => show(all[now]);
  reader.onblur = clear;
  reader.onkeydown = (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    const turns = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Escape") return clear();
    if (!(event.key in steps || event.key in turns) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const { panel, x } = all[now];
    const wanted = (panel + (turns[event.key] ?? 0) + readings.length) % readings.length;
    const dates = all.filter((each) => each.panel === wanted);
    const near = dates.findIndex((each) => each.x >= x);
    const index = (near < 0 ? dates.length - 1 : near) + (steps[event.key] ?? 0);
    turn(all.indexOf(dates[Math.min(Math.max(index, 0), dates.length - 1)]));
    show(all[now]);
  };
};
