import { DOOR_ENGLISH } from "./door-words";
import { RecordPlay } from "./record-play";
import { learnWords } from "./page";

learnWords(DOOR_ENGLISH);
if (!customElements.get("record-play")) customElements.define("record-play", RecordPlay);

declare global {
  interface HTMLElementTagNameMap {
    "record-play": RecordPlay;
  }
}

export { RecordPlay };
