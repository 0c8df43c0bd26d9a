/**
 * Holds a page of the preview still: it keeps nothing, tells nobody anything and leads nowhere. Import it first.
 * What may be opened inside the page, such as a list or a dialog, opens as ever.
 */

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    key: (index) => [...kept.keys()][index] ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem: (key, value) => void kept.set(key, value),
  };
}

function put(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { configurable: true, get: () => value, set: () => undefined });
}

/** Words in the reader's language are part of the page; everything else would reach what lives. */
const reads = (address: string) => new URL(address, location.href).pathname.startsWith("/words/");
const fetched = window.fetch.bind(window);
const quiet: typeof fetch = (input, init) => {
  const address = input instanceof Request ? input.url : String(input);
  const isPlain = (init?.method ?? "GET") === "GET" && !(input instanceof Request && input.method !== "GET");
  return isPlain && reads(address) ? fetched(input, init) : Promise.reject(new TypeError("a preview asks nobody"));
};

function stay(event: Event): void {
  const pressed = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (pressed && !pressed.matches("[data-opens]")) event.preventDefault();
}

/** Neither the browser nor the page's own scripts hear of it. */
function rest(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

put(document, "cookie", "vestibule_zone=preview");
put(window, "localStorage", memory());
put(window, "sessionStorage", memory());
put(window, "fetch", quiet);
put(navigator, "sendBeacon", () => true);
document.addEventListener("click", stay, true);
document.addEventListener("submit", rest, true);

export {};
