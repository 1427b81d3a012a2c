// Tables: a heading sorts, a field leaves only the rows that hold what is typed, a button shows the rest of a long one.
// Rows that are not seen are not in the page either, so that thousands of them cost nothing until they are asked for.
const language = document.documentElement.lang;
const order = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const say = (element, values) => {
  element.textContent = element.dataset.words.replace(/{(\w+)}/g, (_, name) => values[name].toLocaleString(language));
};

// What a cell is sorted by: its number, its date or its words; null when nothing is known.
const key = (cell) => {
  const data = cell.querySelector("data"), text = cell.textContent.trim();
  return !text || cell.querySelector(".stand-in") ? null
    : data && /\d/.test(text) && !isNaN(data.value) ? +data.value
    : cell.querySelector("time")?.dateTime || text;
};

// Rows by the thousand are laid out each by itself, in columns as wide as they are now, and only where they are in sight.
// What loses the layout of a table must be told to be one.
const lighten = (table, head, rows) => {
  table.style.minWidth = table.offsetWidth + "px";
  table.style.setProperty("--columns", [...head.cells].map((cell) => `minmax(0,${cell.offsetWidth}fr)`).join(" "));
  table.className = "vast";
  table.role = "table";
  for (const row of [head, ...rows]) {
    row.role = "row";
    for (const cell of row.cells) cell.role = { col: "columnheader", row: "rowheader" }[cell.scope] || "cell";
  }
};

const long = [];
// A table that is as narrow as its place needs no region that scrolls: its headings stay at the top of the window.
const widths = new ResizeObserver((seen) => {
  for (const { target } of seen) target.classList.toggle("fits", target.scrollWidth <= target.clientWidth);
});

for (const box of document.querySelectorAll(".table")) {
  const [region, table, body, head, field, status, more] = [
    ".table-scroll", "table", "tbody", "tr", "input", "[role=status]", ".table-more"
  ].map((what) => box.querySelector(what));
  const texts = new Map();
  let rows = [...body.rows], most = +box.dataset.show || 1 / 0, turn = 0;

  // Many rows are put in their places some at a time, so that the page can be used meanwhile.
  const draw = (some = 150) => {
    const words = (field && plain(field.value).match(/\S+/g)) || [], mine = ++turn;
    const found = rows.filter((row) => {
      if (words[0] && !texts.has(row)) texts.set(row, plain([...row.cells].map((cell) => cell.textContent).join(" ")));
      return words.every((word) => texts.get(row).includes(word));
    });
    const left = found.filter((row, place) => place < most || row.className), n = found.length;
    if (field) words[0] ? say(status, { n, all: rows.length }) : status.replaceChildren();
    if (more) {
      say(more, { n });
      more.hidden = left.length == n;
    }
    body.replaceChildren();
    const next = () => {
      if (mine != turn || !left[0]) return;
      body.append(...left.splice(0, some));
      requestAnimationFrame(next);
    };
    next();
  };

  if (field) field.oninput = () => draw();
  if (more) {
    const open = (some) => {
      if (most == 1 / 0) return;
      most = 1 / 0;
      box.classList.add("open");
      if (rows.length > 300 && !some) lighten(table, head, rows);
      draw(some);
    };
    more.onclick = () => {
      open();
      region.focus();
    };
    long.push(open);
    draw();
  }
  if (box.matches(".table-tall")) widths.observe(region);
  if (box.matches(".sortable"))
    [...head.cells].forEach((cell, column, cells) => {
      const button = document.createElement("button");
      button.append(...cell.childNodes);
      cell.append(button);
      button.onclick = () => {
        const pairs = rows.map((row) => [key(row.cells[column]), row]), was = cell.getAttribute("aria-sort");
        // Words from A, numbers from the highest; what is so already, the other way round.
        let up = was ? was != "ascending" : !cell.matches(".number");
        const sort = () => {
          pairs.sort(([a], [b]) => (a === null) - (b === null) || (up ? 1 : -1) * (a - b || (a === b ? 0 : order.compare(a, b))));
          return pairs.every(([, row], place) => row == rows[place]);
        };
        if (sort()) up = !up, sort();
        rows = pairs.map(([, row]) => row);
        for (const other of cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        draw();
      };
    });
}

// The browser's own search, and paper, find every row.
addEventListener("keydown", ({ key, ctrlKey, metaKey }) => {
  if (key == "F3" || (key == "f" && (ctrlKey || metaKey))) long.forEach((open) => open());
});
addEventListener("beforeprint", () => long.forEach((open) => open(1 / 0)));
