/** What a frame may say to the page around it, and the one place that decides whether it was said properly. */

/** Above this many characters as JSON, nobody reads on. */
export const MOST_CHARACTERS = 8192;
const LONGEST_TEXT = 300;
const TALLEST = 30_000;

const APPOINTMENT = ["appointment", "service", "start", "end", "status"] as const;
/** What happens, with the texts its detail holds: these and no others. */
const DETAILS = {
  ready: ["page"],
  booked: APPOINTMENT,
  moved: APPOINTMENT,
  cancelled: ["appointment", "service"],
  joined: [],
  ended: ["reason"],
  answered: [],
} as const;

export type Happening = keyof typeof DETAILS;
export type Detail = Readonly<Record<string, string>> | null;
export type Heard =
  | { readonly type: Happening; readonly detail: Detail }
  | { readonly type: "height"; readonly pixels: number }
  | { readonly type: "loaded" | "top" | "escape" };

/** Read what came in a message; null for what no frame of ours says, however it was made. */
export function read(data: unknown): Heard | null {
  if (!isRecord(data) || data["vestibule"] !== 1 || isLong(data)) return null;
  const { type, pixels, detail } = data;
  if (type === "loaded" || type === "top" || type === "escape") return { type };
  if (type === "height")
    return typeof pixels === "number" && pixels >= 0 && pixels <= TALLEST ? { type, pixels: Math.ceil(pixels) } : null;
  return isHappening(type) ? told(type, detail) : null;
}

function told(type: Happening, given: unknown): Heard | null {
  const names = DETAILS[type];
  if (!names.length) return { type, detail: null };
  const detail: Record<string, string> = {};
  for (const name of names) {
    const text = isRecord(given) ? given[name] : undefined;
    if (typeof text !== "string" || text.length > LONGEST_TEXT) return null;
    detail[name] = text;
  }
  return { type, detail };
}

const isHappening = (type: unknown): type is Happening => typeof type === "string" && Object.hasOwn(DETAILS, type);

const isRecord = (data: unknown): data is Record<string, unknown> => typeof data === "object" && data !== null;

/** What has no JSON, such as something that holds itself, is as bad as what is too long. */
function isLong(data: unknown): boolean {
  try {
    return JSON.stringify(data).length > MOST_CHARACTERS;
  } catch {
    return true;
  }
}
