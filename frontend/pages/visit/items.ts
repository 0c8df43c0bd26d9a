/** Pieces the panels share. */
import { html, nothing } from "lit";
import type { ReactionKind } from "../../call/wire";
import { icon } from "../../elements/page";

/** Drawn, not written: not every computer has a font with the usual faces. */
export const REACTIONS: Readonly<Record<ReactionKind, string>> = {
  thumbs_up: "thumbs-up",
  clap: "party",
  heart: "heart",
  laugh: "laugh",
  question: "help",
  wave: "hand",
};

interface Item {
  readonly name: string;
  readonly icon: string;
  readonly words: string;
  readonly run: () => void;
  readonly pressed?: boolean;
  readonly keys?: string;
  readonly hint?: string;
  readonly disabled?: boolean;
  /** At work: another press does nothing, and the focus stays where it is. */
  readonly busy?: boolean;
}

/** One line of the panel: a button as wide as it, with a hint below where one is needed. */
export function item({ name, icon: image, words, run, pressed, keys, hint, disabled, busy }: Item) {
  return html`<button type="button" class="call__item" data-more=${name} aria-pressed=${pressed ?? nothing}
      aria-keyshortcuts=${keys ?? nothing} aria-describedby=${hint ? `more-${name}` : nothing} ?disabled=${disabled ?? false}
      aria-disabled=${busy ? "true" : nothing} @click=${() => busy || run()}>${icon(image)} <span>${words}</span></button>
    ${hint ? html`<p class="call__hint" id="more-${name}">${hint}</p>` : nothing}`;
}

