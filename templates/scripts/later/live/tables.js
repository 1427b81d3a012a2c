// Tables of several places.
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
