import { DeviceCheck } from "./device-check";

if (!customElements.get("device-check")) customElements.define("device-check", DeviceCheck);

declare global {
  interface HTMLElementTagNameMap {
    "device-check": DeviceCheck;
  }
}

export { DeviceCheck };
