/** The place that shows the elements working: lists what the page around is told, as it comes. */
const EVENTS = ["ready", "booked", "moved", "cancelled", "joined", "ended", "answered", "failed"];

export function startEmbeds(): void {
  const list = document.querySelector("[data-embed-events]");
  if (!list) return;
  for (const name of EVENTS) {
    document.addEventListener(`vestibule-${name}`, (event) => {
      const line = document.createElement("li");
      const code = document.createElement("code");
      const detail: unknown = event instanceof CustomEvent ? event.detail : null;
      code.textContent = `${event.type} ${detail ? JSON.stringify(detail) : ""}`;
      line.append(code);
      list.append(line);
      document.querySelector("[data-embed-quiet]")?.remove();
    });
  }
}
