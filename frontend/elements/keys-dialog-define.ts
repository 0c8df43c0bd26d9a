import { KeysDialog } from "./keys-dialog";

if (!customElements.get("keys-dialog")) customElements.define("keys-dialog", KeysDialog);

declare global {
  interface HTMLElementTagNameMap {
    "keys-dialog": KeysDialog;
  }
}

export { KeysDialog };
