// Steps of prose beside one figure at a time: the one whose words are in the middle of the window.
const show = (step) => {
  for (const other of step.parentNode.children) other.classList.toggle("now", other === step);
};
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) show(target.parentNode);
}, { rootMargin: "-50% 0px" });
for (const step of document.querySelectorAll(".step")) {
  if (!step.previousElementSibling) show(step);
  seen.observe(step.firstElementChild);
  step.addEventListener("focusin", () => show(step));
}
const go = () => {
  const step = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest(".step");
  step?.firstElementChild.scrollIntoView({ block: "center", behavior: "instant" });
};
addEventListener("load", go);
addEventListener("hashchange", go);
