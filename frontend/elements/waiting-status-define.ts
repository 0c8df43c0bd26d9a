import { WaitingStatus } from "./waiting-status";

if (!customElements.get("waiting-status")) customElements.define("waiting-status", WaitingStatus);

declare global {
  interface HTMLElementTagNameMap {
    "waiting-status": WaitingStatus;
  }
}

export { WaitingStatus };
