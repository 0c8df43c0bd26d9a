/**
 * What the booking pages gain from a script: the reader's own time zone, choices that apply at once, a countdown for
 * the kept time, a list to search, and a button that cannot be pressed twice. All of it works without.
 */
import { copyButtons } from "../elements/copying";
import { again, ticket } from "../elements/going";

const ZONE_COOKIE = "vestibule_zone";
const SOON_SECONDS = 60;
const KEY_PAUSE_MS = 700;
const FOCUS = "vestibule.focus";

/** Tells the server the browser's time zone, and shows the page in it if this is the first the server hears of it. */
function rememberZone(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || ticket().ticket || document.cookie.includes(`${ZONE_COOKIE}=`)) return;
  document.cookie = `${ZONE_COOKIE}=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  const page = document.querySelector<HTMLElement>("[data-zone]");
  const typed = document.querySelector("form[novalidate]");
  if (page && !typed && page.dataset["zone"] !== zone && document.cookie.includes(ZONE_COOKIE)) again();
}

/** Choices apply at once; by keyboard after a pause, as each arrow key is a choice. The focus stays where it was. */
function applyAtOnce(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-auto]")) {
    form.querySelector("[data-auto-hide]")?.setAttribute("hidden", "");
    let byKey = false;
    let waiting = 0;
    form.addEventListener("keydown", () => (byKey = true));
    form.addEventListener("pointerdown", () => (byKey = false));
    form.addEventListener("change", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(() => form.requestSubmit(), byKey ? KEY_PAUSE_MS : 0);
    });
    form.addEventListener("submit", () => keepFocus(document.activeElement?.id ?? ""));
  }
  const before = keptFocus();
  keepFocus("");
  if (before) document.getElementById(before)?.focus({ preventScroll: true });
}

/** In a frame of another site a browser may keep nothing for us; the frame's own name stays. */
function keepFocus(id: string): void {
  try {
    sessionStorage.setItem(FOCUS, id);
  } catch {
    window.name = id;
  }
}

function keptFocus(): string {
  try {
    return sessionStorage.getItem(FOCUS) ?? "";
  } catch {
    return window.name;
  }
}

/** "4:07" for 247 seconds. */
function clockOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Counts down how long a time is kept, says once when a minute is left, and shows what to do when it has passed. */
function countDown(line: HTMLElement): void {
  const ends = Date.now() + Number(line.dataset["keptSeconds"]) * 1000;
  const left = line.querySelector<HTMLElement>("[data-kept-left]");
  const soon = line.querySelector<HTMLElement>("[data-kept-soon]");
  let said = false;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    if (seconds === 0) return void over(line);
    if (left) {
      left.hidden = false;
      left.textContent = clockOf(seconds);
    }
    line.classList.toggle("keep--soon", seconds <= SOON_SECONDS);
    if (seconds <= SOON_SECONDS && soon && !said) {
      said = true;
      soon.textContent = soon.dataset["keptSoon"] ?? "";
    }
    window.setTimeout(tick, (ends - Date.now()) % 1000 || 1000);
  };
  tick();
}

function over(line: HTMLElement): void {
  const gone = document.querySelector<HTMLElement>("[data-kept-gone]");
  if (!gone) {
    line.setAttribute("role", "status");
    line.textContent = line.dataset["keptOver"] ?? "";
    return;
  }
  line.remove();
  gone.hidden = false;
  gone.setAttribute("role", "alert");
}

/** Narrows a list while somebody types; the form around the field does the same without script. */
function narrow(field: HTMLInputElement): void {
  const list = document.getElementById(field.dataset["narrows"] ?? "");
  const none = document.querySelector<HTMLElement>("[data-narrows-none]");
  if (!list) return;
  field.form?.querySelector("button")?.setAttribute("hidden", "");
  field.form?.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const item of list.querySelectorAll<HTMLElement>("[data-words]")) {
      item.hidden = !(item.dataset["words"] ?? "").includes(wanted);
      if (!item.hidden) shown += 1;
    }
    for (const group of list.querySelectorAll<HTMLElement>("[data-group]")) {
      group.hidden = !group.querySelector("[data-words]:not([hidden])");
    }
    if (none) none.hidden = shown > 0;
  });
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
document.querySelectorAll<HTMLElement>("[data-kept-seconds]").forEach(countDown);
document.querySelectorAll<HTMLInputElement>("input[data-narrows]").forEach(narrow);
copyButtons();
pressOnce();
