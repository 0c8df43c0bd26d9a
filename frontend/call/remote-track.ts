import type { CallTrack, TrackSource } from "./session";

/** A remote source that outlives the connection carrying it: a new connection swaps the media under the elements. */
export class RemoteTrack implements CallTrack {
  readonly id: string;
  readonly kind: "audio" | "video";
  private readonly elements = new Set<HTMLMediaElement>();

  constructor(
    readonly participant: string,
    readonly source: TrackSource,
    private media: MediaStreamTrack,
  ) {
    this.id = `${participant}/${source}`;
    this.kind = source === "camera" || source === "screen" ? "video" : "audio";
  }

  get mediaTrack(): MediaStreamTrack {
    return this.media;
  }

  swap(media: MediaStreamTrack): void {
    if (media === this.media) return;
    this.media = media;
    for (const element of this.elements) element.srcObject = new MediaStream([media]);
  }

  attach(element: HTMLMediaElement): void {
    this.elements.add(element);
    const shown = element.srcObject as MediaStream | null;
    if (shown?.getTracks()[0] !== this.media) element.srcObject = new MediaStream([this.media]);
  }

  detach(element: HTMLMediaElement): void {
    if (!this.elements.delete(element)) return;
    const shown = element.srcObject as MediaStream | null;
    if (shown?.getTracks()[0] === this.media) element.srcObject = null;
  }

  /** Between two browsers everything sent is wanted; an SFU would stop sending what nobody sees. */
  setVisible(): void {
    // nothing to adapt
  }
}
