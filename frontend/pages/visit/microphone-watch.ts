/** Notices that our own microphone, though on, gives nothing but silence. */
import type { LocalMedia } from "../../call/local-media";
import { Meter, analyserSource } from "../../call/meter";

export class MicrophoneWatch {
  /** Nothing has come from it for some seconds. */
  silent = false;
  private meter: Meter | null = null;
  private track: MediaStreamTrack | null = null;

  constructor(
    private readonly local: LocalMedia,
    private readonly changed: () => void,
  ) {}

  /** Listen to the microphone that is in use now. Costs nothing when it is the same. */
  follow(): void {
    const track = this.local.track("microphone");
    if (track === this.track) return;
    this.stop();
    this.track = track;
    if (!track || typeof AudioContext === "undefined") return;
    const read = ({ silent }: { silent: boolean }) => {
      if (silent === this.silent) return;
      this.silent = silent;
      this.changed();
    };
    this.meter = new Meter(analyserSource(track), read, () => !this.local.micOn);
  }

  stop(): void {
    this.meter?.stop();
    this.meter = null;
  }
}
