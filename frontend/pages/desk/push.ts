/** Whether this browser is told of who waits when the desk is closed, and how that is turned on and off. */

const SCRIPT = "/desk-push.js";
const SCOPE = "/desk";
const MARK_KEY = "vestibule.desk.push";

/**
 * `insecure`: not over HTTPS; `install`: an iPhone or iPad, where only pages on the home screen may;
 * `unsupported`: a browser that cannot; `denied`: its reader forbade it; `off`; `on`.
 */
export type PushState = "insecure" | "install" | "unsupported" | "denied" | "off" | "on";

/** What of the browser matters here; the page's own unless told. */
export interface Around {
  readonly isSecureContext: boolean;
  readonly navigator: Pick<Navigator, "userAgent" | "maxTouchPoints"> & { readonly serviceWorker?: ServiceWorkerContainer };
  readonly canPush: boolean;
  readonly permission: NotificationPermission | null;
}

export function around(): Around {
  return {
    isSecureContext: window.isSecureContext,
    navigator,
    canPush: "PushManager" in window && "serviceWorker" in navigator,
    permission: typeof Notification === "undefined" ? null : Notification.permission,
  };
}

/** What can be said before the browser is asked about a subscription; null: it has to be asked. */
export function stateBefore(seen: Around): PushState | null {
  if (!seen.isSecureContext) return "insecure";
  const { userAgent, maxTouchPoints } = seen.navigator;
  const isApples = /iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  if (!seen.canPush || seen.permission === null) return isApples ? "install" : "unsupported";
  if (seen.permission === "denied") return "denied";
  return seen.permission === "granted" ? null : "off";
}

/** What this page says to the server: its token, and the key push services know this installation by. */
export interface Site {
  readonly csrf: string;
  readonly key: string;
}

export class PushRefused extends Error {
  constructor(readonly sentence: string) {
    super(sentence);
  }
}

async function post(path: string, csrf: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
  const told = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (!answer.ok) throw new PushRefused(typeof told["sentence"] === "string" ? told["sentence"] : "");
  return told;
}

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return navigator.serviceWorker?.getRegistration(SCOPE);
}

async function subscription(): Promise<PushSubscription | null> {
  return (await (await registration())?.pushManager?.getSubscription()) ?? null;
}

/** The ref by which the server tells the reader in this browser; null: it does not. Also says that they are here. */
export async function toldHere(site: Site): Promise<string | null> {
  const found = await subscription();
  if (!found) return null;
  const { ref } = await post(`${SCOPE}/push/here`, site.csrf, found.toJSON());
  mark(typeof ref === "string");
  return typeof ref === "string" ? ref : null;
}

/** Asks the reader, then their push service, then the server. Only ever from a press of a button. */
export async function turnOn(site: Site): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") return;
  await navigator.serviceWorker.register(SCRIPT, { scope: SCOPE, updateViaCache: "none" });
  const ready = await active();
  // One that was made for other keys of this server cannot be written to any more.
  const old = await ready.pushManager.getSubscription();
  if (old && !isFor(old, site.key)) await old.unsubscribe();
  const made = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(site.key) });
  await post(`${SCOPE}/push`, site.csrf, made.toJSON());
  mark(true);
}

/** Lets the push service forget this browser. The server is told by the form that removes it. */
export async function turnOff(): Promise<void> {
  mark(false);
  await (await subscription())?.unsubscribe();
}

/** Says, at the desk, that the reader is signed in here again, where they had turned it on. Asks for nothing. */
export async function stayTold(csrf: string): Promise<void> {
  if (isMarked()) await toldHere({ csrf, key: "" }).catch(() => null);
}

/** Shows a notification by the worker where there is one, so that phones show it too and a later one replaces it. */
export async function showByWorker(title: string, options: NotificationOptions): Promise<boolean> {
  const found = await registration().catch(() => undefined);
  if (!found?.active) return false;
  await found.showNotification(title, options);
  return true;
}

/** Closes what this browser shows of people who wait no more. */
export async function closeOver(): Promise<void> {
  const open = isMarked() ? await (await registration())?.getNotifications() : undefined;
  if (!open?.length) return;
  const answer = await fetch(`${SCOPE}/push/waits`, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const { tags } = (await answer.json()) as { tags: readonly string[] };
  for (const one of open) if (!tags.includes(one.tag)) one.close();
}

/** Whether the reader turned this browser on, as far as it remembers itself. */
export function isMarked(): boolean {
  try {
    return localStorage.getItem(MARK_KEY) === "on";
  } catch {
    return false;
  }
}

function mark(on: boolean): void {
  try {
    if (on) localStorage.setItem(MARK_KEY, "on");
    else localStorage.removeItem(MARK_KEY);
  } catch {
    // storage forbidden: the alerts page still says so to the server
  }
}

async function active(): Promise<ServiceWorkerRegistration> {
  for (let tries = 0; tries < 50; tries += 1) {
    const found = await registration();
    if (found?.active) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the worker did not start");
}

export function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const clear = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(clear, (sign) => sign.charCodeAt(0));
}

function isFor(found: PushSubscription, key: string): boolean {
  const had = found.options?.applicationServerKey;
  if (!had) return true;
  const [one, other] = [new Uint8Array(had), bytesOf(key)];
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
