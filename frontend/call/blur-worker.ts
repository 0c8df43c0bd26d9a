/**
 * The worker that blurs: finds the person in each picture and paints everything else soft. It holds the only
 * WebAssembly of the product, so that no page has to allow any: a worker obeys the policy its own file is served with.
 */
import { findPerson, type Person } from "./blur-person";
import { Painter } from "./blur-painter";

export type ToBlur =
  | { readonly kind: "begin"; readonly program: string; readonly model: string }
  /** A camera's pictures and where the blurred ones go. Another pipe takes the place of this one. */
  | { readonly kind: "pipe"; readonly input: ReadableStream<VideoFrame>; readonly output: WritableStream<VideoFrame> }
  | { readonly kind: "picture"; readonly picture: ImageBitmap }
  /** Say `next` so many times a second: the timers of a page that nobody looks at nearly stand still, those here go on. */
  | { readonly kind: "beat"; readonly times: number }
  | { readonly kind: "lighter" }
  | { readonly kind: "end" };

export type FromBlur =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly why: string }
  /** One picture took so long, waiting for the processor included. */
  | { readonly kind: "took"; readonly milliseconds: number }
  | { readonly kind: "made"; readonly picture: ImageBitmap }
  | { readonly kind: "next" };

interface Here {
  onmessage: ((event: MessageEvent<ToBlur>) => void) | null;
  postMessage(message: FromBlur, transfer?: Transferable[]): void;
  close(): void;
}

const here = self as unknown as Here;
let person: Promise<Person> | null = null;
let painter: Painter | null = null;
let reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
let beat: ReturnType<typeof setInterval> | undefined;

async function ready(): Promise<Painter> {
  if (!person) throw new Error("not begun");
  painter ??= new Painter(await person);
  return painter;
}

function paint(by: Painter, picture: CanvasImageSource, width: number, height: number): OffscreenCanvas {
  const began = performance.now();
  const canvas = by.paint(picture, width, height);
  here.postMessage({ kind: "took", milliseconds: performance.now() - began });
  return canvas;
}

async function pipe(input: ReadableStream<VideoFrame>, output: WritableStream<VideoFrame>): Promise<void> {
  void reader?.cancel().catch(() => undefined);
  const mine = input.getReader();
  reader = mine;
  const writer = output.getWriter();
  const by = await ready();
  for (let next = await mine.read(); !next.done; next = await mine.read()) {
    const frame = next.value;
    let made: VideoFrame;
    try {
      made = new VideoFrame(paint(by, frame, frame.displayWidth, frame.displayHeight), { timestamp: frame.timestamp });
    } finally {
      frame.close();
    }
    // Nobody takes it any more: the camera was switched off, or another pipe took this one's place.
    const taken = await writer.write(made).then(() => true, () => false);
    if (!taken) return void mine.cancel().catch(() => undefined);
  }
  await writer.close().catch(() => undefined);
}

async function one(picture: ImageBitmap): Promise<void> {
  try {
    const made = paint(await ready(), picture, picture.width, picture.height).transferToImageBitmap();
    here.postMessage({ kind: "made", picture: made }, [made]);
  } finally {
    picture.close();
  }
}

function failed(error: unknown): void {
  here.postMessage({ kind: "failed", why: String((error as Error | null)?.message ?? error) });
}

here.onmessage = ({ data }) => {
  if (data.kind === "begin") {
    person = findPerson(data.program, data.model);
    person.then(() => here.postMessage({ kind: "ready" }), failed);
  } else if (data.kind === "pipe") {
    void pipe(data.input, data.output).catch(failed);
  } else if (data.kind === "picture") {
    void one(data.picture).catch(failed);
  } else if (data.kind === "beat") {
    clearInterval(beat);
    beat = setInterval(() => here.postMessage({ kind: "next" }), 1000 / data.times);
  } else if (data.kind === "lighter") {
    painter?.lighter();
  } else {
    void reader?.cancel().catch(() => undefined);
    here.close();
  }
};
