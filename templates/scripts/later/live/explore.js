// A figure as a live chart.
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
  return { rows, lines: lines.length < 2 ? [{ ...lines[0], name: "" }] : lines, titles: {} };
};

/** Where each line ends within a window of time; in a stack, the middle of its part. */
const endsIn = (lines, rows, [from, to]) =>
  lines.filter(({ name }) => name).flatMap(({ name }) => {
    const own = rows.filter((row) => row.name === name);
    const next = own.findIndex(({ x }) => x > to);
    const [last, after] = next < 0 ? [own.at(-1)] : [own[next - 1], own[next]];
    if (!last || Math.min(to, own.at(-1).x) < from) return [];
    const share = after ? (to - last.x) / (after.x - last.x) : 0;
    const at = (key) => (last[key] ?? last.y) + share * ((after?.[key] ?? after?.y ?? 0) - (last[key] ?? last.y));
    return [{ ...last, x: after ? to : last.x, y: (at("y") + at("y0")) / 2, dy: 0 }];
  });

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

const explore = (button) => {
  const figure = button.closest("figure");
  const { kind, chart: address } = button.dataset;
  const box = template.content.querySelector(".live").cloneNode(true);
  const [tools, chart, status] = [".live-tools", ".live-chart", ".compare-status"].map((each) => box.querySelector(each));
  const own = readFigure(document, figure.id);
  const asked = Promise.all([
    import(new URL(template.dataset.vega, import.meta.url)),
    fetch(new URL(address, location)).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status))),
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
    // Parts of several places would be too much for one chart; nor has a chart of the story's own room for others.
    const beside = others.length > 1 && !made.columns && (kind === "scatter" || partsOf(own).size < 2);
    const entities = beside ? others : [{ sheet: own, look: 0 }];
    const { rows, lines, titles } = made.columns ? { rows: ownRows(made.columns, own), lines: [], titles: {} } : liveRows(kind, entities);
    figure.classList.add("is-explored");
    width = Math.min(chart.clientWidth, 680);
    const spec = filled(made.spec, titles);
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
    if (lines.length) {
      const times = rows.map(({ x }) => x);
      const events = eventsOf(figure).map((day, index) => ({ x: day * 864e5, text: String(index + 1) }));
      view.data("events", events.filter(({ x }) => x >= Math.min(...times) && x <= Math.max(...times)));
    }
    const here = view; // the next one may have begun when this one is asked to name its lines again
    const bold = measure(figure, true);
    const ending = (within) =>
      endsIn(lines, rows, within).map((end) => ({ ...end, text: wrapped(end.name, Math.max(width * 0.26, 60), bold) }));
    const nameEnds = () => {
      if (mine !== turn) return;
      const y = here.scale("y");
      const ends = ending(here.scale("x").domain().map(Number));
      const wanted = ends.map((end) => y(end.y));
      const placed = spread(wanted, ends.map((end) => end.text.length * LINE + 2), -8, here.height() + 12);
      return here.data("ends", ends.map((end, index) => ({ ...end, dy: placed[index] - wanted[index] - ((end.text.length - 1) / 2) * LINE }))).runAsync();
    };
    if (lines.length > 1) view.data("ends", ending([-Infinity, Infinity])); // so that there is room for them
    await view.runAsync();
    if (mine !== turn) return;
    if (lines.length > 1) {
      await nameEnds();
      if (mine !== turn) return;
      view.addSignalListener("window_x", () => setTimeout(nameEnds)); // when it has run
    }
    const [{ name: alone } = {}] = others;
    status.textContent = others.length > 1 && entities.length < 2 ? word("alone", { name: alone }) : "";
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
  figure.querySelector(".figure-chart").prepend(box);
  const table = figure.querySelector(".figure-table");
  if (table) table.open = false;
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
