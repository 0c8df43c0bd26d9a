/**
 * The worker behind notifications: a file of its own at /desk-push.js, for addresses below /desk.
 *
 * It shows what the server sends, and nothing else: no page is kept or answered by it. What it shows comes in the
 * reader's language with the message, already without names unless they chose so.
 */

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly url: string;
  readonly lang: string;
  readonly dir: "ltr" | "rtl";
}

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Pushed extends Lasting {
  readonly data: { json(): unknown } | null;
}

interface Pressed extends Lasting {
  readonly notification: Notification;
}

interface Window_ {
  readonly url: string;
  focus(): Promise<unknown>;
}

interface Worker_ {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly Window_[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(kind: string, act: (event: never) => void): void;
}

const worker = self as unknown as Worker_;
const DESK = "/desk";
/** What the open desk shows by itself (`desk/alerts.ts`): the same news, a little earlier. */
const OF_DESK = "vestibule-desk";

function text(given: unknown): string {
  return typeof given === "string" ? given : "";
}

/** What a message holds; nothing it says may lead elsewhere than to the desk. */
function readShown(event: Pushed): Shown | null {
  try {
    const given = event.data?.json() as Record<string, unknown>;
    const title = text(given["title"]);
    return title
      ? { title, body: text(given["body"]), tag: text(given["tag"]), url: DESK, lang: text(given["lang"]), dir: given["dir"] === "rtl" ? "rtl" : "ltr" }
      : null;
  } catch {
    return null;
  }
}

async function show(event: Pushed): Promise<void> {
  const shown = readShown(event);
  if (!shown) return;
  const { title, url, ...options } = shown;
  const earlier = await worker.registration.getNotifications({ tag: OF_DESK });
  for (const one of earlier) one.close();
  // Whoever has the desk open heard of it a moment ago: this takes its place without another sound.
  const calls = earlier.length === 0 ? { renotify: shown.tag !== "" } : { silent: true };
  await worker.registration.showNotification(title, { ...options, ...calls, data: url } as NotificationOptions);
  await closeOthers(shown.tag);
}

/** Closes what tells of people who wait no more. A browser that is not signed in leaves them as they are. */
async function closeOthers(kept: string): Promise<void> {
  const open = await worker.registration.getNotifications();
  if (!open.some((one) => one.tag && one.tag !== kept)) return;
  const answer = await fetch(`${DESK}/push/waits`, { redirect: "error" }).catch(() => null);
  if (!answer?.ok) return;
  const { tags } = (await answer.json()) as { tags: readonly string[] };
  for (const one of open) if (one.tag !== kept && !tags.includes(one.tag)) one.close();
}

/** Goes to the desk that is open already, else opens one. */
async function goToDesk(event: Pressed): Promise<void> {
  event.notification.close();
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const desk = windows.find((one) => new URL(one.url).pathname === DESK);
  await (desk ? desk.focus() : worker.clients.openWindow(DESK));
}

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("push", (event: Pushed) => event.waitUntil(show(event)));
worker.addEventListener("notificationclick", (event: Pressed) => event.waitUntil(goToDesk(event)));

export {};
