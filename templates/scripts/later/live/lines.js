// Lines over time.
/** Stretches of a line: cut where a figure is missing, dashed from and to what is incomplete. */
const stretches = (points) => {
  const monthly = points.every(({ key }) => /^\d{4}-\d\d$/.test(key));
  const gaps = points.slice(1).map((point, index) => point.x - points[index].x);
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const made = [];
  points.forEach((point, index) => {
    const before = points[index - 1];
    if (point.y === null) return;
    const joined = before && before.y !== null && !(monthly && gaps[index - 1] > 1.5 * usual);
    const dashed = Boolean(joined && (before.partial || point.partial));
    if (!joined) made.push({ points: [point], dashed: false });
    else if (made.at(-1).dashed === dashed || made.at(-1).points.length === 1) {
      made.at(-1).dashed = dashed;
      made.at(-1).points.push(point);
    } else made.push({ points: [before, point], dashed });
  });
  return made;
};

const lastOf = (points) => points.filter(({ y }) => y !== null).at(-1);

/** One panel with a line for each place that has points, each named at its end; events have the numbers of their list. */
const panel = (figure, lines, { x: [first, last], y, width, height, step, title, events }) => {
  const [wide, bold] = [measure(figure, false), measure(figure, true)];
  const group = drawn("g");
  const ended = lines.map((line) => ({ ...line, last: lastOf(line.points) })).filter((line) => line.last);
  const most = Math.max(width * 0.28, 90);
  const labels = ended.map(({ entity, last: { text: value } }) => {
    const whole = `${entity.name} ${value}`;
    return bold(whole) <= most ? [whole] : [...wrapped(entity.name, most, bold), value];
  });
  const left = Math.max(...y.ticks.map(({ label }) => wide(label)), 0) + 7;
  const right = Math.max(...labels.flat().map(bold), 0) + 14;
  const top = title ? 26 : 10;
  const inner = Math.max(width - left - right, 40);
  const across = (value) => (last === first ? inner / 2 : ((value - first) / (last - first)) * inner);
  const down = (value) => height * (1 - (value - y.low) / (y.high - y.low));
  const plot = drawn("g", { transform: `translate(${left.toFixed(1)} ${top})` });
  if (title) group.append(text(0, 7, title, "ink", { "font-weight": 600 }));
  for (const { value, label } of y.ticks) {
    const at = down(value).toFixed(1);
    plot.append(
      drawn("path", { d: `M0,${at}H${inner.toFixed(1)}`, stroke: colour(value === 0 ? "muted" : "faint") }),
      text(-6, down(value), label, "muted", { "text-anchor": "end" }),
    );
  }
  const ticks = dateTicks(first, last, inner, wide);
  for (const { value, label } of ticks) {
    const at = across(value);
    const half = Math.max(...label.map(wide)) / 2;
    if (at - half < -left || at + half > inner + right) continue;
    plot.append(drawn("path", { d: `M${at.toFixed(1)},${height}v4`, stroke: colour("grey") }));
    label.forEach((line, row) => plot.append(text(at, height + 13 + row * LINE, line, "muted", { "text-anchor": "middle" })));
  }
  // The own one is drawn last, upon the others.
  for (const { entity, points } of [...lines].reverse()) {
    const stroke = colour(LOOKS[entity.look]);
    for (const { points: run, dashed } of stretches(points)) {
      const d = run.map(({ x, y: value }, index) => {
        const [px, py] = [across(x).toFixed(1), down(value).toFixed(1)];
        return index ? (step ? `H${px}V${py}` : `L${px},${py}`) : `M${px},${py}`;
      });
      const look = { stroke, "stroke-width": entity.look ? 1.8 : 2.4, "stroke-linejoin": "round", "stroke-dasharray": dashed ? "3,3" : "none" };
      if (run.length > 1) plot.append(drawn("path", { d: d.join(""), ...look }));
      else plot.append(shaped(entity.look, across(run[0].x), down(run[0].y), 3));
    }
  }
  const places = spread(ended.map((line) => down(line.last.y)), labels.map((l) => l.length * LINE + 2), -top, height + 8);
  ended.forEach(({ entity, last: end }, index) => {
    const hollow = end.partial ? { fill: colour("paper"), stroke: colour(LOOKS[entity.look]), "stroke-width": 1.5 } : {};
    plot.append(shaped(entity.look, across(end.x), down(end.y), 4, hollow));
    labels[index].forEach((line, row) => {
      const at = places[index] + (row - (labels[index].length - 1) / 2) * LINE;
      plot.append(text(inner + 9, at, line, LOOKS[entity.look], { "font-weight": 600 }));
    });
  });
  events.forEach((day, index) => {
    if (!(day >= first && day <= last)) return;
    const at = across(day);
    plot.append(
      drawn("path", { d: `M${at.toFixed(1)},0V${height}`, stroke: colour("grey") }),
      text(at + 4, 5, String(index + 1), "muted", { "font-weight": 600 }),
    );
  });
  const rule = drawn("path", { stroke: colour("ink"), "stroke-width": 1, visibility: "hidden" });
  plot.append(rule);
  group.append(plot);
  const reading = { lines, left, top, inner, height, across, rule };
  return { group, reading, height: top + height + Math.max(...ticks.map(({ label }) => label.length), 1) * LINE + 8 };
};

/** Lines over time: one panel, or one for each part. */
const drawLines = (figure, entities, settings, width) => {
  const parts = entities.map(({ sheet }) => partsOf(sheet));
  const titles = [...new Set(parts.flatMap((each) => [...each.keys()]))];
  let panels = titles.map((title) => ({
    title,
    lines: entities.map((entity, index) => ({ entity, points: parts[index].get(title) ?? [] })),
  }));
  if (settings.way === "stack" && titles.length > 1)
    panels = [{ title: word("total"), lines: entities.map((entity, index) => ({ entity, points: together(parts[index]) })) }, ...panels];
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points));
  const known = points.filter(({ y }) => y !== null);
  const xs = points.map(({ x }) => x);
  const events = eventsOf(figure);
  const several = panels.length > 1;
  const columns = several && width >= 480 ? 2 : 1;
  const wide = (width - (columns - 1) * 28) / columns;
  const whole = known.every(({ text: printed }) => !printed.includes(template.dataset.decimal));
  const y = valueAxis(known.map((point) => point.y), several || width < 480 ? 4 : 5, whole, settings.cut, entities[0].sheet.columns[1].unit);
  const height = several ? 120 : width < 480 ? 190 : 280;
  const svg = drawn("svg", { role: "img", width, "font-family": "var(--chart-font)", "font-size": 12, fill: "none" });
  const readings = [];
  let [top, most] = [0, 0];
  panels.forEach(({ title, lines }, index) => {
    const made = panel(figure, lines, {
      x: [Math.min(...xs), Math.max(...xs)], y, width: wide, height, step: settings.step, title: several ? title : "", events,
    });
    const column = index % columns;
    if (!column && index) [top, most] = [top + most + 16, 0];
    most = Math.max(most, made.height);
    const left = column * (wide + 28);
    made.group.setAttribute("transform", `translate(${left.toFixed(1)} ${top.toFixed(1)})`);
    readings.push({ ...made.reading, left: left + made.reading.left, top: top + made.reading.top, title: several ? title : "" });
    svg.append(made.group);
  });
  svg.setAttribute("height", top + most);
  svg.setAttribute("viewBox", `0 0 ${width} ${top + most}`);
  return { svg, readings };
};
