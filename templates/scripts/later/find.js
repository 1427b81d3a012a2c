// Find your place: below the field in the masthead stand the places whose names fit what is typed.
// `GROUPS`, all places by where they are, is put before this by the build: generator/outputs/places.py.

// Letters without accents and digits, in words; `folded` in generator/outputs/places.py does the same.
const fold = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().toLowerCase().replace(/[’'`ʻ]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();  // "ß" is "SS" in capitals
const split = (text) => text.split(" ");
const joined = (text) => text.replaceAll(" ", "");

// Whether a word begins with what is typed, but for so many letters that are too many, missing, wrong or swapped.
const near = (typed, word, slips) => {
  const on = (i, j, left) => near(typed.slice(i), word.slice(j), left);
  if (!typed || (typed[0] == word[0] && on(1, 1, slips))) return true;
  if (!slips) return false;
  const swapped = typed[0] == word[1] && typed[1] == word[0];
  return on(1, 0, slips - 1) || on(0, 1, slips - 1) || on(1, 1, slips - 1) || (swapped && on(2, 2, slips - 1));
};

// How far what is typed is from the nearest of some words: it is one, begins one, or does so with a slip or two.
const far = (typed, words, loose) =>
  words.reduce((best, word) => {
    if (word == typed) return 0;
    if (word.startsWith(typed)) return Math.min(best, 1);
    return best > 2 && loose && near(typed, word, Math.min(2, typed.length >> 2)) ? 2 : best;
  }, Infinity);

// The better a place fits, the lower: it is called so; a name of it begins so, short ones first; or each word that is typed is
// one of its own or of the place above, and at least one its own.
const rank = ({ names, words, wide }, typed, loose) => {
  const whole = joined(typed), begun = names.find((name) => name.startsWith(whole));
  if (names.includes(whole)) return 0;
  if (begun) return 1 + begun.length / 99;
  const parts = split(typed), own = Math.min(...parts.map((part) => far(part, words, loose)));
  return parts.reduce((sum, part) => sum + far(part, wide, loose), 2 + own);
};

const all = (root) =>
  GROUPS.flatMap(([address, above, places]) =>
    places.map((place) => {
      const [name, slug, ...others] = [place].flat(), own = [name, ...others].map(fold), words = own.flatMap(split);
      const path = address.replace("*", slug || own[0].replaceAll(" ", "-"));
      const wide = [...words, ...above.map(fold).flatMap(split)];
      return { href: new URL(path, root).href, name, above: above[0], names: own.map(joined), words, wide };
    })
  );

// What gives the places whose names fit a text, best first; with slips in the typing, where none fits without and that is wanted.
export const finder = () => {
  const places = all(new URL("../", import.meta.url));
  return (text, forgiving) => {
    const typed = fold(text);
    const fitting = (loose) =>
      places.map((place) => [rank(place, typed, loose), place]).filter(([far]) => far < Infinity)
        .sort(([a], [b]) => a - b).map(([, place]) => place);
    const found = typed ? fitting() : [];
    return typed && !found[0] && forgiving ? fitting(true) : found;
  };
};

const make = (name, values, ...inside) => {
  const made = Object.assign(document.createElement(name), values);
  made.append(...inside);
  return made;
};

// A place in a list.
export const item = ({ href, name, above }) =>
  make("li", {}, make("a", { href }, name, ...(above ? [", ", make("span", {}, above)] : [])));

// Once for a page: the field's own part of the masthead, the field, and the link to the list of all places.
export const start = (box, field, link) => {
  const fitting = finder();
  const status = make("p", { role: "status" }), list = make("ul", {});
  const panel = make("div", { hidden: true, tabIndex: -1 }, status, list, link);
  link.textContent = box.dataset.all;
  box.append(panel);

  const find = () => {
    const typed = fold(field.value), found = fitting(typed, true);
    status.textContent = !typed ? "" : found[0] ? box.dataset.some.replace("{n}", found.length) : box.dataset.none;
    panel.hidden = !typed;
    list.replaceChildren(...found.slice(0, 30).map(item));
  };

  field.onfocus = field.oninput = find;
  box.onkeydown = (event) => {
    const stops = [...box.querySelectorAll("input, a")], here = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !panel.hidden) {
      event.preventDefault();
      stops[(here + step + stops.length) % stops.length].focus();
    } else if (event.key == "Enter" && !here) {
      list.querySelector("a")?.click();
    } else if (event.key == "Escape") {
      field.focus();
      panel.hidden = true;
    }
  };
  box.addEventListener("focusout", ({ relatedTarget }) => {
    if (!box.contains(relatedTarget)) panel.hidden = true;
  });
  find();
};
