/** What every page needs and nothing else: tells styles that scripts run. */
document.documentElement.classList.add("js");

export {};
