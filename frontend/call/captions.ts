/**
 * Words under the pictures. Anybody may type them; a source may also hear them: the browser's own recognition, with
 * the person's consent, or an engine of the server. What was heard belongs to who said it and travels on the visit
 * socket, so that it arrives when media does not. Nothing is kept.
 */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { Caption } from "./wire";

export interface CaptionWords {
  readonly text: string;
  /** False while the sentence is still being said: the next words of the same person replace it. */
  readonly final: boolean;
}

/** Something that turns this person's voice into words. */
export interface CaptionSource {
  /** Whether the voice leaves this browser for somebody else's server, so that the person must agree first. */
  readonly needsConsent: boolean;
  /** Listen until `stop`. Rejects when it cannot begin; a later failure calls `failed` once. */
  start(language: string, heard: (words: CaptionWords) => void, failed: (reason: string) => void): Promise<void>;
  stop(): void;
}

export interface CaptionLine extends CaptionWords {
  readonly key: string;
  readonly participant: string;
  readonly name: string;
  /** Recognised, not typed by hand. */
  readonly spoken: boolean;
}

/** The message `caption` of the visit socket: `line` counts our lines, and the same one again replaces its text. */
export interface CaptionPort {
  send(words: CaptionWords & { readonly line: number; readonly spoken: boolean }): void;
}

export interface CaptionEvents {
  change: void;
  /** Listening ended by itself: `denied`, `network`, `unsupported`, `failed`. */
  stopped: { reason: string };
}

/** A finished line leaves after this long, an unfinished one that nobody goes on with too. */
export const LINE_STAYS_MS = 8000;
const LINES = 3;
/** Words still being said are sent at most this often. */
const EVERY_MS = 400;
export const LONGEST = 500;

export class Captions extends Emitter<CaptionEvents> {
  /** Oldest first, at most three. */
  lines: readonly CaptionLine[] = [];
  listening = false;
  private source: CaptionSource | null = null;
  private sentAt = -Infinity;
  private nextLine = 1;
  /** The line being spoken; typing in between takes a number of its own. */
  private spokenLine: number | null = null;

  constructor(
    private readonly port: CaptionPort,
    private readonly clock: Clock = systemClock,
  ) {
    super();
  }

  /** Words somebody said or typed, as the socket brought them; ours too, so that we see what they see. */
  show({ from, line, text, final, spoken }: Caption, name: string): void {
    const key = `${from} ${line}`;
    const next: CaptionLine = { key, participant: from, name, text, final, spoken };
    const known = this.lines.findIndex((one) => one.key === key);
    this.lines = known < 0 ? [...this.lines, next].slice(-LINES) : this.lines.with(known, next);
    this.emit("change", undefined);
    this.clock.after(LINE_STAYS_MS, () => this.drop(next));
  }

  /** A line typed by hand. */
  type(text: string): void {
    const trimmed = text.trim().slice(0, LONGEST);
    if (trimmed) this.port.send({ line: this.nextLine++, text: trimmed, final: true, spoken: false });
  }

  /**
   * Begin to turn our voice into words. `consented` is the person's answer to the question that `needsConsent` asks.
   * Rejects with an error named `NotAllowedError` without it.
   */
  async listen(source: CaptionSource, language: string, consented: boolean): Promise<void> {
    if (source.needsConsent && !consented) throw new DOMException("no consent", "NotAllowedError");
    this.stop();
    this.source = source;
    const failed = (reason: string) => {
      if (this.source !== source) return;
      this.stop();
      this.emit("stopped", { reason });
    };
    try {
      await source.start(language, (words) => this.source === source && this.heard(words), failed);
    } catch (error) {
      if (this.source === source) this.source = null;
      throw error;
    }
    if (this.source !== source) return;
    this.listening = true;
    this.emit("change", undefined);
  }

  stop(): void {
    this.source?.stop();
    this.source = null;
    if (!this.listening) return;
    this.listening = false;
    this.emit("change", undefined);
  }

  private heard({ text, final }: CaptionWords): void {
    const trimmed = text.trim().slice(-LONGEST);
    const now = this.clock.now();
    if (!trimmed || (!final && now - this.sentAt < EVERY_MS)) return;
    this.sentAt = now;
    this.spokenLine ??= this.nextLine++;
    this.port.send({ line: this.spokenLine, text: trimmed, final, spoken: true });
    if (final) this.spokenLine = null;
  }

  private drop(line: CaptionLine): void {
    if (!this.lines.includes(line)) return;
    this.lines = this.lines.filter((one) => one !== line);
    this.emit("change", undefined);
  }
}

/** The browser's own recognition, loaded only when asked for; null where the browser has none (Firefox). */
export async function browserCaptions(): Promise<CaptionSource | null> {
  const { SpeechCaptions } = await import("./speech-captions");
  return SpeechCaptions.here();
}
