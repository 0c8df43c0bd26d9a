/** Which words explain where this browser hides its permissions. Only wording depends on it, never behaviour. */
export type BrowserWord = "chrome" | "edge" | "firefox" | "safari" | "ios" | "android" | "other";
/** The browser's family, finer where the steps differ. */
export type StepsWord = BrowserWord | "ios_app" | "android_firefox";
export type SystemWord = "windows" | "mac" | "ios" | "android" | "other";

export function browserWord(agent: string = navigator.userAgent): BrowserWord {
  if (/iPhone|iPad|iPod/.test(agent)) return "ios";
  if (/Android/.test(agent)) return "android";
  if (/Edg\//.test(agent)) return "edge";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Chrom(e|ium)\//.test(agent)) return "chrome";
  return /Safari\//.test(agent) ? "safari" : "other";
}

/** Which steps undo a refusal here. */
export function stepsWord(agent: string = navigator.userAgent): StepsWord {
  const browser = browserWord(agent);
  if (browser === "ios" && /CriOS|FxiOS|EdgiOS/.test(agent)) return "ios_app";
  return browser === "android" && /Firefox\//.test(agent) ? "android_firefox" : browser;
}

/** Whose settings keep devices from a browser here. */
export function systemWord(agent: string = navigator.userAgent): SystemWord {
  if (/iPhone|iPad|iPod/.test(agent)) return "ios";
  if (/Android/.test(agent)) return "android";
  if (/Windows/.test(agent)) return "windows";
  return /Macintosh|Mac OS X/.test(agent) ? "mac" : "other";
}
