/** The add-on over a kit that does what a test says, for tests of the page: `window.kit` is what it drives. */
import { AcsSession, type AcsOptions } from "../acs";
import { FakeKit, FakePerson, FakeVideo } from "./fake-kit";

/** A view as the kit's: an element of its own, with something to look at in it. */
class DrawnRenderer {
  private readonly canvas = document.createElement("canvas");
  createView(): Promise<{ target: HTMLElement }> {
    const target = document.createElement("div");
    this.canvas.width = 64;
    this.canvas.height = 36;
    const paint = this.canvas.getContext("2d");
    if (paint) {
      paint.fillStyle = "#2050c0";
      paint.fillRect(0, 0, 64, 36);
    }
    this.canvas.style.width = "100%";
    this.canvas.style.height = "100%";
    target.append(this.canvas);
    return Promise.resolve({ target });
  }
  dispose(): void {
    this.canvas.remove();
  }
}

export function makeSession(options: AcsOptions): AcsSession {
  const fake = new FakeKit();
  Object.assign(window, { kit: fake, FakePerson, FakeVideo });
  return new AcsSession({ ...fake.kit, VideoStreamRenderer: DrawnRenderer }, options);
}
