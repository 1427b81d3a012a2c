// The page that searches the text of all others, with Pagefind, whose files are fetched when the field is first entered. The
// places that are called so stand before: what finds them is what the field in the masthead has, later/find.js.
const box = document.querySelector(".search"), { dataset } = box;
const [field, status, called, list] = ["input", "[role=status]", "ul", "ol"].map((what) => box.querySelector(what));
const root = new URL("../", import.meta.url), shown = 20, calledShown = 5;

const make = (name, values, ...inside) => {
  const made = Object.assign(document.createElement(name), values);
  made.append(...inside);
  return made;
};

// What Pagefind gives as HTML is words, some of them in <mark>; nothing else of it reaches the page.
const words = (excerpt) =>
  [...new DOMParser().parseFromString(excerpt, "text/html").body.childNodes].map((node) =>
    node.nodeName == "MARK" ? make("mark", {}, node.textContent) : node.textContent
  );

let loaded, turn = 0;
const load = async () => {
  const files = [dataset.index, dataset.places].map((file) => file && import(new URL(file, location)));
  const [pagefind, places] = await Promise.all(files);
  await pagefind.options({ baseUrl: root.pathname });
  return { pagefind, places, fitting: places?.finder() ?? (() => []) };
};

const item = async (result) => {
  const { url, meta, excerpt } = await result.data();
  return make("li", {}, make("a", { href: url }, meta.title), make("p", {}, ...words(excerpt)));
};

const search = async () => {
  const mine = ++turn, text = field.value.trim();
  const address = new URL(location);
  text ? address.searchParams.set("q", text) : address.searchParams.delete("q");
  history.replaceState(null, "", address);
  try {
    const { pagefind, places, fitting } = await (loaded ??= load());
    const { results } = text ? await pagefind.search(text) : { results: [] };
    const first = await Promise.all(results.slice(0, shown).map(item));
    if (mine != turn) return;
    const named = fitting(text);
    const said = [[named, dataset.called], [results, dataset.some]].filter(([found]) => found[0]);
    status.textContent = said.map(([found, words]) => words.replace("{n}", found.length)).join(" · ") || (text && dataset.none);
    called.replaceChildren(...named.slice(0, calledShown).map((place) => places.item(place)));
    if (named.length > calledShown) called.append(make("li", {}, make("a", { href: dataset.list }, dataset.all)));
    const rest = results.slice(shown), more = make("button", { className: "more", type: "button" }, dataset.more);
    more.onclick = async () => {
      const next = await Promise.all(rest.splice(0, shown).map(item));
      if (mine != turn) return;
      list.append(...next);
      if (!rest[0]) more.remove();
      next[0].querySelector("a").focus();
    };
    box.querySelector(".more")?.remove();
    list.replaceChildren(...first);
    if (rest[0]) box.append(more);
  } catch {
    loaded = null;
    status.textContent = dataset.failed;
  }
};

let wait;
field.disabled = false;
field.onfocus = () => (loaded ??= load().catch(() => (loaded = null)));
field.oninput = () => {
  clearTimeout(wait);
  wait = setTimeout(search, 200);
};
field.value = new URL(location).searchParams.get("q") || "";
if (field.value) search();
