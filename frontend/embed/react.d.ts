/** The elements in JSX: `import "vestibule-embed/react"` once, for its types alone. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type {
  VestibuleBook,
  VestibuleBookAttributes,
  VestibuleButton,
  VestibuleButtonAttributes,
  VestibuleEventMap,
  VestibuleLinkAttributes,
  VestibuleSurvey,
  VestibuleVisit,
} from "./index";

/** React 19 listens to events of elements by such properties; before it, use `addEventListener` of a ref. */
type Listeners = { [Name in keyof VestibuleEventMap as `on${Name}`]?: (event: VestibuleEventMap[Name]) => void };
type Props<Attributes, Element> = Attributes & Listeners & Omit<DetailedHTMLProps<HTMLAttributes<Element>, Element>, keyof Attributes>;

interface VestibuleElements {
  "vestibule-book": Props<VestibuleBookAttributes, VestibuleBook>;
  "vestibule-visit": Props<VestibuleLinkAttributes, VestibuleVisit>;
  "vestibule-survey": Props<VestibuleLinkAttributes, VestibuleSurvey>;
  "vestibule-button": Props<VestibuleButtonAttributes, VestibuleButton>;
}

declare module "react" {
  namespace JSX {
    interface IntrinsicElements extends VestibuleElements {}
  }
}
