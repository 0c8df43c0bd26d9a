/** Playing the others. Elements are made once, at a tap, and reused: some browsers ask consent per new element. */
import type { CallTrack } from "./session";
import { setSink } from "./speaker";

export class Playback {
  private readonly free: HTMLAudioElement[] = [];
  private readonly used = new Map<string, { element: HTMLAudioElement; track: CallTrack }>();
  private sink = "";

  constructor(
    private readonly create: () => HTMLAudioElement,
    private readonly refused: (retry: () => Promise<void>) => void,
  ) {
    // Made now, while the tap on "Join" still counts as permission: one-to-one calls need no other.
    this.free.push(create());
  }

  get elements(): readonly HTMLAudioElement[] {
    return [...this.free, ...[...this.used.values()].map((entry) => entry.element)];
  }

  add(track: CallTrack): void {
    if (this.used.has(track.id)) return;
    const element = this.free.pop() ?? this.create();
    this.used.set(track.id, { element, track });
    track.attach(element);
    if (this.sink) void setSink(element, this.sink).catch(() => undefined);
    void this.play(element);
  }

  remove(track: CallTrack): void {
    const entry = this.used.get(track.id);
    if (!entry) return;
    this.used.delete(track.id);
    entry.track.detach(entry.element);
    this.free.push(entry.element);
  }

  async setSink(id: string): Promise<void> {
    this.sink = id;
    await Promise.all(this.elements.map((element) => setSink(element, id)));
  }

  /** Try again after a tap; rejects while the browser still refuses. */
  async retry(): Promise<void> {
    await Promise.all([...this.used.values()].map(({ element }) => element.play()));
  }

  stop(): void {
    for (const { track } of [...this.used.values()]) this.remove(track);
    for (const element of this.free) {
      element.pause();
      element.srcObject = null;
      element.remove();
    }
    this.free.length = 0;
  }

  private async play(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      // An AbortError only means that the source changed meanwhile; the next play decides.
      if ((error as { name?: string }).name === "NotAllowedError") this.refused(() => this.retry());
    }
  }
}
