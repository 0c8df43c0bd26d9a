import { VerificationCode } from "./verification-code";

if (!customElements.get("verification-code")) customElements.define("verification-code", VerificationCode);

declare global {
  interface HTMLElementTagNameMap {
    "verification-code": VerificationCode;
  }
}

export { VerificationCode };
