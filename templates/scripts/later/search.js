// The page that searches the text of all others, with Pagefind, whose files are fetched when the field is first entered.
const box = document.querySelector(".search"), { dataset } = box;
const [field, status, list] = ["input", "[role=status]", "ol"].map((what) => box.querySelector(what));
const root = new URL("../", import.meta.url), shown = 20;

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

let pagefind, turn = 0;
const load = async () => {
  const found = await import(new URL(dataset.index, location));
  await found.options({ baseUrl: root.pathname });
  return found;
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
    pagefind ??= load();
    const { results } = text ? await (await pagefind).search(text) : { results: [] };
    const first = await Promise.all(results.slice(0, shown).map(item));
    if (mine != turn) return;
    status.textContent = !text ? "" : results[0] ? dataset.some.replace("{n}", results.length) : dataset.none;
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
    pagefind = null;
    status.textContent = dataset.failed;
  }
};

let wait;
field.disabled = false;
field.onfocus = () => (pagefind ??= load().catch(() => (pagefind = null)));
field.oninput = () => {
  clearTimeout(wait);
  wait = setTimeout(search, 200);
};
field.value = new URL(location).searchParams.get("q") || "";
if (field.value) search();
