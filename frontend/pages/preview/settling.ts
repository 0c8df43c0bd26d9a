/**
 * Tells whoever frames the page when it stands as it is to be shown: one that goes on by itself, into the waiting room or
 * the call, is not there yet when it is loaded. `data-settled` of the document is `no` until then.
 */
const LOOK_MS = 10;

const STANDS: Readonly<Record<string, (page: HTMLElement) => boolean>> = {
  "device-check": (page) => page.querySelector("device-check button") !== null,
  waiting: () => document.querySelector("#visit-waiting waiting-status h1") !== null,
  call: (page) => [...page.querySelectorAll("video")].some((video) => video.videoWidth > 0),
};

export function settle(page: HTMLElement, state: string): void {
  const stands = STANDS[state];
  if (!stands) return;
  const { dataset } = document.documentElement;
  dataset["settled"] = "no";
  const timer = setInterval(() => {
    if (!stands(page)) return;
    clearInterval(timer);
    dataset["settled"] = "yes";
    window.frameElement?.dispatchEvent(new Event("settled"));
  }, LOOK_MS);
}
