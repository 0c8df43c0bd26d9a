/** The elements in JSX: `import "vestibule-embed/react"` once, for its types alone. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type {
  VestibuleBook,
  VestibuleBookAttributes,
  VestibuleButton,
  VestibuleButtonAttributes,
  VestibuleLinkAttributes,
  VestibuleSurvey,
  VestibuleVisit,
} from "./index";

type Props<Attributes, Element> = Attributes & Omit<DetailedHTMLProps<HTMLAttributes<Element>, Element>, keyof Attributes>;

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
