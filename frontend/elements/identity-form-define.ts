import { IdentityForm } from "./identity-form";

if (!customElements.get("identity-form")) customElements.define("identity-form", IdentityForm);

declare global {
  interface HTMLElementTagNameMap {
    "identity-form": IdentityForm;
  }
}

export { IdentityForm };
