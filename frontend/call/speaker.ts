/** Choosing where sound comes out, testing it, and playing the others of a call. */

type Sinkable = HTMLMediaElement & { setSinkId?: (id: string) => Promise<void> };

/** Whether the loudspeaker can be chosen here; older Safari cannot. */
export function canChooseSpeaker(): boolean {
  return typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;
}

export async function setSink(element: HTMLMediaElement, id: string): Promise<void> {
  const sinkable = element as Sinkable;
  if (typeof sinkable.setSinkId === "function") await sinkable.setSinkId(id);
}

const RATE = 16000;
const NOTES = [523.25, 659.25, 783.99]; // C, E, G: a chime, pleasant on small loudspeakers
const NOTE_S = 0.28;

/** The samples of the test chime, mono, -1 to 1. */
export function chime(rate: number = RATE): Float32Array {
  const each = Math.round(NOTE_S * rate);
  const samples = new Float32Array(each * NOTES.length);
  NOTES.forEach((note, index) => {
    for (let i = 0; i < each; i += 1) {
      const fade = Math.min(1, i / (0.02 * rate)) * (1 - i / each);
      samples[index * each + i] = 0.4 * fade * Math.sin((2 * Math.PI * note * i) / rate);
    }
  });
  return samples;
}

/** 16-bit mono WAV, so that a media element (which honours the chosen loudspeaker) can play it. */
export function wav(samples: Float32Array, rate: number = RATE): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(44 + samples.length * 2));
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => [...value].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(44 + i * 2, Math.round(sample * 32767), true));
  return bytes;
}

/** Play the test chime on `sinkId`; resolves when it has ended. Rejects when the browser refuses to play. */
export function playChime(sinkId = ""): Promise<void> {
  return playOnce(new Blob([wav(chime())], { type: "audio/wav" }), sinkId);
}

/** Play a sound on the chosen loudspeaker, the usual one if empty; resolves and rejects as `playChime`. */
export async function playOnce(sound: Blob, sinkId: string): Promise<void> {
  const url = URL.createObjectURL(sound);
  const element = new Audio(url);
  try {
    if (sinkId) await setSink(element, sinkId);
    await element.play();
    await new Promise<void>((done) => {
      element.addEventListener("ended", () => done(), { once: true });
      element.addEventListener("error", () => done(), { once: true });
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
