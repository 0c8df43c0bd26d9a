import { LineCheck } from "./line-check";

if (!customElements.get("line-check")) customElements.define("line-check", LineCheck);

declare global {
  interface HTMLElementTagNameMap {
    "line-check": LineCheck;
  }
}

export { LineCheck };
