/** Since when this person is in the call: kept in the tab, so that the clock goes on after a reload. */
const PREFIX = "call-began:";

/** Milliseconds since the epoch at which the call of `meeting` began here: now, unless this tab was in it before. */
export function begun(meeting: string, now = Date.now(), kept: Storage | null = storage()): number {
  const name = PREFIX + meeting;
  const before = Number(kept?.getItem(name));
  if (Number.isFinite(before) && before > 0 && before <= now) return before;
  kept?.setItem(name, String(now));
  return now;
}

/** Null where the browser keeps nothing for pages. */
function storage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
