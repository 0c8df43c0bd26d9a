/** Keeping the screen awake while somebody waits or talks. Where a browser cannot, nothing happens. */

/** Ask for it now, and again each time the page is looked at anew; the answer lets the screen sleep again. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = () => {
    if (over || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    void navigator.wakeLock.request("screen").then(
      (given) => (over ? void given.release() : (lock = given)),
      () => undefined, // a low battery refuses it
    );
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release().catch(() => undefined);
  };
}
