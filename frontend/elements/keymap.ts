/**
 * Keyboard shortcuts of the call. Every one has a modifier, so that none takes a letter from somebody who types or from
 * a screen reader's own single keys; and none is a key that browsers or screen readers use (Alt+D, Alt+E, Alt+F; Insert,
 * Caps Lock, Ctrl+Alt).
 */

export const ACTIONS = ["mic", "cam", "share", "chat", "people", "more", "hand", "captions", "pip", "full", "help"] as const;
export type Action = (typeof ACTIONS)[number];

const USUAL: Record<Action, string> = {
  mic: "Alt+M",
  cam: "Alt+V",
  share: "Alt+S",
  chat: "Alt+C",
  people: "Alt+P",
  more: "Alt+O",
  hand: "Alt+H",
  captions: "Alt+T",
  pip: "Alt+I",
  full: "Alt+U",
  help: "Alt+K",
};
const TAKEN = new Set(["Alt+D", "Alt+E", "Alt+F"]);

export interface Pressed {
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** `Alt+M` of a key press; "" unless it is Alt, or Ctrl+Shift, with a letter or digit. Independent of the layout's Alt signs. */
export function comboOf({ code, altKey, ctrlKey, metaKey, shiftKey }: Pressed): string {
  const key = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  if (!key || metaKey) return "";
  if (altKey && !ctrlKey) return shiftKey ? `Alt+Shift+${key}` : `Alt+${key}`;
  return ctrlKey && shiftKey && !altKey ? `Ctrl+Shift+${key}` : "";
}

export class Keymap {
  constructor(private changed: Readonly<Record<string, string>> = {}) {}

  of(action: Action): string {
    return this.changed[action] ?? USUAL[action];
  }

  /** As `aria-keyshortcuts` wants it. */
  aria(action: Action): string {
    return this.of(action).replace("Ctrl", "Control");
  }

  actionFor(combo: string): Action | null {
    return combo ? (ACTIONS.find((action) => this.of(action) === combo) ?? null) : null;
  }

  /** What differs from the usual keys, to be kept; or why the keys cannot be used. */
  change(action: Action, combo: string): { keys: Record<string, string> } | { refused: "bad" } | { refused: "clash"; by: Action } {
    if (!combo || TAKEN.has(combo)) return { refused: "bad" };
    const by = this.actionFor(combo);
    if (by && by !== action) return { refused: "clash", by };
    const keys: Record<string, string> = { ...this.changed, [action]: combo };
    if (USUAL[action] === combo) delete keys[action];
    this.changed = keys;
    return { keys };
  }

  reset(): void {
    this.changed = {};
  }
}

/** Whether a key press belongs to what has the focus: text fields, menus, anything that Space presses. */
export function isForField(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return element?.closest?.("input, textarea, select, button, a, summary, [contenteditable], [role=slider], dialog") != null;
}
