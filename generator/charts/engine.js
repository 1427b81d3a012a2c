/* What the engine is asked for. It stands below the bundle of Vega, inside one function, in a V8 that has nothing else:
   no network, no files, no clock that a drawing could depend on. */

const QUIET = Object.fromEntries(["level", "warn", "info", "debug"].map(name => [name, function () { return this; }]));
const shapes = new Map();
let advances = {};

/* Widths of text by the advances of the fonts that are there: family → weight → [code point → em, em of all others]. */
vega.textMetrics.width = (item, text) => {
  const family = String(item.font ?? "").split(",")[0].replace(/["'\s]/g, "");
  const weight = item.fontWeight === "bold" || item.fontWeight === "bolder" || +item.fontWeight >= 600;
  const fonts = advances[family] ?? advances[""];
  const [known, other] = fonts[weight ? 1 : 0];
  let width = 0;
  for (const char of String(text ?? "")) width += known[char.codePointAt(0)] ?? other;
  return width * (item.fontSize == null ? 11 : +item.fontSize || 0);
};

/* A Vega-Lite specification → the Vega specification. */
const compile = lite => {
  const logger = { ...QUIET, error(...said) { throw new Error(said.join(" ")); } };
  return JSON.stringify(vega.compile(JSON.parse(lite), { logger }).spec);
};

/* A Vega specification whose data is named where it is to be: "rows of NAME". */
const shape = (number, specification) => {
  const runtime = vega.parse(JSON.parse(specification));
  const data = new Map(), signals = new Map();
  for (const operator of runtime.operators) {
    const named = operator.value?.$ingest;
    if (typeof named === "string" && named.startsWith("rows of ")) data.set(named.slice(8), operator.value);
    if (operator.signal) signals.set(operator.signal, operator);
  }
  shapes.set(number, { runtime, data, signals });
};

/* The shape with these rows and signals, as SVG. */
const draw = (number, given) => {
  const { rows, signals } = JSON.parse(given);
  const known = shapes.get(number);
  for (const [name, value] of known.data) value.$ingest = rows[name];
  for (const [name, value] of Object.entries(signals)) if (known.signals.has(name)) known.signals.get(name).value = value;
  let failed;
  const logger = { ...QUIET, error(...said) { failed ??= said[0]; return this; } };
  const view = new vega.View(known.runtime, { renderer: "none", logger });
  try {
    view.run();
    if (failed) throw failed;
    return svg(view);
  } finally {
    view.finalize();
    for (const value of known.data.values()) value.$ingest = [];
  }
};

/* As Vega's own toSVG, but at once: that waits for its loader to look at each address, of which we know each. */
const svg = view => {
  const padding = view.padding(), [left, top] = view._origin;
  const renderer = new vega.SVGStringRenderer(view.loader());
  renderer._hrefs = new Proxy({}, { get: (_, address) => ({ "xlink:href": address }) });
  vega.resetSVGDefIds();
  renderer.initialize(
    null,
    Math.max(0, view._viewWidth + padding.left + padding.right),
    Math.max(0, view._viewHeight + padding.top + padding.bottom),
    [padding.left + left, padding.top + top],
    1
  );
  return renderer.background(view.background()).render(view.scenegraph().root).svg();
};

globalThis.engine = {
  measure(fonts) { advances = JSON.parse(fonts); },
  compile, shape, draw,
  forget(number) { shapes.delete(number); },
};
