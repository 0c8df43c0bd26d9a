/** The device check on its own page: the same check as before a visit, without anybody to call. */
import "../elements/device-check-define";
import { LocalMedia } from "../call/local-media";
import { setSprite } from "../elements/page";

const root = document.getElementById("test-call");
const check = root?.querySelector("device-check");
if (root && check) {
  const local = new LocalMedia();
  setSprite(root.dataset["icons"] ?? "");
  check.local = local;
  check.closed = root.dataset["closed"] ?? "";
  addEventListener("pagehide", () => local.stop());
}
