import { WaitingWays } from "./waiting-ways";

if (!customElements.get("waiting-ways")) customElements.define("waiting-ways", WaitingWays);

declare global {
  interface HTMLElementTagNameMap {
    "waiting-ways": WaitingWays;
  }
}

export { WaitingWays };
