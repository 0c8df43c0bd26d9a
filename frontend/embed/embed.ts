/** Defines the elements that show booking, visits and surveys in somebody else's page. Loading it twice does no harm. */
import { ButtonElement } from "./button";
import { FramedElement } from "./framed-element";
import type { Kind } from "./address";

export class VestibuleBook extends FramedElement {
  protected readonly kind: Kind = "book";
}

export class VestibuleVisit extends FramedElement {
  protected readonly kind: Kind = "visit";
}

export class VestibuleSurvey extends FramedElement {
  protected readonly kind: Kind = "survey";
}

export class VestibuleButton extends ButtonElement {}

const ELEMENTS = {
  "vestibule-book": VestibuleBook,
  "vestibule-visit": VestibuleVisit,
  "vestibule-survey": VestibuleSurvey,
  "vestibule-button": VestibuleButton,
};
for (const [name, element] of Object.entries(ELEMENTS)) {
  if (globalThis.customElements && !customElements.get(name)) customElements.define(name, element);
}
