// Loaded when a reader asks a figure for more: puts other entities beside the page's own, or opens it as a live chart.
//
// All numbers are those that pages print: of this page, and of the pages of the others, whose figure has the same id. What a
// reader sees of them is what those pages show, and what is drawn is the value behind it.

const template = document.getElementById("live");
const word = (name, given = {}) => (template.dataset[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => given[key] ?? "");
const list = (names) => names.join(", ");

const node = (name, given = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) if (value !== undefined) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const drawn = (name, given = {}, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const colour = (role) => `var(--chart-${role})`;

// --- What a page says --------------------------------------------------------------------------------------

const readCell = (cell) => {
  const time = cell.querySelector("time");
  const data = cell.querySelector("data");
  const value = data && data.value !== "" ? Number(data.value) : NaN;
  const text = cell.textContent.trim();
  return { text, key: time?.dateTime || text, value: Number.isNaN(value) ? null : value, link: cell.querySelector("a")?.href };
};

/** The table of a figure: columns, and rows of cells as they are printed. Nothing when the page has no such figure. */
const readFigure = (page, id) => {
  const table = page.getElementById(`${id}-table`)?.querySelector("table");
  if (!table?.tHead) return null;
  const columns = [...table.tHead.rows[0].cells].map((head) => {
    const unit = head.querySelector(".unit")?.textContent.trim() ?? "";
    const label = head.textContent.trim();
    return { label: unit && label.endsWith(unit) ? label.slice(0, -unit.length).trim() : label, unit };
  });
  const rows = [...table.tBodies[0].rows].map((row, place) => ({
    place,
    cells: [...row.cells].map(readCell),
    own: row.classList.contains("own"),
    partial: row.dataset.partial,
  }));
  return { columns, rows };
};

const days = (text) => {
  const date = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(text);
  return date ? Date.UTC(date[1], (date[2] ?? 1) - 1, date[3] ?? 1) / 864e5 : NaN;
};

/** The points of each part of a figure over time; '' is the part of one that has none. */
const partsOf = (sheet) => {
  const parts = new Map();
  for (const { cells, partial } of sheet.rows) {
    const part = cells[2]?.text ?? "";
    if (!parts.has(part)) parts.set(part, []);
    const { key, text: when } = cells[0];
    parts.get(part).push({ x: days(key), key, when, y: cells[1].value, text: cells[1].text, partial });
  }
  for (const points of parts.values()) points.sort((one, other) => one.x - other.x);
  return parts;
};

/** All parts of each date together; not known where one of them is not. */
const together = (parts) => {
  const sums = new Map();
  for (const points of parts.values()) {
    for (const point of points) {
      const sum = sums.get(point.key) ?? { ...point, y: 0, decimals: 0 };
      if (point.y === null) sum.missing ??= point.text;
      sum.y = sum.y === null || point.y === null ? null : sum.y + point.y;
      sum.decimals = Math.max(sum.decimals, (point.text.split(template.dataset.decimal)[1] ?? "").length);
      sum.partial ||= point.partial;
      sums.set(point.key, sum);
    }
  }
  const made = [...sums.values()].sort((one, other) => one.x - other.x);
  for (const sum of made) sum.text = sum.y === null ? sum.missing : number(sum.y, sum.decimals);
  return made;
};

// --- Other entities ----------------------------------------------------------------------------------------

const MOST = 3;
const LOOKS = ["accent", "c1", "c3", "c4"];

const root = new URL(template.dataset.root || "./", document.baseURI);
const pages = new Map();
const chosen = []; // of the page, in the order they were added: { slug, name, look }
let names;

const namesToAdd = () =>
  (names ??= fetch(new URL(template.dataset.places, document.baseURI))
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(({ base, places, without }) => {
      const all = places.map(([name, slug, within], place) => ({ place, name, slug, within }));
      const own = all.find(({ slug }) => `${base}${slug}/` === template.dataset.path);
      const have = (id, { place }) => !without[id]?.includes(place);
      return { base, all, own, have };
    })
    .catch((error) => {
      names = undefined; // perhaps the next time
      throw error;
    }));

const pageOf = (base, slug) => {
  if (!pages.has(slug)) {
    const asked = fetch(new URL(`${base}${slug}/`, root))
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((html) => new DOMParser().parseFromString(html, "text/html"));
    asked.catch(() => pages.delete(slug));
    pages.set(slug, asked);
  }
  return pages.get(slug);
};

const add = (entity) => {
  const free = [1, 2, 3].find((look) => chosen.every((other) => other.look !== look));
  if (free && chosen.every(({ slug }) => slug !== entity.slug)) chosen.push({ ...entity, look: free });
};

/** The choice is in the address, for the figure that it was last made in, so that it can be sent and comes back. */
const remember = (figure) => {
  const query = new URLSearchParams(location.search);
  query.delete("with");
  const slugs = compared.size ? chosen.map(({ slug }) => slug.split("/").map(encodeURIComponent).join("/")) : [];
  const asked = [query.toString(), slugs.length && `with=${slugs.join(",")}`].filter(Boolean).join("&");
  const hash = slugs.length ? `#${figure.id}` : location.hash;
  history.replaceState(history.state, "", `${location.pathname}${asked && `?${asked}`}${hash}`);
};

// --- Axes, as those of the drawings in the page ------------------------------------------------------------

const number = (value, decimals) => {
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const { thousands, groupFrom } = template.dataset;
  const grouped = Math.abs(value) >= groupFrom ? whole.replace(/\B(?=(\d{3})+$)/g, thousands) : whole;
  const text = part ? `${grouped}${template.dataset.decimal}${part}` : grouped;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
};

const niceStep = (span, count, least) => {
  if (!(span > 0)) return Math.max(1, least);
  const raw = Math.max(span / count, least);
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power)
    .find((step) => step >= raw * (1 - 1e-9) && (least < 1 || step === Math.round(step))) ?? 10 * power;
};

const valueAxis = (values, count, whole, cut, unit) => {
  let low = Math.min(...values, ...(cut ? [] : [0]));
  let high = Math.max(...values, ...(cut ? [] : [0]));
  if (low === high) [low, high] = cut ? [low - 1, high + 1] : [low, low + 1];
  const step = niceStep(high - low, count, whole ? 1 : 0);
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at <= Math.floor(high / step + 1e-9); at++) ticks.push(+(at * step).toFixed(10));
  if (cut && ticks.length && ticks[0] > low) ticks.unshift(+(ticks[0] - step).toFixed(10));
  if (cut && ticks.length) low = ticks[0];
  const decimals = [0, 1, 2, 3, 4, 5].find((d) => ticks.every((tick) => Math.abs(+tick.toFixed(d) - tick) < 1e-9)) ?? 6;
  return { low, high, ticks: ticks.map((value) => ({ value, label: number(value, decimals) + (unit === "percent" ? "%" : "") })) };
};

const dateTicks = (low, high, width, wide) => {
  const months = template.dataset.months.split("|");
  const date = (at) => new Date(at * 864e5);
  const [first, last] = [date(low), date(high)];
  if (low === high) return [{ value: low, label: [`${months[first.getUTCMonth()]} ${first.getUTCFullYear()}`] }];
  const span = high - low;
  let year;
  const named = (value, name) => {
    const own = date(value).getUTCFullYear();
    const label = own === year ? [name] : [name, String(own)];
    year = own;
    return { value, label };
  };
  if (span < 46) {
    const step = [1, 2, 7, 14].find((s) => (width * s) / span >= 56) ?? 28;
    const ticks = [];
    for (let at = low; at <= high; at += step) ticks.push(named(at, `${months[date(at).getUTCMonth()]} ${date(at).getUTCDate()}`));
    return ticks;
  }
  const gap = width < 450 ? 40 : 56;
  const room = Math.max(...months.map(wide));
  const step = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200]
    .find((s) => (width * s * 30.44) / span >= Math.max((s >= 12 ? wide("2000") : room) + 12, gap)) ?? 1200;
  const begin = first.getUTCFullYear() * 12 + first.getUTCMonth() + (first.getUTCDate() > 1 ? 1 : 0);
  const ticks = [];
  for (let month = Math.ceil(begin / step) * step; ; month += step) {
    const value = Date.UTC(Math.floor(month / 12), month % 12) / 864e5;
    if (value > +last / 864e5) return ticks;
    ticks.push(step >= 12 ? { value, label: [String(date(value).getUTCFullYear())] } : named(value, months[month % 12]));
  }
};

/** Centres of labels that do not overlap, each as near to the wanted one as its neighbours allow. */
const spread = (wanted, heights, low, high) => {
  const blocks = [];
  for (const i of wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b] || a - b)) {
    let block = { top: wanted[i] - heights[i] / 2, height: heights[i], members: [i] };
    while (blocks.length && blocks.at(-1).top + blocks.at(-1).height > block.top) {
      const before = blocks.pop();
      const members = [...before.members, ...block.members];
      let reached = 0;
      let sum = 0;
      for (const member of members) {
        sum += wanted[member] - (reached + heights[member] / 2);
        reached += heights[member];
      }
      block = { top: sum / members.length, height: reached, members };
    }
    block.top = Math.min(Math.max(block.top, low), Math.max(low, high - block.height));
    blocks.push(block);
  }
  const placed = [];
  let limit = high;
  for (const { top, height, members } of blocks.reverse()) {
    let reached = (limit = Math.min(top, limit - height));
    for (const member of members) {
      placed[member] = reached + heights[member] / 2;
      reached += heights[member];
    }
  }
  return placed;
};

const pen = document.createElement("canvas").getContext("2d");
const measure = (figure, bold) => (text) => {
  pen.font = `${bold ? "600 " : ""}12px ${getComputedStyle(figure).getPropertyValue("--chart-font") || "sans-serif"}`;
  return pen.measureText(text).width;
};

const wrapped = (text, most, wide) => {
  const lines = [];
  for (const part of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${part}` : part;
    if (lines.length && wide(longer) <= most) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
};

// --- Marks -------------------------------------------------------------------------------------------------

const LINE = 14;
const text = (x, y, content, role, given = {}) => {
  const made = drawn("text", { x: x.toFixed(1), y: y.toFixed(1), fill: colour(role), "dominant-baseline": "central", ...given });
  made.textContent = content;
  return made;
};

/** A mark of one shape for each: circle, square, triangle, diamond. */
const shaped = (look, x, y, radius, given = {}) => {
  const r = radius * [1, 0.9, 1.15, 1.25][look];
  const path = [
    `M${-r},0a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`,
    `M${-r},${-r}H${r}V${r}H${-r}Z`,
    `M0,${-r}L${r},${r * 0.8}H${-r}Z`,
    `M0,${-r}L${r},0L0,${r}L${-r},0Z`,
  ][look];
  return drawn("path", { d: path, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, fill: colour(LOOKS[look]), ...given });
};

const swatch = (look) => drawn("svg", { class: "swatch", viewBox: "-6 -6 12 12", "aria-hidden": "true" }, shaped(look, 0, 0, 4.5));

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

/** One panel with a line for each entity that has points, each named at its end. */
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
  const top = (title ? 26 : 10) + (events.length ? 10 : 0);
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
  for (const { at: value, label } of events) {
    if (value < first || value > last) continue;
    const at = across(value).toFixed(1);
    plot.append(
      drawn("path", { d: `M${at},${-top + (title ? 24 : 14)}V${height}`, stroke: colour("muted"), "stroke-dasharray": "2,3" }),
      text(across(value), -top + (title ? 18 : 7), label, "muted", { "text-anchor": "middle" }),
    );
  }
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
  const several = panels.length > 1;
  const columns = several && width >= 480 ? 2 : 1;
  const wide = (width - (columns - 1) * 28) / columns;
  const whole = known.every(({ text: printed }) => !printed.includes(template.dataset.decimal));
  const y = valueAxis(known.map((point) => point.y), several || width < 480 ? 4 : 5, whole, settings.cut, entities[0].sheet.columns[1].unit);
  const height = several ? 120 : width < 480 ? 190 : 280;
  const svg = drawn("svg", { role: "img", width, "font-family": "var(--chart-font)", "font-size": 12, fill: "none", tabindex: 0 });
  // What happened meanwhile is listed below the figure, with the numbers that stand at its dates.
  const events = [...figure.querySelectorAll(".figure-events li")]
    .map((event, place) => ({ at: days(event.querySelector("time")?.dateTime ?? ""), label: String(place + 1) }));
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

const overlap = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** Picks out the marks of entities in a drawing that has a mark for every row of its table; gives what undoes it.
 *
 * Where they are, the drawing says itself, see chart.js: the place of each row, or both ends of its line.
 */
const pickOut = (svg, entities) => {
  const at = (svg.dataset.at ?? "").split(";").map((list) => list.split(" "));
  const words = [...svg.querySelectorAll("text")];
  const boxes = words.map((each) => each.getBBox()).map(({ x, y, width, height }) => ({ left: x, right: x + width, top: y, bottom: y + height }));
  const { width: wide, height: high } = svg.viewBox.baseVal;
  const layer = drawn("g", { class: "picked", "aria-hidden": "true" });
  svg.append(layer);
  for (const { name, look, row } of entities) {
    const [x, y, x2, y2] = at.map((list) => list[row.place]).filter(Boolean).map(Number);
    if (x === undefined || Number.isNaN(x)) continue;
    if (x2 !== undefined) layer.append(drawn("path", { d: `M${x},${y}L${x2},${y2 ?? y}`, stroke: colour(LOOKS[look]), "stroke-width": 2.4 }));
    layer.append(shaped(look, x, y, 5, { stroke: colour("paper"), "stroke-width": 1.5 }));
    const written = words.find(({ textContent }) => textContent === name || textContent.startsWith(`${name} `));
    const label = text(0, 0, row.cells.length === 2 ? `${name} ${row.cells[1].text}` : name, LOOKS[look], { "font-weight": 600, "text-anchor": "middle" });
    if (svg.closest(".figure-tiles")) continue; // a tile has its letters
    layer.append(label);
    if (written) { // once is enough
      const { x: left, y: top, width, height } = written.getBBox();
      label.textContent = written.textContent;
      label.setAttribute("x", left + width / 2);
      label.setAttribute("y", top + height / 2);
      continue;
    }
    const { width } = label.getBBox();
    const tries = [[0, -14], [0, 15], [width / 2 + 10, 0], [-width / 2 - 10, 0]];
    for (const far of [26, 38, 50]) tries.push([0, -far], [0, far]);
    const box = ([dx, dy]) => {
      const middle = Math.min(Math.max(x + dx, width / 2 + 1), wide - width / 2 - 1);
      return { x: middle, y: y + dy, left: middle - width / 2 - 2, right: middle + width / 2 + 2, top: y + dy - 7, bottom: y + dy + 7 };
    };
    const fits = (each) => each.top >= 0 && each.bottom <= high && !boxes.some((other) => overlap(each, other));
    const place = tries.map(box).find(fits) ?? box(tries[0]);
    boxes.push(place);
    label.setAttribute("x", place.x.toFixed(1));
    label.setAttribute("y", place.y.toFixed(1));
  }
  return () => layer.remove();
};

// --- Reading a date off the lines --------------------------------------------------------------------------

/** A box with what the lines say at a date. */
const readout = (container) => {
  const box = node("div", { class: "readout", hidden: "" });
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

/** Pointer and arrow keys read the lines; what keys read is said. */
const readable = (chart, svg, readings, say) => {
  const shown = readout(chart);
  const at = { panel: 0, date: -1 };
  const dates = (reading) => [...new Map(reading.lines.flatMap(({ points }) => points).map((point) => [point.x, point.when])).entries()].sort(([a], [b]) => a - b);
  const clear = () => {
    shown.hide();
    readings.forEach(({ rule }) => rule.setAttribute("visibility", "hidden"));
  };
  const show = (reading, [x, when], aloud) => {
    clear();
    const lines = reading.lines.map(({ entity, points }) => {
      const point = points.find((each) => each.x === x);
      const remark = point?.partial ? `, ${point.partial}` : "";
      return { look: entity.look, says: `${entity.name}: ${point?.text ?? word("absent")}${remark}` };
    });
    const px = reading.across(x);
    reading.rule.setAttribute("d", `M${px.toFixed(1)},0V${reading.height}`);
    reading.rule.setAttribute("visibility", "visible");
    const title = reading.title ? `${reading.title}, ${when}` : when;
    shown.show(title, lines, reading.left + px, reading.top);
    if (aloud) say(`${title}. ${lines.map(({ says }) => says).join("; ")}`);
  };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const reading = readings.find(({ left, top, inner, height }) => x >= left - 8 && x <= left + inner + 60 && y >= top - 14 && y <= top + height + 20);
    if (!reading) return clear();
    show(reading, dates(reading).reduce((best, each) => (Math.abs(reading.across(each[0]) - x + reading.left) < Math.abs(reading.across(best[0]) - x + reading.left) ? each : best)), false);
  });
  svg.addEventListener("pointerleave", clear);
  svg.addEventListener("blur", clear);
  svg.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    const turns = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Escape") return clear();
    if (!(event.key in steps) && !(event.key in turns && readings.length > 1)) return;
    event.preventDefault();
    at.panel = (at.panel + (turns[event.key] ?? 0) + readings.length) % readings.length;
    const all = dates(readings[at.panel]);
    if (at.date < 0) at.date = event.key === "ArrowLeft" ? all.length : -1;
    at.date = Math.min(Math.max(at.date + (steps[event.key] ?? 0), 0), all.length - 1);
    show(readings[at.panel], all[at.date], true);
  });
};

// --- Tables ------------------------------------------------------------------------------------------------

const tableOf = (heads, rows, caption) =>
  node("table", {},
    node("caption", {}, node("span", { class: "visually-hidden" }, caption)),
    node("thead", {}, node("tr", {}, ...heads.map(({ label, unit, numeric, look }) =>
      node("th", { scope: "col", class: numeric ? "number" : undefined }, ...(look === undefined ? [] : [swatch(look)]), label, ...(unit ? [" ", node("span", { class: "unit" }, unit)] : []))))),
    node("tbody", {}, ...rows.map(({ own, cells }) =>
      node("tr", { class: own ? "own" : undefined, "aria-current": own ? "true" : undefined }, ...cells.map((cell, index) => {
        const given = { class: heads[index].numeric ? "number" : undefined, "data-partial": cell.partial };
        const said = cell.value === undefined || cell.value === null ? cell.text : node("data", { value: cell.value }, cell.text);
        return index ? node("td", given, said) : node("th", { scope: "row", ...given }, ...(cell.look === undefined ? [] : [swatch(cell.look)]), said);
      })))));

const lineTable = (entities, way) => {
  const parts = entities.map(({ sheet }) => {
    const all = partsOf(sheet);
    return way === "stack" && all.size > 1 ? new Map([[word("total"), together(all)], ...all]) : all;
  });
  const titles = [...new Set(parts.flatMap((each) => [...each.keys()]))];
  const [{ label }, { unit, label: counted }, part] = entities[0].sheet.columns;
  const heads = [{ label }, ...(part ? [{ label: part.label }] : []), ...entities.map(({ name, look }) => ({ label: name, unit: unit || counted, numeric: true, look }))];
  const rows = titles.flatMap((title) => {
    const points = parts.map((each) => new Map((each.get(title) ?? []).map((point) => [point.key, point])));
    const dates = [...new Map(points.flatMap((each) => [...each.values()].map((point) => [point.key, point]))).values()].sort((a, b) => a.x - b.x);
    return dates.map(({ key, when }) => ({
      cells: [{ text: when }, ...(part ? [{ text: title }] : []), ...points.map((each) => {
        const point = each.get(key);
        return point ? { text: point.text, value: point.y, partial: point.partial } : { text: word("absent") };
      })],
    }));
  });
  return [heads, rows];
};

const barGroups = (entities) => {
  const titles = [...new Set(entities.flatMap(({ sheet }) => sheet.rows.map(({ cells }) => cells[0].text)))];
  return titles.map((title) => ({
    title,
    bars: entities.map((entity) => ({
      entity,
      cell: entity.sheet.rows.find(({ cells }) => cells[0].text === title)?.cells[1] ?? { text: word("absent"), value: null },
    })),
  }));
};

// --- A figure that compares --------------------------------------------------------------------------------

const compared = new Map();
const explored = new Map();
const fold = (name) => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
let count = 0;

const showAll = () => Promise.all([...compared.values()].map(({ show }) => show()));

const compare = (button) => {
  const figure = button.closest("figure");
  const settings = { way: button.dataset.way, step: "step" in button.dataset, cut: "cut" in button.dataset };
  const box = template.content.querySelector(".compare").cloneNode(true);
  const [chips, input, options, status, chart, region] = ["ul", "input", "[role=listbox]", "[role=status]", ".compare-chart", ".table-scroll"].map((each) => box.querySelector(each));
  const inPlace = settings.way === "marks" || settings.way === "rows";
  const own = readFigure(document, figure.id);
  const id = `compare-${++count}`;
  let turn = 0;
  let undo = () => {};
  let entities = [];
  let width = 0;
  let matches = [];
  let active = -1;

  const say = (words) => (status.textContent = words);

  const draw = () => {
    undo();
    undo = () => {};
    width = Math.round(Math.min(chart.clientWidth || figure.clientWidth, 680));
    chart.replaceChildren();
    figure.classList.toggle("is-compared", entities.length > 1 && settings.way !== "marks");
    if (entities.length < 2) return;
    if (settings.way === "marks") {
      const all = [...figure.querySelectorAll(".drawing svg.chart")].map((svg) => pickOut(svg, entities.slice(1)));
      undo = () => all.forEach((each) => each());
      return;
    }
    const made = settings.way === "rows" ? drawBars(figure, [{ title: "", bars: entities.map((entity) => ({ entity, cell: entity.row.cells[1] })) }], width)
      : settings.way === "bars" ? drawBars(figure, barGroups(entities), width)
      : drawLines(figure, entities, settings, width);
    made.svg.setAttribute("aria-label", word("picture", { names: list(entities.map(({ name }) => name)) }));
    chart.append(made.svg);
    if (made.readings.length) readable(chart, made.svg, made.readings, say);
  };

  const fill = () => {
    region.replaceChildren();
    box.querySelector("details").hidden = entities.length < 2;
    if (entities.length < 2) return;
    const title = figure.querySelector(".figure-title")?.textContent.trim() ?? "";
    const caption = word("caption", { title, names: list(entities.map(({ name }) => name)) });
    region.setAttribute("aria-label", caption);
    const [heads, rows] = inPlace ? [
      own.columns.map(({ label, unit }, index) => ({ label, unit, numeric: index > 0 && own.rows.some(({ cells }) => cells[index].value !== null) })),
      entities.map(({ row, look, name }) => ({ own: !look, cells: row.cells.map((cell, index) => (index ? cell : { text: name, look })) })),
    ] : settings.way === "bars" ? [
      [{ label: own.columns[0].label }, ...entities.map(({ name, look }) => ({ label: name, unit: own.columns[1].unit || own.columns[1].label, numeric: true, look }))],
      barGroups(entities).map(({ title, bars }) => ({ cells: [{ text: title }, ...bars.map(({ cell }) => cell)] })),
    ] : lineTable(entities, settings.way);
    region.append(tableOf(heads, rows, caption));
  };

  /** The figure of one entity, or why there is none. */
  const load = async (base, entity) => {
    if (inPlace) {
      const address = new URL(`${base}${entity.slug}/`, root).pathname;
      const row = own.rows.find(({ cells }) => cells.some(({ link }) => link && new URL(link).pathname === address));
      return row ? { ...entity, row } : { ...entity, why: word("lacks", entity) };
    }
    let page;
    try {
      page = await pageOf(base, entity.slug);
    } catch {
      return { ...entity, why: word("failed", entity) };
    }
    const sheet = readFigure(page, figure.id);
    if (!sheet) return { ...entity, why: word("lacks", entity) };
    const alike = sheet.columns.length === own.columns.length && sheet.columns[1].unit === own.columns[1].unit;
    return alike ? { ...entity, sheet } : { ...entity, why: word("unlike", entity) };
  };

  const show = async (unknown = []) => {
    const mine = ++turn;
    let known;
    try {
      known = await namesToAdd();
    } catch {
      return say(word("offline"));
    }
    const self = { ...known.own, look: 0, sheet: own };
    if (inPlace) self.row = own.rows.find((row) => row.own);
    const others = await Promise.all(chosen.map((entity) => load(known.base, entity)));
    if (mine !== turn) return;
    const lacking = others.filter(({ why }) => why);
    entities = [self, ...others.filter(({ why }) => !why)];
    chips.replaceChildren(...[self, ...others].map((entity) => {
      if (!entity.look) return node("li", {}, swatch(0), entity.name);
      const chip = node("li", {}, swatch(entity.look), node("a", { href: new URL(`${known.base}${entity.slug}/#${figure.id}`, root) }, entity.name));
      const remove = node("button", { type: "button", "aria-label": word("remove", entity) }, "×");
      remove.addEventListener("click", () => {
        chosen.splice(chosen.findIndex(({ slug }) => slug === entity.slug), 1);
        changed().then(() => input.disabled || input.focus());
      });
      chip.append(remove);
      return chip;
    }));
    input.disabled = chosen.length >= MOST;
    draw();
    fill();
    const heard = entities.length > 1 ? word("shown", { names: list(entities.map(({ name }) => name)) }) : "";
    status.replaceChildren(node("span", { class: "visually-hidden" }, heard), [
      ...lacking.map(({ why }) => why),
      ...unknown.map((name) => word("unknown", { name })),
      input.disabled ? word("full") : "",
    ].filter(Boolean).join(" "));
    explored.get(figure)?.show();
  };

  const changed = () => {
    remember(figure);
    return showAll();
  };

  // The field: a combobox with a list, as the ARIA practices have it.
  const close = () => {
    options.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    active = index;
    [...options.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    const option = options.children[index];
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const offer = async () => {
    let known;
    try {
      known = await namesToAdd();
    } catch {
      return say(word("offline"));
    }
    const asked = fold(input.value.trim());
    const free = known.all.filter((entity) => entity !== known.own && known.have(figure.id, entity) && chosen.every(({ slug }) => slug !== entity.slug));
    const begins = ({ name }) => fold(name).startsWith(asked);
    const inside = ({ name, within }) => ` ${fold(`${name} ${within ?? ""}`)}`.includes(` ${asked}`);
    matches = [...free.filter(begins), ...free.filter((entity) => !begins(entity) && inside(entity))].slice(0, 60);
    options.replaceChildren(...matches.map(({ name, within }, index) => {
      const option = node("li", { role: "option", id: `${id}-${index}`, "aria-selected": "false" }, name, ...(within ? [node("span", {}, within)] : []));
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => take(matches[index]));
      return option;
    }));
    options.hidden = !matches.length;
    input.setAttribute("aria-expanded", String(matches.length > 0));
    mark(asked && matches.length ? 0 : -1);
    say(matches.length ? (asked ? word("several", { count: matches.length }) : "") : word("nobody"));
  };
  const take = (entity) => {
    add(entity);
    input.value = "";
    close();
    changed().then(() => input.disabled && chips.querySelector("li:last-child button")?.focus());
  };
  options.id = `${id}-names`;
  input.setAttribute("aria-controls", options.id);
  input.addEventListener("input", offer);
  input.addEventListener("click", () => options.hidden && offer());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", async (event) => {
    if (event.key === "Escape") {
      close();
      input.value = "";
    } else if (event.key === "Enter" && matches[active]) take(matches[active]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (options.hidden) await offer();
      const down = event.key === "ArrowDown" ? 1 : -1;
      mark(active < 0 && down < 0 ? matches.length - 1 : (active + down + matches.length) % (matches.length || 1));
    }
  });

  figure.querySelector(".figure-chart").after(box);
  const sized = new ResizeObserver(() => {
    if (chart.clientWidth && entities.length > 1 && Math.round(Math.min(chart.clientWidth, 680)) !== width) draw();
  });
  sized.observe(chart);
  button.setAttribute("aria-expanded", "true");
  compared.set(figure, {
    show,
    focus: () => input.focus(),
    entities: () => entities,
    end() {
      compared.delete(figure);
      sized.disconnect();
      undo();
      turn++;
      box.remove();
      figure.classList.remove("is-compared");
      button.setAttribute("aria-expanded", "false");
      remember(figure);
      explored.get(figure)?.show();
    },
  });
  if (chosen.length) remember(figure);
  return compared.get(figure);
};

// --- A live chart ------------------------------------------------------------------------------------------

const CATEGORIES = ["c1", "c2", "c3", "c4", "c5", "c6"];

/** Parts upon each other; a gap where one of them is missing. */
const stacked = (lines) => {
  const dates = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const at = lines.map(({ points }) => new Map(points.map(({ x, y }) => [x, y])));
  const whole = (x) => at.every((each) => (each.get(x) ?? null) !== null);
  return lines.flatMap(({ name, role }, index) => {
    let run = 0;
    return dates.flatMap((x) => {
      if (!whole(x)) return (run++, []);
      const y0 = at.slice(0, index).reduce((sum, each) => sum + each.get(x), 0);
      return [{ x: x * 864e5, y0, y: y0 + at[index].get(x), name, run: `${name}/${run}`, colour: colour(role) }];
    });
  });
};

/** Rows of a live chart of a built-in kind, its lines with names and colours, and the titles of its axes. */
const liveRows = (kind, entities) => {
  const [{ sheet }] = entities;
  if (kind === "scatter") {
    const [, x, y] = sheet.columns;
    const rows = sheet.rows.filter(({ cells }) => cells[1].value !== null && cells[2].value !== null).map(({ cells, own }) => {
      const picked = entities.find(({ row }) => row && row.cells[0].text === cells[0].text);
      const role = own ? "accent" : picked ? LOOKS[picked.look] : "grey";
      return { x: cells[1].value, y: cells[2].value, colour: colour(role), size: own || picked ? 110 : 55, title: cells[0].text, says: [`${x.label}: ${cells[1].text}`, `${y.label}: ${cells[2].text}`] };
    });
    return { rows, lines: [], titles: { x: x.label, y: y.label } };
  }
  const parts = partsOf(sheet);
  const several = parts.size > 1;
  const lines = several || entities.length < 2
    ? [...parts].map(([name, points], index) => ({ name, points, role: several ? CATEGORIES[index % 6] : "accent" }))
    : entities.map((entity) => ({ name: entity.name, points: partsOf(entity.sheet).get("") ?? [], role: LOOKS[entity.look] }));
  const rows = kind === "stacked" ? stacked(lines) : lines.flatMap(({ name, points, role }) =>
    stretches(points).flatMap(({ points: run, dashed }, index) =>
      run.map(({ x, y }) => ({ x: x * 864e5, y, name, run: `${name}/${index}`, colour: colour(role), dash: dashed ? [3, 3] : [1, 0] }))));
  const ends = lines.length < 2 ? [] : lines.flatMap(({ name }) => {
    const last = rows.filter((row) => row.name === name).at(-1);
    return last ? [{ ...last, y: (last.y + (last.y0 ?? last.y)) / 2, dy: 0 }] : [];
  });
  return { rows, lines, ends, titles: {} };
};

/** Rows of a chart of the story's own: its columns by name, dates as days. */
const ownRows = (columns, sheet) =>
  sheet.rows.map(({ cells }) => Object.fromEntries(columns.map(([name, type], index) => {
    const { value, key, text: printed } = cells[index];
    return [name, type === "number" ? value : type === "month" ? `${key}-01-01`.slice(0, 10) : type === "date" ? key : printed];
  })));

const filled = (spec, titles) => {
  if (Array.isArray(spec)) return spec.map((each) => filled(each, titles));
  if (spec && typeof spec === "object") return Object.fromEntries(Object.entries(spec).map(([name, each]) => [name, filled(each, titles)]));
  return typeof spec === "string" && spec[0] === "@" && spec.slice(1) in titles ? titles[spec.slice(1)] : spec;
};

/** The same in the page's way to write numbers and months; its days of the week nobody sees. */
const spoken = (spec) => {
  const { months, thousands, decimal } = template.dataset;
  const names = months.split("|");
  const [week, day] = [Array(7).fill(""), "%Y-%m-%d"];
  const number = { decimal, thousands, grouping: [3], currency: ["", ""], minus: "−" };
  const time = { dateTime: day, date: day, time: "%H:%M", periods: ["", ""], days: week, shortDays: week, months: names, shortMonths: names };
  return { ...spec, config: { ...spec.config, locale: { number, time } } };
};

const explore = (button) => {
  const figure = button.closest("figure");
  const { kind, chart: address } = button.dataset;
  const box = template.content.querySelector(".live").cloneNode(true);
  const [tools, chart, status] = [".live-tools", ".live-chart", ".compare-status"].map((each) => box.querySelector(each));
  const own = readFigure(document, figure.id);
  const asked = Promise.all([
    import(new URL(template.dataset.vega, document.baseURI)),
    fetch(new URL(address, document.baseURI)).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status))),
  ]);
  let view;
  let turn = 0;
  let width = 0;

  const show = async () => {
    const mine = ++turn;
    let vega, made;
    try {
      [vega, made] = await asked;
    } catch {
      status.textContent = status.dataset.failed;
      return;
    }
    if (mine !== turn) return;
    const others = compared.get(figure)?.entities() ?? [];
    const entities = others.length > 1 ? others : [{ sheet: own, look: 0 }];
    const { rows, lines, ends, titles } = made.columns ? { rows: ownRows(made.columns, own), lines: [], titles: {} } : liveRows(kind, entities);
    figure.classList.add("is-explored");
    width = Math.min(chart.clientWidth, 680);
    const spec = spoken(filled(made.spec, titles));
    if (ends?.length) {
      const bold = measure(figure, true);
      for (const end of ends) end.text = wrapped(end.name, Math.max(width * 0.26, 60), bold);
    }
    view?.finalize();
    chart.replaceChildren();
    const shown = readout(chart);
    const holder = node("div", { "aria-hidden": "true" }); // its name says where the numbers are
    chart.prepend(holder);
    view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
      expr: vega.expressionInterpreter,
      renderer: "svg",
      container: holder,
      tooltip(_, event, item, value) {
        if (value === null || value === undefined || value === "") return shown.hide();
        const said = typeof value === "object" ? Object.entries(value).map(([name, each]) => ({ says: `${name}: ${each}` })) : [{ says: String(value) }];
        const at = chart.getBoundingClientRect();
        shown.show("", said, event.clientX - at.left, event.clientY - at.top + 12);
      },
    });
    if (typeof spec.width === "number") view.width(width);
    if (!made.columns && width < 480) view.height(260);
    view.data("rows", rows);
    if (ends) view.data("ends", ends);
    await view.runAsync();
    if (mine !== turn) return;
    if (ends?.length) {
      const y = view.scale("y");
      const wanted = ends.map((end) => y(end.y));
      const placed = spread(wanted, ends.map((end) => end.text.length * LINE + 2), -8, view.height() + 12);
      view.data("ends", ends.map((end, index) => ({ ...end, dy: placed[index] - wanted[index] - ((end.text.length - 1) / 2) * LINE })));
      await view.runAsync();
    }
    tools.hidden = !spec.signals?.some(({ name }) => name === "window_x");
    if (!made.columns) {
      view.addEventListener("pointermove", (event, item) => {
        const at = chart.getBoundingClientRect();
        const [x, y] = [event.clientX - at.left, event.clientY - at.top];
        if (kind === "scatter") {
          const { title, says } = item?.datum ?? {};
          return title ? shown.show(title, says.map((each) => ({ says: each })), x, y + 12) : shown.hide();
        }
        const value = +view.scale("x").invert(x - view.origin()[0]) / 864e5;
        const dates = [...new Map(lines.flatMap(({ points }) => points).map((point) => [point.x, point.when])).entries()];
        const [date, when] = dates.reduce((best, each) => (Math.abs(each[0] - value) < Math.abs(best[0] - value) ? each : best));
        shown.show(when, lines.map(({ name, points, role }) => {
          const point = points.find((each) => each.x === date);
          return { role, says: `${name}${name && ": "}${point?.text ?? word("absent")}${point?.partial ? `, ${point.partial}` : ""}` };
        }), x, 0);
      });
      chart.addEventListener("pointerleave", shown.hide);
    }
  };

  const move = (how) => {
    for (const axis of ["x", "y"]) {
      if (axis === "y" && (kind !== "scatter" || how === "back" || how === "on")) continue;
      const scale = view.scale(axis);
      const log = scale.type === "log";
      const [low, high] = scale.domain().map((end) => (log ? Math.log(+end) : +end));
      const [middle, half] = [(low + high) / 2, (high - low) / 2];
      const [at, reach] = { in: [middle, half / 2], out: [middle, half * 2], back: [middle - half / 2, half], on: [middle + half / 2, half] }[how] ?? [];
      const ends = reach && [at - reach, at + reach].map((end) => (log ? Math.exp(end) : end));
      view.signal(`window_${axis}`, ends ?? null);
    }
    view.runAsync();
  };
  tools.addEventListener("click", ({ target }) => target.dataset.do && view && move(target.dataset.do));
  figure.querySelector(".figure-chart").before(box);
  const sized = new ResizeObserver(() => {
    if (view && chart.clientWidth && Math.min(chart.clientWidth, 680) !== width) show();
  });
  sized.observe(chart);
  button.setAttribute("aria-pressed", "true");
  explored.set(figure, {
    show,
    end() {
      explored.delete(figure);
      turn++;
      sized.disconnect();
      view?.finalize();
      box.remove();
      figure.classList.remove("is-explored");
      button.setAttribute("aria-pressed", "false");
    },
  });
  return show();
};

// --- What the page asks for --------------------------------------------------------------------------------

/** A button of a figure's bar was pressed: begins what it offers, or ends it. */
export const ask = async (button) => {
  const figure = button.closest("figure");
  const running = button.dataset.live === "compare" ? compared : explored;
  if (running.has(figure)) return running.get(figure).end();
  if (running === explored) return explore(button);
  const made = compare(button);
  made.focus();
  return made.show();
};

/** The address names whom to compare with: in the figure that it leads to, or in all. */
export const restore = async (buttons) => {
  const figures = buttons.filter((button) => button.dataset.live === "compare");
  const aimed = figures.filter((button) => button.closest("figure").id === decodeURIComponent(location.hash.slice(1)));
  const asked = new URLSearchParams(location.search).get("with").split(",").map((slug) => slug.trim()).filter(Boolean);
  let known;
  try {
    known = await namesToAdd();
  } catch {
    return;
  }
  const found = asked.map((slug) => [slug, known.all.find((entity) => entity.slug === slug && entity !== known.own)]);
  found.forEach(([, entity]) => entity && add(entity));
  const unknown = found.filter(([, entity]) => !entity).map(([slug]) => slug.slice(0, 60));
  for (const button of aimed.length ? aimed : figures) if (!compared.has(button.closest("figure"))) compare(button);
  await Promise.all([...compared.values()].map(({ show }) => show(unknown)));
  if (aimed.length) aimed[0].closest("figure").scrollIntoView();
};
