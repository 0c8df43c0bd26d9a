/** Captions by the browser's own speech recognition. Most browsers send the voice to their maker: ask first. */
import type { CaptionSource, CaptionWords } from "./captions";

interface Alternative {
  readonly transcript: string;
}
interface Recognised {
  readonly isFinal: boolean;
  readonly length: number;
  readonly [index: number]: Alternative;
}
interface Recogniser {
  continuous: boolean;
  interimResults: boolean;
  lang: string;
  onresult: ((event: { resultIndex: number; results: ArrayLike<Recognised> }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  abort(): void;
}
export type RecogniserMaker = new () => Recogniser;

const REASONS: Record<string, string> = {
  "not-allowed": "denied",
  "service-not-allowed": "denied",
  "language-not-supported": "unsupported",
  network: "network",
  "audio-capture": "failed",
};

export class SpeechCaptions implements CaptionSource {
  readonly needsConsent = true;
  private recogniser: Recogniser | null = null;

  constructor(private readonly make: RecogniserMaker) {}

  static here(): SpeechCaptions | null {
    const known = globalThis as { SpeechRecognition?: RecogniserMaker; webkitSpeechRecognition?: RecogniserMaker };
    const make = known.SpeechRecognition ?? known.webkitSpeechRecognition;
    return make ? new SpeechCaptions(make) : null;
  }

  start(language: string, heard: (words: CaptionWords) => void, failed: (reason: string) => void): Promise<void> {
    const recogniser = new this.make();
    recogniser.continuous = true;
    recogniser.interimResults = true;
    recogniser.lang = language;
    recogniser.onresult = ({ resultIndex, results }) => {
      for (const result of Array.from(results).slice(resultIndex)) {
        heard({ text: result[0]?.transcript ?? "", final: result.isFinal });
      }
    };
    recogniser.onerror = ({ error }) => {
      const reason = REASONS[error];
      // Silence and pauses are reported as errors too; listening goes on after those.
      if (reason && this.recogniser === recogniser) failed(reason);
    };
    // Browsers stop by themselves after a minute or a long pause.
    recogniser.onend = () => this.recogniser === recogniser && this.begin(recogniser, failed);
    this.recogniser = recogniser;
    recogniser.start();
    return Promise.resolve();
  }

  stop(): void {
    const old = this.recogniser;
    this.recogniser = null;
    old?.abort();
  }

  private begin(recogniser: Recogniser, failed: (reason: string) => void): void {
    try {
      recogniser.start();
    } catch {
      failed("failed");
    }
  }
}
