import { CallControls } from "./call-controls";

if (!customElements.get("call-controls")) customElements.define("call-controls", CallControls);

declare global {
  interface HTMLElementTagNameMap {
    "call-controls": CallControls;
  }
}

export { CallControls };
