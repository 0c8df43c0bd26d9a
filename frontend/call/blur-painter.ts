/** Paints a person sharp before a background that is soft. Made of plain 2D canvases, which every browser has in workers. */
import type { Person } from "./blur-person";

type Context = OffscreenCanvasRenderingContext2D;

/** Lines of the blurred picture at most, at first and once the computer had trouble. */
const LINES = 540;
const FEWER_LINES = 360;
/** Less sure than the first is background, surer than the second is the person; between them both show. */
const UNSURE = 0.35;
const SURE = 0.75;
/** How much of the mask before stays: an outline that jumps with each picture is worse than one that follows late. */
const INERTIA = 0.35;
/** Halvings of the picture until nothing of the room can be read; what is left is a few dozen pixels wide. */
const HALVINGS = 4;

export class Painter {
  private readonly whole = context(1, 1);
  private readonly small: Context;
  private readonly mask: Context;
  private readonly outline: ImageData;
  private readonly softer = Array.from({ length: HALVINGS }, () => context(1, 1));
  private readonly sureness: Float32Array;
  private lines = LINES;
  private every = 1;
  private painted = 0;

  constructor(private readonly person: Person) {
    const { width, height } = person;
    this.small = context(width, height, true);
    this.mask = context(width, height);
    this.outline = new ImageData(width, height);
    this.sureness = new Float32Array(width * height);
  }

  /** Fewer pixels, and the person is looked for in every second picture only. */
  lighter(): void {
    this.lines = FEWER_LINES;
    this.every = 2;
  }

  /** `picture` blurred; the canvas is the painter's own and painted over by the next call. */
  paint(picture: CanvasImageSource, width: number, height: number): OffscreenCanvas {
    const scale = Math.min(1, this.lines / height);
    // Even numbers: encoders halve the colours.
    const [w, h] = [Math.max(2, 2 * Math.round((width * scale) / 2)), Math.max(2, 2 * Math.round((height * scale) / 2))];
    if (this.painted % this.every === 0) this.look(picture);
    this.painted += 1;
    const canvas = resized(this.whole, w, h);
    this.whole.globalCompositeOperation = "copy";
    this.whole.drawImage(this.mask.canvas, 0, 0, w, h);
    this.whole.globalCompositeOperation = "source-in";
    this.whole.drawImage(picture, 0, 0, w, h);
    this.whole.globalCompositeOperation = "destination-over";
    this.whole.drawImage(this.soften(picture, w, h), 0, 0, w, h);
    return canvas;
  }

  private look(picture: CanvasImageSource): void {
    const { width, height } = this.person;
    this.small.drawImage(picture, 0, 0, width, height);
    const found = this.person.find(this.small.getImageData(0, 0, width, height).data);
    const inertia = this.painted === 0 ? 0 : INERTIA;
    const { data } = this.outline;
    for (let pixel = 0; pixel < found.length; pixel += 1) {
      const clear = Math.min(1, Math.max(0, (found[pixel]! - UNSURE) / (SURE - UNSURE)));
      const now = inertia * this.sureness[pixel]! + (1 - inertia) * clear;
      this.sureness[pixel] = now;
      data[4 * pixel + 3] = Math.round(255 * now);
    }
    this.mask.putImageData(this.outline, 0, 0);
  }

  /** Halved again and again and brought back in the same steps: each step mixes neighbours, at the cost of few pixels. */
  private soften(picture: CanvasImageSource, width: number, height: number): OffscreenCanvas {
    let from: CanvasImageSource = picture;
    this.softer.forEach((context, step) => {
      const [w, h] = [Math.ceil(width / 2 ** (step + 1)), Math.ceil(height / 2 ** (step + 1))];
      resized(context, w, h);
      context.drawImage(from, 0, 0, w, h);
      from = context.canvas;
    });
    for (let step = HALVINGS - 2; step >= 0; step -= 1) {
      const { canvas } = this.softer[step]!;
      this.softer[step]!.drawImage(this.softer[step + 1]!.canvas, 0, 0, canvas.width, canvas.height);
    }
    return this.softer[0]!.canvas;
  }
}

function context(width: number, height: number, read = false): Context {
  const made = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: read });
  if (!made) throw new Error("no canvas to paint on");
  made.imageSmoothingEnabled = true;
  made.imageSmoothingQuality = "medium";
  return made;
}

function resized({ canvas }: Context, width: number, height: number): OffscreenCanvas {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas;
}
