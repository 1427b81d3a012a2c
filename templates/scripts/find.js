// Find your place: the link in the masthead becomes a field. What finds places, and their names, are in one file that is
// fetched when the field is first entered: later/find.js.
const box = document.querySelector(".find");
if (box) {
  const link = box.querySelector("a"), label = link.textContent;
  const field = Object.assign(document.createElement("input"), { type: "search", placeholder: label, ariaLabel: label, autocomplete: "off" });
  link.replaceWith(field);
  field.onfocus = () => import(new URL(box.dataset.places, location)).then(({ start }) => start(box, field, link));
}
