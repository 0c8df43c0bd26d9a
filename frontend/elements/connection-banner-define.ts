import { ConnectionBanner } from "./connection-banner";

if (!customElements.get("connection-banner")) customElements.define("connection-banner", ConnectionBanner);

declare global {
  interface HTMLElementTagNameMap {
    "connection-banner": ConnectionBanner;
  }
}

export { ConnectionBanner };
