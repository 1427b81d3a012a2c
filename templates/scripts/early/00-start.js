// Styles tell by this class that scripts run: what only a script can use is hidden without it.
document.documentElement.classList.add("js");
