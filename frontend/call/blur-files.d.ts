/** What `blur-lens.ts` and `blur-person.ts` take from the package of the person finder, and files named by the build. */
declare module "@twilio/video-processors/dist/build/tflite-simd-1-0-0.js" {
  /** TensorFlow Lite with one model: offsets are bytes into its memory; pictures are 32-bit floats. */
  export interface Segmenter {
    readonly HEAPU8: Uint8Array;
    readonly HEAPF32: Float32Array;
    _getModelBufferMemoryOffset(): number;
    /** 0 = accepted. */
    _loadModel(bytes: number): number;
    _getInputMemoryOffset(): number;
    _getInputWidth(): number;
    _getInputHeight(): number;
    _getOutputMemoryOffset(): number;
    _runInference(): number;
  }
  const make: (given: {
    readonly wasmBinary: ArrayBuffer;
    readonly print: () => void;
    readonly printErr: () => void;
  }) => Promise<Segmenter>;
  export default make;
}

declare module "*.wasm" {
  const address: string;
  export default address;
}

declare module "*.tflite" {
  const address: string;
  export default address;
}

/** A script bundled by itself, to be started as a worker. */
declare module "worker:*" {
  const address: string;
  export default address;
}
