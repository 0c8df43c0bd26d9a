import { DOOR_ENGLISH } from "./door-words";
import { LineCheck } from "./line-check";
import { learnWords } from "./page";

learnWords(DOOR_ENGLISH);
if (!customElements.get("line-check")) customElements.define("line-check", LineCheck);

declare global {
  interface HTMLElementTagNameMap {
    "line-check": LineCheck;
  }
}

export { LineCheck };
