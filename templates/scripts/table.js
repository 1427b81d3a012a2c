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
  if (!text || cell.querySelector(".stand-in")) return null;
  if (data && /\d/.test(text) && !isNaN(data.value)) return +data.value;
  return cell.querySelector("time")?.dateTime || text;
};

// Rows by the thousand are laid out each by itself, in columns as wide as they are now, and only where they are in sight.
// What loses the layout of a table must be told to be one.
const lighten = (box, rows) => {
  const table = box.querySelector("table"), heads = [...table.tHead.rows[0].cells];
  table.style.minWidth = table.offsetWidth + "px";
  table.style.setProperty("--columns", heads.map((head) => `minmax(${head.offsetWidth}px,${head.offsetWidth}fr)`).join(" "));
  box.classList.add("vast");
  table.role = "table";
  table.tHead.role = table.tBodies[0].role = "rowgroup";
  for (const row of [table.tHead.rows[0], ...rows]) {
    row.role = "row";
    for (const cell of row.cells) cell.role = cell.tagName == "TD" ? "cell" : (cell.scope == "col" ? "column" : "row") + "header";
  }
};

const long = [];
// A table that is as narrow as its place needs no region that scrolls: its headings stay at the top of the window.
const widths = new ResizeObserver((seen) => {
  for (const { target } of seen) target.parentNode.classList.toggle("fits", target.scrollWidth <= target.clientWidth);
});

for (const box of document.querySelectorAll(".table")) {
  const [region, body, field, status, more] = [".table-scroll", "tbody", "input", "[role=status]", ".table-more"].map(
    (what) => box.querySelector(what)
  );
  const texts = new Map();
  const text = (row) => {
    if (!texts.has(row)) texts.set(row, plain([...row.cells].map((cell) => cell.textContent).join(" ")));
    return texts.get(row);
  };
  let rows = [...body.rows], most = +box.dataset.show || Infinity, turn = 0;

  // Many rows are put in their places some at a time, so that the page can be used meanwhile.
  const draw = (some = 150) => {
    const words = (field && plain(field.value).match(/\S+/g)) || [], mine = ++turn;
    const found = words[0] ? rows.filter((row) => words.every((word) => text(row).includes(word))) : rows;
    const left = found.filter((row, place) => place < most || row.className);
    if (status) words[0] ? say(status, { n: found.length, all: rows.length }) : (status.textContent = "");
    if (more) {
      say(more, { n: found.length });
      more.hidden = left.length == found.length;
    }
    body.replaceChildren(...left.splice(0, some));
    const next = () => {
      if (mine != turn || !left[0]) return;
      body.append(...left.splice(0, some));
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  };

  if (field) field.oninput = () => draw();
  if (more) {
    const open = (some) => {
      if (most == Infinity) return;
      most = Infinity;
      box.classList.add("open");
      if (rows.length > 300) lighten(box, rows);
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
    box.querySelectorAll("thead th").forEach((head, column, heads) => {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.onclick = () => {
        const pairs = rows.map((row) => [key(row.cells[column]), row]);
        const sort = () =>
          pairs.sort(
            ([a], [b]) =>
              (a === null) - (b === null) || (up ? 1 : -1) * (a - b || (a === b ? 0 : order.compare(a, b)))
          );
        // Words from A, numbers from the highest; what is so already, the other way round.
        let was = head.getAttribute("aria-sort"), up = was ? was != "ascending" : !head.matches(".number");
        sort();
        if (pairs.every(([, row], place) => row == rows[place])) {
          up = !up;
          sort();
        }
        rows = pairs.map(([, row]) => row);
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        draw();
      };
    });
}

// The browser's own search, and paper, find every row.
addEventListener("keydown", (event) => {
  if (event.key == "F3" || (event.key == "f" && (event.ctrlKey || event.metaKey))) long.forEach((open) => open());
});
addEventListener("beforeprint", () => long.forEach((open) => open(Infinity)));
