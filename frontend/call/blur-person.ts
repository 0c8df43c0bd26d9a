/** Where in a picture a person is, told by a small neural network. Nothing of a picture leaves the worker it runs in. */
import makeProgram, { type Segmenter } from "@twilio/video-processors/dist/build/tflite-simd-1-0-0.js";

export interface Person {
  /** The size of pictures it looks at; others are scaled to it. */
  readonly width: number;
  readonly height: number;
  /** For each pixel of `pixels` (RGBA, `width` × `height`) how surely it belongs to a person, 0 to 1. Valid until the next call. */
  find(pixels: Uint8ClampedArray): Float32Array;
}

/** Fetch the program and its model, both ours, and make them ready. Rejects when either cannot be had or run. */
export async function findPerson(program: string, model: string): Promise<Person> {
  const [code, weights] = await Promise.all([bytesOf(program), bytesOf(model)]);
  const quiet = () => undefined;
  const made = await makeProgram({ wasmBinary: code, print: quiet, printErr: quiet });
  made.HEAPU8.set(new Uint8Array(weights), made._getModelBufferMemoryOffset());
  if (made._loadModel(weights.byteLength) !== 0) throw new Error("the model was not accepted");
  return personBy(made);
}

function personBy(made: Segmenter): Person {
  const [width, height] = [made._getInputWidth(), made._getInputHeight()];
  const [into, from] = [made._getInputMemoryOffset() / 4, made._getOutputMemoryOffset() / 4];
  return {
    width,
    height,
    find(pixels) {
      // Looked up each time: the memory moves when it grows.
      const floats = made.HEAPF32;
      for (let pixel = 0, at = into; pixel < pixels.length; pixel += 4) {
        floats[at++] = pixels[pixel]! / 255;
        floats[at++] = pixels[pixel + 1]! / 255;
        floats[at++] = pixels[pixel + 2]! / 255;
      }
      made._runInference();
      return made.HEAPF32.subarray(from, from + width * height);
    },
  };
}

async function bytesOf(address: string): Promise<ArrayBuffer> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return answer.arrayBuffer();
}
