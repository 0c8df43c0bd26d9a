/** Which words explain where this browser hides its permissions. Only wording depends on it, never behaviour. */
export type BrowserWord = "chrome" | "edge" | "firefox" | "safari" | "ios" | "android" | "other";

export function browserWord(agent: string = navigator.userAgent): BrowserWord {
  if (/iPhone|iPad|iPod/.test(agent)) return "ios";
  if (/Android/.test(agent)) return "android";
  if (/Edg\//.test(agent)) return "edge";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Chrom(e|ium)\//.test(agent)) return "chrome";
  return /Safari\//.test(agent) ? "safari" : "other";
}
