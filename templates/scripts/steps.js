// Steps of prose beside one figure at a time: the one whose words are in the middle of the window.
const show = (step) => {
  for (const other of step.parentNode.children) other.classList.toggle("now", other === step);
};
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) show(target.parentNode);
}, { rootMargin: "-50% 0px" });
for (const step of document.querySelectorAll(".step")) {
  const words = step.firstElementChild;
  if (!step.previousElementSibling) show(step);
  seen.observe(words);
  step.addEventListener("focusin", () => show(step));
  if (step.querySelector(":target")) words.scrollIntoView({ block: "center" });
}
