/** What a person chose for calls, kept in this browser. A browser that keeps nothing has the usual choices each time. */

export type Corner = "br" | "bl" | "tl" | "tr";
export type CaptionSize = "s" | "m" | "l" | "xl";
export const CORNERS: readonly Corner[] = ["br", "bl", "tl", "tr"];
export const CAPTION_SIZES: readonly CaptionSize[] = ["s", "m", "l", "xl"];

export interface CallPreferences {
  readonly layout: "speaker" | "grid";
  readonly corner: Corner;
  readonly selfHidden: boolean;
  readonly captions: boolean;
  readonly captionSize: CaptionSize;
  readonly captionContrast: boolean;
  readonly blur: boolean;
  /** Keys by action, only where they differ from the usual ones. */
  readonly keys: Readonly<Record<string, string>>;
}

const USUAL: CallPreferences = {
  layout: "speaker",
  corner: "br",
  selfHidden: false,
  captions: false,
  captionSize: "m",
  captionContrast: false,
  blur: false,
  keys: {},
};
const PLACE = "vestibule.call";

export class Preferences {
  now: CallPreferences;

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem"> | null = browserStorage()) {
    this.now = { ...USUAL, ...this.read() };
  }

  set(change: Partial<CallPreferences>): void {
    this.now = { ...this.now, ...change };
    try {
      this.storage?.setItem(PLACE, JSON.stringify(this.now));
    } catch {
      // full or not allowed: it holds until the page is left
    }
  }

  private read(): Partial<CallPreferences> {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(PLACE) ?? "{}");
      return kept && typeof kept === "object" ? sound(kept as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }
}

/** Of what was kept, whatever still makes sense: a newer or older page may have written it. */
function sound(kept: Record<string, unknown>): Partial<CallPreferences> {
  const good: Record<string, unknown> = {};
  const oneOf = (name: string, values: readonly unknown[]) => {
    if (values.includes(kept[name])) good[name] = kept[name];
  };
  oneOf("layout", ["speaker", "grid"]);
  oneOf("corner", CORNERS);
  oneOf("captionSize", CAPTION_SIZES);
  for (const name of ["selfHidden", "captions", "captionContrast", "blur"]) oneOf(name, [true, false]);
  const keys = kept["keys"];
  if (keys && typeof keys === "object") {
    good["keys"] = Object.fromEntries(Object.entries(keys).filter(([, combo]) => typeof combo === "string"));
  }
  return good;
}

function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
