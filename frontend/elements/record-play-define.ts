import { RecordPlay } from "./record-play";

if (!customElements.get("record-play")) customElements.define("record-play", RecordPlay);

declare global {
  interface HTMLElementTagNameMap {
    "record-play": RecordPlay;
  }
}

export { RecordPlay };
