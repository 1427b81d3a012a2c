// Fetched when a reader asks a figure for more: puts other places beside the page's own, or opens it as a live chart. The
// scripts of this folder are one module, in the order of their names. Before them the build puts `PARTS`, what they add to a
// figure and the words they say (partials/live.html), and `STYLE`, what that looks like (style.css).
//
// All numbers are those that pages print: of this page, and of the pages of the others, whose figure has the same id. What a
// reader sees of them is what those pages show, and what is drawn is the value behind it.

const shell = document.createElement("div");
shell.innerHTML = PARTS;
const template = shell.firstElementChild;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

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
