// The link comes from your own server, for whoever is signed in there: POST /api/v1/… told it when the appointment was made.
const visit = document.querySelector("vestibule-visit");

const answer = await fetch("/my-next-visit", { headers: { Accept: "application/json" } });
const { link } = await answer.json();
visit.setAttribute("link", link);

visit.addEventListener("vestibule-ended", ({ detail }) => {
  if (detail.reason === "cancelled") location.assign("/appointments");
});
