// What the page around does with what it hears: a sentence for the reader, a goal for whatever counts visits.
const news = document.getElementById("news");

document.addEventListener("vestibule-booked", ({ detail }) => {
  const when = new Date(detail.start).toLocaleString(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });
  news.textContent = detail.status === "booked" ? `See you on ${when}.` : `You asked for ${when}. We answer by mail.`;
});

document.addEventListener("vestibule-cancelled", () => {
  news.textContent = "Your appointment was cancelled.";
});

document.addEventListener("vestibule-failed", ({ detail }) => console.warn(detail.code, detail.message));
