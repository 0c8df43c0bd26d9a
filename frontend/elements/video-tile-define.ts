import { VideoTile } from "./video-tile";

if (!customElements.get("video-tile")) customElements.define("video-tile", VideoTile);

declare global {
  interface HTMLElementTagNameMap {
    "video-tile": VideoTile;
  }
}

export { VideoTile };
