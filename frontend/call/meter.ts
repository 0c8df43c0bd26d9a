/** How loud a microphone is, without sending or keeping a sample. */
import { systemClock, type Clock } from "./clock";

/** What the meter reads: an analyser in the browser, a fake in tests. */
export interface LevelSource {
  /** Root mean square of the last samples, 0 to 1. */
  level(): number;
  close(): void;
}

/** After this long at zero while unmuted the person is told that nothing is heard (system mute, hardware switch). */
export const SILENCE_MS = 3000;
/** Digital silence, as when the system blocks the microphone; a quiet room is well above. */
const ZERO = 0.0004;
const TICK_MS = 100;

/** Root mean square of unsigned 8-bit or float samples centred on zero. */
export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length ? Math.sqrt(sum / samples.length) : 0;
}

/** Loudness as a share of the meter: -60 dB is empty, 0 dB is full, as people hear it. */
export function meterShare(level: number): number {
  if (level <= 0) return 0;
  return Math.min(1, Math.max(0, 1 + Math.log10(level) / 3));
}

export function analyserSource(track: MediaStreamTrack): LevelSource {
  // Read ten times a second and never played: large buffers wake the machine less often.
  const context = new AudioContext({ latencyHint: "playback" });
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser); // never to the destination: nobody should hear themselves
  const samples = new Float32Array(analyser.fftSize);
  return {
    level() {
      if (context.state === "suspended") void context.resume().catch(() => undefined);
      analyser.getFloatTimeDomainData(samples);
      return rootMeanSquare(samples);
    },
    close() {
      source.disconnect();
      void context.close().catch(() => undefined);
    },
  };
}

export interface MeterReading {
  /** 0 to 1, for the bar. */
  readonly share: number;
  /** Nothing at all was heard for three seconds, though unmuted. */
  readonly silent: boolean;
}

/** Reads a source ten times a second until stopped. */
export class Meter {
  private zeroSince: number | null = null;
  private readonly stopTicking: () => void;

  constructor(
    private readonly source: LevelSource,
    private readonly show: (reading: MeterReading) => void,
    private readonly isMuted: () => boolean = () => false,
    private readonly clock: Clock = systemClock,
  ) {
    this.stopTicking = clock.every(TICK_MS, () => this.tick());
  }

  stop(): void {
    this.stopTicking();
    this.source.close();
  }

  private tick(): void {
    const level = this.source.level();
    const now = this.clock.now();
    if (level > ZERO || this.isMuted()) this.zeroSince = null;
    else this.zeroSince ??= now;
    const silent = this.zeroSince !== null && now - this.zeroSince >= SILENCE_MS;
    this.show({ share: this.isMuted() ? 0 : meterShare(level), silent });
  }
}
