/**
 * What the booking pages gain from a script: the reader's own time zone, choices that apply at once, a countdown for
 * the kept time, and a button that cannot be pressed twice. All of it works without.
 */
const ZONE_COOKIE = "vestibule_zone";

/** Tells the server the browser's time zone, and shows the page in it if this is the first the server hears of it. */
function rememberZone(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.cookie.includes(`${ZONE_COOKIE}=`)) return;
  document.cookie = `${ZONE_COOKIE}=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  const page = document.querySelector<HTMLElement>("[data-zone]");
  const typed = document.querySelector("form[novalidate]");
  if (page && !typed && page.dataset["zone"] !== zone && document.cookie.includes(ZONE_COOKIE)) window.location.reload();
}

function applyAtOnce(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-auto]")) {
    form.querySelector("[data-auto-hide]")?.setAttribute("hidden", "");
    form.addEventListener("change", () => form.requestSubmit());
  }
}

function countDown(): void {
  const note = document.querySelector<HTMLElement>("[data-kept-seconds]");
  if (!note) return;
  window.setTimeout(
    () => {
      note.textContent = note.dataset["gone"] ?? "";
      note.setAttribute("role", "status");
    },
    Number(note.dataset["keptSeconds"]) * 1000,
  );
}

function pressOnce(): void {
  const button = document.querySelector<HTMLButtonElement>("button[data-once]");
  button?.form?.addEventListener("submit", () => {
    window.setTimeout(() => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    });
  });
  window.addEventListener("pageshow", () => {
    if (!button) return;
    button.disabled = false;
    button.removeAttribute("aria-busy");
  });
}

rememberZone();
applyAtOnce();
countDown();
pressOnce();
