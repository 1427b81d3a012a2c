// Keeps a previewed page up to date: hears of changes, fetches the page, and changes what differs where it stands.
// What a script of the theme or the reader has done to the rest of the page (opened, typed, sorted) stays.
"use strict";

(() => {
  const ID = "broadsheet-preview";
  let shown = document.documentElement.cloneNode(true); // as the server gave it, before other scripts
  let { digest, stylesheet } = document.getElementById(ID).dataset;
  let busy = false;
  let again = false;
  let worn = null; // the link whose rules are changed

  // --- hearing of changes -----------------------------------------------------------------------------

  let source = null;

  // Only while the page is seen: a browser has few connections, and a page that comes back is told what it missed.
  function listen() {
    source?.close();
    source = null;
    if (document.visibilityState === "hidden") return;
    source = new EventSource(`/_broadsheet/events?${new URLSearchParams({ page: location.pathname })}`);
    source.onmessage = (event) => {
      const told = JSON.parse(event.data);
      if (told.kind === "files") location.reload();
      else if (told.kind === "styles") dress(told.stylesheet);
      else if (told.digest !== digest || told.stylesheet !== stylesheet) update();
    };
  }

  async function update() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      do {
        again = false;
        const answer = await fetch(location.href, { cache: "no-store" });
        const text = await answer.text();
        take(new DOMParser().parseFromString(text, "text/html").documentElement);
      } while (again);
    } catch {
      // the server is gone, or the page has been left; the next event is the next attempt
    } finally {
      busy = false;
    }
  }

  function take(fresh) {
    const panel = fresh.querySelector(`#${ID}`);
    if (!panel || loaded(fresh) !== loaded(shown)) {
      location.reload();
      return;
    }
    dress(panel.dataset.stylesheet);
    document.title = fresh.querySelector("title")?.textContent ?? "";
    attributes(document.documentElement, shown, fresh);
    if (!settle(document.body, shown.querySelector("body"), fresh.querySelector("body"))) {
      location.reload();
      return;
    }
    const [was, is] = [shown, fresh].map((root) => root.querySelector(".bp-problems"));
    if (is?.open && !(was && is.isEqualNode(was))) document.querySelector(".bp-problems").open = true;
    digest = panel.dataset.digest;
    shown = fresh;
    document.dispatchEvent(new CustomEvent("broadsheet:updated"));
  }

  // The scripts and the number of styles of a page; a page with others is loaded anew.
  function loaded(root) {
    const scripts = [...root.querySelectorAll("script[src]")].map((script) => script.getAttribute("src"));
    return [root.querySelectorAll('link[rel="stylesheet"]').length, ...scripts].join(" ");
  }

  // --- styles -----------------------------------------------------------------------------------------

  // Only the rules that differ are changed in the sheet that is there, so that fonts stay and nothing flickers.
  async function dress(name) {
    if (!name || name === stylesheet) return;
    worn ??= [...document.querySelectorAll('link[rel="stylesheet"]')].find((link) => link.href.endsWith(`/${stylesheet}`));
    stylesheet = name;
    const answer = await fetch(`/${name}`, { cache: "no-store" });
    if (!worn?.sheet || !answer.ok) return;
    const fresh = new CSSStyleSheet({ baseURL: worn.href });
    fresh.replaceSync(await answer.text());
    if (name !== stylesheet) return; // a later one is on its way
    const olds = [...worn.sheet.cssRules].map((rule) => rule.cssText);
    const news = [...fresh.cssRules].map((rule) => rule.cssText);
    let start = 0;
    while (start < olds.length && start < news.length && olds[start] === news[start]) start += 1;
    let end = 0;
    while (end < Math.min(olds.length, news.length) - start && olds.at(-1 - end) === news.at(-1 - end)) end += 1;
    for (let index = olds.length - end - 1; index >= start; index -= 1) worn.sheet.deleteRule(index);
    for (let index = start; index < news.length - end; index += 1) worn.sheet.insertRule(news[index], index);
  }

  // --- changing what differs --------------------------------------------------------------------------

  // `live` is on the page, `before` what the server gave for it, `after` what it gives now. Children are paired from
  // both ends, so that one that comes or goes moves nothing else. Gives false where a script of the theme has changed
  // the very part that differs.
  function settle(live, before, after) {
    attributes(live, before, after);
    const lives = [...live.childNodes].filter((node) => node.id !== "broadsheet-preview-why");
    const olds = [...before.childNodes];
    const news = [...after.childNodes];
    if (lives.length !== olds.length || lives.some((node, index) => !alike(node, olds[index]))) {
      if (before.isEqualNode(after)) return true;
      return false;
    }
    let start = 0;
    while (start < olds.length && start < news.length && olds[start].isEqualNode(news[start])) start += 1;
    let oldEnd = olds.length;
    let newEnd = news.length;
    while (oldEnd > start && newEnd > start && olds[oldEnd - 1].isEqualNode(news[newEnd - 1])) {
      oldEnd -= 1;
      newEnd -= 1;
    }
    const next = lives[oldEnd] ?? null;
    for (let index = start; index < Math.max(oldEnd, newEnd); index += 1) {
      if (index >= newEnd) lives[index].remove();
      else if (index >= oldEnd) live.insertBefore(document.importNode(news[index], true), next);
      else if (!alike(olds[index], news[index])) lives[index].replaceWith(document.importNode(news[index], true));
      else if (news[index].nodeType !== Node.ELEMENT_NODE) {
        if (lives[index].data !== news[index].data) lives[index].data = news[index].data;
      } else if (!olds[index].isEqualNode(news[index]) && !settle(lives[index], olds[index], news[index])) return false;
    }
    return true;
  }

  function alike(one, other) {
    return one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");
  }

  function attributes(live, before, after) {
    const names = new Set([...before.getAttributeNames(), ...after.getAttributeNames()]);
    for (const name of names) {
      const value = after.getAttribute(name);
      if (before.getAttribute(name) === value) continue;
      if (value === null) live.removeAttribute(name);
      else live.setAttribute(name, value);
    }
  }

  // --- why a number is marked -------------------------------------------------------------------------

  function explain(event) {
    document.getElementById("broadsheet-preview-why")?.remove();
    const number = event.target.closest?.("[data-preview-why]");
    if (!number || event.type === "mouseout" || event.type === "focusout") return;
    const note = document.createElement("div");
    note.id = "broadsheet-preview-why";
    note.setAttribute("role", "tooltip");
    note.textContent = number.dataset.previewWhy;
    document.body.append(note);
    const place = number.getBoundingClientRect();
    const { width, height } = note.getBoundingClientRect();
    note.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
    note.style.top = `${place.bottom + height + 8 < innerHeight ? place.bottom + 6 : place.top - height - 6}px`;
  }

  for (const type of ["mouseover", "mouseout", "focusin", "focusout"]) document.addEventListener(type, explain);
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  listen();
})();
