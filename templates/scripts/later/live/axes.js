// Axes, as those of the drawings in the page.
const number = (value, decimals) => {
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = +whole < template.dataset.from ? whole : whole.replace(/\B(?=(\d{3})+$)/g, template.dataset.thousands);
  const text = part ? `${grouped}${template.dataset.decimal}${part}` : grouped;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
};

const niceStep = (span, count, least) => {
  if (!(span > 0)) return Math.max(1, least);
  const raw = Math.max(span / count, least);
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power)
    .find((step) => step >= raw * (1 - 1e-9) && (least < 1 || step === Math.round(step))) ?? 10 * power;
};

const valueAxis = (values, count, whole, cut, unit) => {
  let low = Math.min(...values, ...(cut ? [] : [0]));
  let high = Math.max(...values, ...(cut ? [] : [0]));
  if (low === high) [low, high] = cut ? [low - 1, high + 1] : [low, low + 1];
  const step = niceStep(high - low, count, whole ? 1 : 0);
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9); at <= Math.floor(high / step + 1e-9); at++) ticks.push(+(at * step).toFixed(10));
  if (cut && ticks.length && ticks[0] > low) ticks.unshift(+(ticks[0] - step).toFixed(10));
  if (cut && ticks.length) low = ticks[0];
  const decimals = [0, 1, 2, 3, 4, 5].find((d) => ticks.every((tick) => Math.abs(+tick.toFixed(d) - tick) < 1e-9)) ?? 6;
  return { low, high, ticks: ticks.map((value) => ({ value, label: number(value, decimals) + (unit === "percent" ? "%" : "") })) };
};

const dateTicks = (low, high, width, wide) => {
  const months = template.dataset.months.split("|");
  const date = (at) => new Date(at * 864e5);
  const [first, last] = [date(low), date(high)];
  if (low === high) return [{ value: low, label: [`${months[first.getUTCMonth()]} ${first.getUTCFullYear()}`] }];
  const span = high - low;
  let year;
  const named = (value, name) => {
    const own = date(value).getUTCFullYear();
    const label = own === year ? [name] : [name, String(own)];
    year = own;
    return { value, label };
  };
  if (span < 46) {
    const step = [1, 2, 7, 14].find((s) => (width * s) / span >= 56) ?? 28;
    const ticks = [];
    for (let at = low; at <= high; at += step) ticks.push(named(at, `${months[date(at).getUTCMonth()]} ${date(at).getUTCDate()}`));
    return ticks;
  }
  const gap = width < 450 ? 40 : 56;
  const room = Math.max(...months.map(wide));
  const step = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200]
    .find((s) => (width * s * 30.44) / span >= Math.max((s >= 12 ? wide("2000") : room) + 12, gap)) ?? 1200;
  const begin = first.getUTCFullYear() * 12 + first.getUTCMonth() + (first.getUTCDate() > 1 ? 1 : 0);
  const ticks = [];
  for (let month = Math.ceil(begin / step) * step; ; month += step) {
    const value = Date.UTC(Math.floor(month / 12), month % 12) / 864e5;
    if (value > +last / 864e5) return ticks;
    ticks.push(step >= 12 ? { value, label: [String(date(value).getUTCFullYear())] } : named(value, months[month % 12]));
  }
};
