// What the reader chose with the switch, before anything is painted; without a choice the device decides.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {} // storage may be switched off
