/** Words that Microsoft makes of what is said, where the meeting offers them. */
import { Emitter } from "../../call/emitter";
import type { CallEvents, OutsideState } from "../../call/session";
import type { KitCaption, KitCaptions, KitCaptionsFeature } from "./kit";

interface Heard extends Pick<CallEvents, "caption"> {
  change: void;
}

export class Captioning extends Emitter<Heard> {
  state: OutsideState["captions"] = "none";
  private captions: KitCaptions | null = null;
  private line = 0;
  /** The line each speaker is at. */
  private readonly open = new Map<string, number>();
  private readonly heard = (caption: KitCaption) => this.hear(caption);

  constructor(
    private readonly feature: KitCaptionsFeature,
    private readonly named: (name: string) => string,
  ) {
    super();
    this.captions = feature.captions;
    this.state = this.captions ? "offered" : "none";
    // What Teams offers is known only once the meeting is.
    feature.on("CaptionsKindChanged", this.changed);
  }

  async set(on: boolean, language: string): Promise<void> {
    const { captions } = this;
    if (!captions || on === (this.state === "on")) return;
    if (on) {
      captions.on("CaptionsReceived", this.heard);
      const spoken = languageFor(language, captions.supportedSpokenLanguages);
      await captions.startCaptions(spoken ? { spokenLanguage: spoken } : undefined).catch((error: unknown) => {
        captions.off("CaptionsReceived", this.heard);
        throw error;
      });
    } else {
      captions.off("CaptionsReceived", this.heard);
      await captions.stopCaptions().catch(() => undefined);
    }
    this.become(on ? "on" : "offered");
  }

  stop(): void {
    this.feature.off("CaptionsKindChanged", this.changed);
    this.captions?.off("CaptionsReceived", this.heard);
  }

  private readonly changed = () => {
    this.captions?.off("CaptionsReceived", this.heard);
    this.captions = this.feature.captions;
    this.become("offered");
  };

  private become(state: OutsideState["captions"]): void {
    if (this.state === state) return;
    this.state = state;
    this.emit("change", undefined);
  }

  private hear({ captionText, spokenText, resultType, speaker }: KitCaption): void {
    const text = captionText || spokenText || "";
    const name = speaker.displayName ?? "";
    if (!text) return;
    const line = this.open.get(name) ?? (this.line += 1);
    const final = resultType === "Final";
    if (final) this.open.delete(name);
    else this.open.set(name, line);
    this.emit("caption", { participant: this.named(name), name, line, text, final });
  }
}

/** The language of the page among those that are understood: `en-gb` for `en`, "" where none fits. */
export function languageFor(language: string, supported: readonly string[]): string {
  const wanted = language.toLowerCase();
  const exact = supported.find((one) => one.toLowerCase() === wanted);
  return exact ?? supported.find((one) => one.toLowerCase().split("-")[0] === wanted.split("-")[0]) ?? "";
}
