/** A button that opens booking, a visit or its survey in a dialog of the page around. */
import type { Kind } from "./address";
import { ATTRIBUTES, Base, languageOf, sharedSheet } from "./framed-element";
import { word } from "./words";

const KINDS: readonly string[] = ["book", "visit", "survey"] satisfies Kind[];

const sheet = sharedSheet(`
:host{display:inline-block}
:host([hidden]){display:none}
button{font:inherit;min-height:44px;min-width:44px;cursor:pointer}
[part=button]{padding:.5em 1.25em;border:1px solid transparent;border-radius:.5em;background:#0b5d66;color:#fff;font-weight:600}
[part=close]{border:0;background:none;color:inherit;font-size:1.5rem;line-height:1}
button:focus-visible{outline:3px solid #0b5d66;outline-offset:2px;box-shadow:0 0 0 2px #fff}
dialog{box-sizing:border-box;width:min(52rem,100vw - 1rem);max-width:none;max-height:calc(100dvh - 1rem);padding:0;border:0;border-radius:.75rem;overflow:auto;background:Canvas;color:CanvasText}
dialog::backdrop{background:rgb(0 0 0/.5)}
[part=bar]{display:flex;align-items:center;justify-content:space-between;position:sticky;top:0;z-index:1;padding-inline-start:1rem;background:inherit;font-weight:600}`);

export class ButtonElement extends Base {
  static readonly observedAttributes = ["opens", ...ATTRIBUTES];
  #button: HTMLButtonElement | undefined;
  #close!: HTMLButtonElement;
  #name!: HTMLElement;
  #dialog!: HTMLDialogElement;
  #inside: HTMLElement | undefined;
  #inCall = false;

  connectedCallback(): void {
    if (!this.#button) this.#make();
    this.#label();
  }

  connectedMoveCallback(): void {}

  /** A dialog that leaves the page is closed. */
  disconnectedCallback(): void {
    this.#dialog.close();
    this.#letGo();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#button || before === now) return;
    this.#label();
    if (name !== "opens") this.#hand(name);
    else if (!this.#inCall) this.#letGo();
  }

  /** Open the dialog, as a press of the button does. */
  open(): void {
    if (!this.isConnected || this.#dialog.open) return;
    if (!this.#inside) {
      this.#inside = document.createElement(`vestibule-${this.#kind}`);
      for (const name of ATTRIBUTES) this.#hand(name);
      this.#inside.append(document.createElement("slot"));
      this.#dialog.append(this.#inside);
    }
    this.#dialog.showModal();
  }

  /** Close the dialog. A visit ends with it; what was begun of a booking is kept until the page is left. */
  close(): void {
    this.#dialog?.close();
  }

  #make(): void {
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [sheet()];
    this.#button = part("button", "button");
    this.#dialog = part("dialog", "dialog");
    const bar = part("div", "bar");
    this.#name = document.createElement("span");
    this.#close = part("button", "close");
    this.#close.textContent = "×";
    this.#button.type = this.#close.type = "button";
    bar.append(this.#name, this.#close);
    this.#dialog.append(bar);
    root.append(this.#button, this.#dialog);
    this.#button.addEventListener("click", () => this.open());
    this.#close.addEventListener("click", () => this.close());
    // A call is not lost by a key pressed by mistake.
    this.#dialog.addEventListener("cancel", (event) => this.#inCall && event.preventDefault());
    // Browsers let a dialog be kept open once only: a second Escape would end the call all the same.
    this.#dialog.addEventListener("keydown", (event) => event.key === "Escape" && this.#inCall && event.preventDefault());
    this.#dialog.addEventListener("close", () => {
      if (this.#kind === "visit") this.#letGo();
      this.#button?.focus();
    });
    for (const name of ["joined", "ended", "ready"])
      this.#dialog.addEventListener(`vestibule-${name}`, () => (this.#inCall = name === "joined"));
  }

  #letGo(): void {
    this.#inside?.remove();
    this.#inside = undefined;
    this.#inCall = false;
  }

  #hand(name: string): void {
    const text = this.getAttribute(name);
    if (text === null) this.#inside?.removeAttribute(name);
    else this.#inside?.setAttribute(name, text);
  }

  #label(): void {
    const language = languageOf(this);
    const label = this.getAttribute("label") || word(language, this.#kind);
    if (this.#button) this.#button.textContent = label;
    this.#name.textContent = label;
    this.#dialog.setAttribute("aria-label", label);
    this.#close.setAttribute("aria-label", word(language, "close"));
  }

  get #kind(): Kind {
    const opens = this.getAttribute("opens") ?? "";
    return KINDS.includes(opens) ? (opens as Kind) : "book";
  }
}

function part<Name extends "button" | "dialog" | "div">(name: Name, called: string): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.part.value = called;
  return made;
}
