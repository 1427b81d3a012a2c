// Words and marks, and where words find room.
/** Centres of labels that do not overlap, each as near to the wanted one as its neighbours allow. */
const spread = (wanted, heights, low, high) => {
  const blocks = [];
  for (const i of wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b] || a - b)) {
    let block = { top: wanted[i] - heights[i] / 2, height: heights[i], members: [i] };
    while (blocks.length && blocks.at(-1).top + blocks.at(-1).height > block.top) {
      const before = blocks.pop();
      const members = [...before.members, ...block.members];
      let reached = 0;
      let sum = 0;
      for (const member of members) {
        sum += wanted[member] - (reached + heights[member] / 2);
        reached += heights[member];
      }
      block = { top: sum / members.length, height: reached, members };
    }
    block.top = Math.min(Math.max(block.top, low), Math.max(low, high - block.height));
    blocks.push(block);
  }
  const placed = [];
  let limit = high;
  for (const { top, height, members } of blocks.reverse()) {
    let reached = (limit = Math.min(top, limit - height));
    for (const member of members) {
      placed[member] = reached + heights[member] / 2;
      reached += heights[member];
    }
  }
  return placed;
};

const pen = document.createElement("canvas").getContext("2d");
const measure = (figure, bold) => (text) => {
  pen.font = `${bold ? "600 " : ""}12px ${getComputedStyle(figure).getPropertyValue("--chart-font") || "sans-serif"}`;
  return pen.measureText(text).width;
};

const wrapped = (text, most, wide) => {
  const lines = [];
  for (const part of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${part}` : part;
    if (lines.length && wide(longer) <= most) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
};

const LINE = 14;
const text = (x, y, content, role, given = {}) => {
  const made = drawn("text", { x: x.toFixed(1), y: y.toFixed(1), fill: colour(role), "dominant-baseline": "central", ...given });
  made.textContent = content;
  return made;
};

/** A mark of one shape for each: circle, square, triangle, diamond. */
const shaped = (look, x, y, radius, given = {}) => {
  const r = radius * [1, 0.9, 1.15, 1.25][look];
  const path = [
    `M${-r},0a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`,
    `M${-r},${-r}H${r}V${r}H${-r}Z`,
    `M0,${-r}L${r},${r * 0.8}H${-r}Z`,
    `M0,${-r}L${r},0L0,${r}L${-r},0Z`,
  ][look];
  return drawn("path", { d: path, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, fill: colour(LOOKS[look]), ...given });
};

const swatch = (look) => drawn("svg", { class: "swatch", viewBox: "-6 -6 12 12", "aria-hidden": "true" }, shaped(look, 0, 0, 4.5));
