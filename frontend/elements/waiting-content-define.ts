import { WaitingContent } from "./waiting-content";

if (!customElements.get("waiting-content")) customElements.define("waiting-content", WaitingContent);

declare global {
  interface HTMLElementTagNameMap {
    "waiting-content": WaitingContent;
  }
}

export { WaitingContent };
