// What the page asks for.
/** A button of a figure's bar was pressed: begins what it offers, or ends it. */
export const ask = async (button) => {
  const figure = button.closest("figure");
  const running = button.dataset.way ? compared : explored;
  if (running.has(figure)) return running.get(figure).end();
  if (running === explored) return explore(button);
  const made = compare(button);
  made.focus();
  return made.show();
};

/** The address names whom to compare with: in the figure that it leads to, or in all. */
export const restore = async (buttons) => {
  const figures = buttons.filter((button) => button.dataset.way);
  if (!figures.length) return;
  const aimed = figures.filter((button) => button.closest("figure").id === decodeURIComponent(location.hash.slice(1)));
  const asked = new URLSearchParams(location.search).get("with").split(",").map((slug) => slug.trim()).filter(Boolean);
  let known;
  try {
    known = await namesToAdd(figures[0].dataset.names);
  } catch {
    return;
  }
  const found = asked.map((slug) => [slug, known.all.find((entity) => entity.slug === slug && entity !== known.own)]);
  found.forEach(([, entity]) => entity && add(entity));
  const unknown = found.filter(([, entity]) => !entity).map(([slug]) => slug.slice(0, 60));
  for (const button of aimed.length ? aimed : figures) if (!compared.has(button.closest("figure"))) compare(button);
  await Promise.all([...compared.values()].map(({ show }) => show(unknown)));
  if (aimed.length) aimed[0].closest("figure").scrollIntoView();
};
