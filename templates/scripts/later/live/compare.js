// A figure that compares.
const compared = new Map();
const explored = new Map();
const fold = (name) => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
let count = 0;

const showAll = () => Promise.all([...compared.values()].map(({ show }) => show()));

const compare = (button) => {
  const figure = button.closest("figure");
  const inDrawing = figure.querySelector(".drawing [data-at]"); // some drawings are files, in which nothing can be picked out
  const way = button.dataset.way === "marks" && !inDrawing ? "rows" : button.dataset.way;
  const settings = { way, step: "step" in button.dataset, cut: "cut" in button.dataset };
  const [box, chart, table] = [".compare", ".compare-chart", ".compare-table"].map((each) => template.content.querySelector(each).cloneNode(true));
  const [chips, input, options, status] = ["ul", "input", "[role=listbox]", "[role=status]"].map((each) => box.querySelector(each));
  const region = table.firstElementChild;
  const inPlace = way === "marks" || way === "rows";
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
    width = Math.round(chart.clientWidth); // nothing while the table is shown
    chart.replaceChildren();
    chart.onpointermove = chart.onpointerdown = chart.onpointerleave = null;
    figure.classList.toggle("is-compared", entities.length > 1);
    figure.classList.toggle("is-redrawn", entities.length > 1 && way !== "marks");
    if (entities.length < 2 || !width) return;
    if (way === "marks") {
      const drawings = [...figure.querySelectorAll(".drawing [data-at]")].filter((svg) => svg.getClientRects().length);
      const all = drawings.map((svg) => pickOut(svg, entities.slice(1)));
      undo = () => all.forEach((each) => each());
      return;
    }
    const made = way === "rows" ? drawBars(figure, [{ title: "", bars: entities.map((entity) => ({ entity, cell: entity.row.cells[1] })) }], width)
      : way === "bars" ? drawBars(figure, barGroups(entities), width)
      : drawLines(figure, entities, settings, width);
    made.svg.setAttribute("aria-label", word("picture", { names: list(entities.map(({ name }) => name)) }));
    chart.append(made.svg);
    if (made.readings.length) readable(figure, chart, made.svg, made.readings);
  };

  const fill = () => {
    region.replaceChildren();
    table.hidden = entities.length < 2;
    if (entities.length < 2) return;
    const title = figure.querySelector(".figure-title")?.textContent.trim() ?? "";
    const caption = word("caption", { title, names: list(entities.map(({ name }) => name)) });
    region.setAttribute("aria-label", caption);
    const [heads, rows] = inPlace ? [
      own.columns.map(({ label, unit }, index) => ({ label, unit, numeric: index > 0 && own.rows.some(({ cells }) => cells[index].value !== null) })),
      entities.map(({ row, look, name }) => ({ own: !look, cells: row.cells.map((cell, index) => (index ? cell : { text: name, look })) })),
    ] : way === "bars" ? [
      [{ label: own.columns[0].label }, ...entities.map(({ name, look }) => ({ label: name, unit: own.columns[1].unit || own.columns[1].label, numeric: true, look }))],
      barGroups(entities).map(({ title, bars }) => ({ cells: [{ text: title }, ...bars.map(({ cell }) => cell)] })),
    ] : lineTable(entities, way);
    region.append(tableOf(heads, rows, caption));
  };

  /** The figure of one entity, or why there is none. */
  const load = async (base, entity) => {
    if (inPlace) {
      const address = addressOf(base, entity.slug).pathname;
      const row = own.rows.find(({ cells }) => cells.some(({ link }) => link && new URL(link).pathname === address));
      return row ? { ...entity, row, address } : { ...entity, why: word("lacks", entity) };
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
      known = await namesToAdd(button.dataset.names);
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
      const chip = node("li", {}, swatch(entity.look), node("a", { href: `${addressOf(known.base, entity.slug)}#${figure.id}` }, entity.name));
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
      known = await namesToAdd(button.dataset.names);
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

  table.hidden = true;
  figure.querySelector(".figure-chart").before(box);
  figure.querySelector(".figure-chart").prepend(chart);
  figure.querySelector(".figure-table").append(table);
  const sized = new ResizeObserver(() => {
    if (entities.length > 1 && Math.round(chart.clientWidth) !== width) draw();
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
      for (const part of [box, chart, table]) part.remove();
      figure.classList.remove("is-compared", "is-redrawn");
      button.setAttribute("aria-expanded", "false");
      remember(figure);
      explored.get(figure)?.show();
    },
  });
  if (chosen.length) remember(figure);
  return compared.get(figure);
};
