/** What a framed page takes from the page around. */
export const MOST_CHARACTERS = 8192;
const LONGEST_TEXT = 320;
const LONGEST_LINK = 4096;
export const PERSONAL = ["name", "email", "phone"] as const;

export type Wish =
  | { readonly type: "fill"; readonly texts: ReadonlyMap<string, string> }
  | { readonly type: "open"; readonly link: string };

/** Read what came; null for anything that the contract does not name. */
export function wishIn(data: unknown): Wish | null {
  if (typeof data !== "object" || data === null || isLong(data)) return null;
  const told = data as Readonly<Record<string, unknown>>;
  if (told["vestibule"] !== 1) return null;
  if (told["type"] === "open") {
    const link = text(told["link"], LONGEST_LINK);
    return link ? { type: "open", link } : null;
  }
  if (told["type"] !== "fill") return null;
  const texts = new Map<string, string>();
  for (const name of PERSONAL) {
    const given = text(told[name], LONGEST_TEXT);
    if (given) texts.set(name, given);
  }
  return texts.size ? { type: "fill", texts } : null;
}

/** One line of text. */
function text(given: unknown, longest: number): string {
  return typeof given === "string" && given.length <= longest && !/[\u0000-\u001f\u007f]/.test(given) ? given.trim() : "";
}

function isLong(data: object): boolean {
  try {
    return JSON.stringify(data).length > MOST_CHARACTERS;
  } catch {
    return true;
  }
}
