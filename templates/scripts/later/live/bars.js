// Bars of several places.
/** Bars by name, those of each entity beside each other. */
const drawBars = (figure, groups, width) => {
  const wide = measure(figure, true);
  const bars = groups.flatMap(({ bars: each }) => each);
  const values = bars.map(({ cell }) => cell.value).filter((value) => value !== null);
  const svg = drawn("svg", { role: "img", width, "font-family": "var(--chart-font)", "font-size": 12, fill: "none" });
  const named = Math.min(Math.max(...bars.map(({ entity }) => wide(entity.name))) + 24, width * 0.45);
  const room = Math.max(...bars.map(({ cell }) => wide(cell.text))) + 10;
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const before = low < 0 ? room : 0;
  const unit = Math.max(width - named - room - before, 30) / (high - low || 1);
  const zero = named + before - low * unit;
  let y = 0;
  for (const { title, bars: each } of groups) {
    if (title) svg.append(text(0, y + 9, title, "ink", { "font-weight": 600 }));
    y += title ? 20 : 0;
    const from = y;
    for (const { entity, cell } of each) {
      const role = LOOKS[entity.look];
      const end = zero + (cell.value ?? 0) * unit;
      svg.append(shaped(entity.look, 6, y + 9, 4), text(18, y + 9, entity.name, entity.look ? "ink" : "accent", entity.look ? {} : { "font-weight": 600 }));
      const [start, long] = [Math.min(zero, end), Math.max(Math.abs(end - zero), 1)];
      if (cell.value !== null) svg.append(drawn("rect", { x: start.toFixed(1), y: y + 2, width: long.toFixed(1), height: 14, fill: colour(role) }));
      const after = (cell.value ?? 0) >= 0;
      svg.append(text(after ? Math.max(end, zero) + 6 : end - 6, y + 9, cell.text, cell.value === null ? "muted" : "ink", { "text-anchor": after ? "start" : "end" }));
      y += 20;
    }
    svg.append(drawn("path", { d: `M${zero.toFixed(1)},${from}V${y - 2}`, stroke: colour("ink") }));
    y += title ? 10 : 0;
  }
  svg.setAttribute("height", y);
  svg.setAttribute("viewBox", `0 0 ${width} ${y}`);
  return { svg, readings: [] };
};
