import { DeviceMenus } from "./device-menus";

if (!customElements.get("device-menus")) customElements.define("device-menus", DeviceMenus);

declare global {
  interface HTMLElementTagNameMap {
    "device-menus": DeviceMenus;
  }
}

export { DeviceMenus };
