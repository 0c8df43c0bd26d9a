/** Tells the page around how tall this page is, so that nobody scrolls in a frame. */
import { say } from "./outward";

const CALL_HEIGHT = 640;

export function tellHeight(): void {
  let told = 0;
  const tell = () => {
    const inCall = document.getElementById("visit")?.dataset["phase"] === "call";
    // A call fills what there is, and would grow with it.
    const pixels = inCall ? Math.max(told, CALL_HEIGHT) : measured();
    if (pixels !== told) say("height", { pixels: (told = pixels) });
  };
  new ResizeObserver(tell).observe(document.body);
  tell();
}

/** What the page needs; not what the frame has, which is never less. */
function measured(): number {
  const { marginTop, marginBottom } = getComputedStyle(document.body);
  return Math.ceil(document.body.getBoundingClientRect().height + Number.parseFloat(marginTop) + Number.parseFloat(marginBottom));
}
