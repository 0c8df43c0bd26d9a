import { ChatPanel } from "./chat-panel";

if (!customElements.get("chat-panel")) customElements.define("chat-panel", ChatPanel);

declare global {
  interface HTMLElementTagNameMap {
    "chat-panel": ChatPanel;
  }
}

export { ChatPanel };
