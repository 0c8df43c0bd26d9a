/** Elements that show a business' booking, visits and surveys, served by a Vestibule server, in any page. */

/** What every element takes, by the names of its attributes. */
export interface VestibuleAttributes {
  /** The business' name in addresses. */
  business: string;
  /** Origin of the Vestibule server; needed unless the script itself came from there. */
  server?: string;
  /** "de", "pt-BR": the page's own language unless said. */
  language?: string;
  /** As the page around is, unless said. */
  theme?: "light" | "dark" | "auto";
  /** "auto", or pixels. */
  height?: string | number;
  /** What the frame is called by those who do not see it; for a button, its words. */
  label?: string;
}

export interface VestibuleBookAttributes extends VestibuleAttributes {
  /** Names as in addresses: what is booked, and with whom. */
  service?: string;
  provider?: string;
  /** Typed into empty fields of the form. Never part of an address. */
  name?: string;
  email?: string;
  phone?: string;
}

export interface VestibuleLinkAttributes extends VestibuleAttributes {
  /** The consumer's link to their visit. Never part of an address. */
  link?: string;
}

export interface VestibuleButtonAttributes extends VestibuleBookAttributes, VestibuleLinkAttributes {
  /** What the dialog shows; booking unless said. */
  opens?: "book" | "visit" | "survey";
}

export interface VestibuleAppointment {
  readonly appointment: string;
  readonly service: string;
  /** UTC, ISO 8601. */
  readonly start: string;
  readonly end: string;
  readonly status: "booked" | "requested";
}

/** The events of the elements; they bubble, and cross shadow roots. */
export interface VestibuleEventMap {
  "vestibule-ready": CustomEvent<{ readonly page: "book" | "appointment" | "visit" | "survey" | "other" }>;
  "vestibule-booked": CustomEvent<VestibuleAppointment>;
  "vestibule-moved": CustomEvent<VestibuleAppointment>;
  "vestibule-cancelled": CustomEvent<{ readonly appointment: string; readonly service: string }>;
  "vestibule-joined": CustomEvent<null>;
  "vestibule-ended": CustomEvent<{ readonly reason: "ended" | "left" | "removed" | "cancelled" | "other" }>;
  "vestibule-answered": CustomEvent<null>;
  "vestibule-failed": CustomEvent<{
    readonly code: "not_allowed" | "not_found" | "unreachable";
    /** In English, for those who build the page. */
    readonly message: string;
  }>;
}

export class VestibuleElement extends HTMLElement {
  addEventListener<Name extends keyof VestibuleEventMap>(
    type: Name,
    listener: (this: this, event: VestibuleEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<Name extends keyof HTMLElementEventMap>(
    type: Name,
    listener: (this: this, event: HTMLElementEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

/** Booking, from the choice of service to the confirmed appointment. */
export class VestibuleBook extends VestibuleElement {}
/** A visit, from the device check to its end. */
export class VestibuleVisit extends VestibuleElement {}
/** The survey of a visit that has ended. */
export class VestibuleSurvey extends VestibuleElement {}
/** A button that opens one of these in a dialog. */
export class VestibuleButton extends VestibuleElement {
  /** Open the dialog, as a press of the button does. */
  open(): void;
  /** Close the dialog. A visit ends with it; a booking that was begun is kept. */
  close(): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "vestibule-book": VestibuleBook;
    "vestibule-visit": VestibuleVisit;
    "vestibule-survey": VestibuleSurvey;
    "vestibule-button": VestibuleButton;
  }
  interface HTMLElementEventMap extends VestibuleEventMap {}
  interface DocumentEventMap extends VestibuleEventMap {}
}
