// What pages say of a figure: that of this page, and those of the others.
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
  const rows = [...table.tBodies[0].rows].map((row) => ({
    cells: [...row.cells].map(readCell),
    own: row.classList.contains("own"),
    place: row.place,
    partial: row.dataset.partial,
  }));
  return { columns, rows };
};

const days = (text) => {
  const date = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?/.exec(text);
  return date ? Date.UTC(date[1], (date[2] ?? 1) - 1, date[3] ?? 1) / 864e5 : NaN;
};

/** The days of what happened meanwhile, in the order of the list below the figure. */
const eventsOf = (figure) =>
  [...figure.querySelectorAll(".figure-events li")].map((each) => days(each.querySelector("time")?.dateTime ?? ""));

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


const MOST = 3;
const LOOKS = ["accent", "c1", "c3", "c4"];

const root = new URL("../", import.meta.url);
const here = location.pathname.replace(/index\.html$/, "");
const addressOf = (base, slug) => new URL(`${base}${slug}/`, root);
const pages = new Map();
const chosen = []; // of the page, in the order they were added: { slug, name, look }
let names;

const namesToAdd = (file) =>
  (names ??= fetch(new URL(file, location))
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(({ base, places, without }) => {
      const all = places.map(([name, slug, within], place) => ({ place, name, slug, within }));
      const own = all.find(({ slug }) => addressOf(base, slug).pathname === here);
      const have = (id, { place }) => !without[id]?.includes(place);
      return { base, all, own, have };
    })
    .catch((error) => {
      names = undefined; // perhaps the next time
      throw error;
    }));

const pageOf = (base, slug) => {
  if (!pages.has(slug)) {
    const asked = fetch(addressOf(base, slug))
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
