// Places in a drawing that has a mark for everyone: they are picked out where they are.
const overlap = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** Picks out the marks of places, each at its row in `data-at`; gives what undoes it. */
const pickOut = (svg, entities) => {
  const done = [];
  const lists = svg.dataset.at.split(";").map((list) => list.split(" "));
  const words = [...svg.querySelectorAll("text")];
  const from = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / from.width;
  const boxes = words.map((each) => each.getBoundingClientRect()).map((box) => ({
    left: (box.left - from.left) * scale, right: (box.right - from.left) * scale,
    top: (box.top - from.top) * scale, bottom: (box.bottom - from.top) * scale,
  }));
  const { width: wide, height: high } = svg.viewBox.baseVal;
  const put = (element, ...names) => {
    element.classList.add(...names);
    done.push(() => element.classList.remove(...names));
  };
  const add = (element) => {
    svg.append(element);
    done.push(() => element.remove());
    return element;
  };
  for (const { name, look, row, address } of entities) {
    const [x, y, x2, y2] = lists.map((list) => list[row.place]).filter(Boolean).map(Number);
    if (x === undefined) continue;
    const link = [...svg.querySelectorAll("a")].find((a) => new URL(a.getAttribute("href"), location).pathname === address);
    const area = (link ?? svg.querySelector(`[data-row="${row.place}"]`))?.closest("a, path");
    if (area) put(area.matches("a") ? area.querySelector("path, rect, circle") : area, "picked", `picked-${look}`);
    else if (x2 === undefined) add(shaped(look, x, y, 5.5, { class: "picked-mark" }));
    else {
      add(drawn("path", { d: `M${x},${y}L${x2},${y2}`, stroke: colour(LOOKS[look]), "stroke-width": 2.4 }));
      for (const [at, to] of [[x, y], [x2, y2]]) add(shaped(look, at, to, 4, { class: "picked-mark" }));
    }
    // What has no area of its own stands among points, which no name may cover.
    if (!area && !boxes.points)
      boxes.points = boxes.push(...lists[0].flatMap((left, i) => left && row.place !== i ? [{ left: +left - 4, right: +left + 4, top: lists[1][i] - 4, bottom: +lists[1][i] + 4 }] : []));
    const named = words.find(({ textContent }) => textContent === name || textContent.startsWith(`${name} `));
    if (named) {
      put(named, "picked-name", `picked-${look}`);
      continue;
    }
    if (svg.closest(".figure-tiles")) continue; // a tile has its letters
    const label = add(drawn("text", { class: `picked-name picked-${look}`, "font-weight": 600, "text-anchor": "middle" }));
    label.textContent = row.cells.length === 2 ? `${name} ${row.cells[1].text}` : name;
    const { width } = label.getBBox();
    const reach = area ? 0 : 6;
    const side = width / 2 + reach + 5;
    const tries = x2 === undefined ? [[0, -reach - 9], [0, reach + 10], [side, 0], [-side, 0]] : [];
    for (const far of [22, 34, 46]) tries.push([0, -far], [0, far]);
    const at = ([dx, dy]) => {
      const to = Math.min(Math.max(x + dx, width / 2 + 1), wide - width / 2 - 1);
      return { x: to, y: y + dy, left: to - width / 2 - 2, right: to + width / 2 + 2, top: y + dy - 7, bottom: y + dy + 7 };
    };
    const fits = (box) => box.top >= 0 && box.bottom <= high && !boxes.some((other) => overlap(box, other));
    const place = tries.map(at).find(fits) ?? at(tries[0]);
    boxes.push(place);
    label.setAttribute("x", place.x.toFixed(1));
    label.setAttribute("y", (place.y + 4).toFixed(1));
  }
  return () => done.forEach((undo) => undo());
};
