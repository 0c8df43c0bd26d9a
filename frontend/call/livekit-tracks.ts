/** What comes from a LiveKit room: every source we are sent, and of those what the page is shown. */
import type { RemoteTrack as LiveKitRemote } from "livekit-client";
import { Emitter } from "./emitter";
import { reportOf, type RoomTrack } from "./livekit-media";
import type { CallEvents, TrackSource } from "./session";
import type { RosterPerson } from "./wire";

export class RoomTracks extends Emitter<Pick<CallEvents, "track">> {
  readonly shown = new Map<string, RoomTrack>();
  private readonly sent = new Map<string, RoomTrack>();

  get size(): number {
    return this.sent.size;
  }

  /** A source we are sent now; one of the same person and kind from before is gone. */
  arrived(track: RoomTrack): void {
    const old = this.sent.get(track.id);
    if (old) this.drop(old);
    this.sent.set(track.id, track);
  }

  gone(media: LiveKitRemote): void {
    for (const track of [...this.sent.values()]) if (track.media === media) this.drop(track);
  }

  clear(): void {
    for (const track of [...this.sent.values()]) this.drop(track);
  }

  spare(on: boolean): void {
    for (const track of this.sent.values()) track.spare(on);
  }

  /** Only people of our own roster are shown, and of them only what they say they send. */
  reconcile(people: readonly RosterPerson[]): void {
    const media = new Map(people.map((person) => [person.id, person.media]));
    for (const track of this.sent.values()) {
      const flags = media.get(track.participant);
      const wanted: Record<TrackSource, boolean> = {
        microphone: flags !== undefined,
        camera: flags?.cam === true && !track.publication.isMuted,
        screen: flags?.screen === true,
        "screen-audio": flags?.screen === true,
      };
      if (wanted[track.source]) this.offer(track);
      else this.withdraw(track);
    }
  }

  /** Tell of each source again once its first picture or sound is here: whoever still plays it elsewhere changes over. */
  async lookForFirst(): Promise<void> {
    for (const track of [...this.shown.values()]) {
      if (track.flowing) continue;
      track.learn(await reportOf(track));
      if (track.flowing && this.shown.get(track.id) === track) this.emit("track", { change: "added", track });
    }
  }

  /** What the browser tells of each source we are sent. */
  reports() {
    return Promise.all([...this.sent.values()].map(async (track) => ({ track, rows: await reportOf(track) })));
  }

  private drop(track: RoomTrack): void {
    if (this.sent.get(track.id) === track) this.sent.delete(track.id);
    this.withdraw(track);
  }

  private offer(track: RoomTrack): void {
    if (this.shown.has(track.id)) return;
    this.shown.set(track.id, track);
    this.emit("track", { change: "added", track });
  }

  private withdraw(track: RoomTrack): void {
    if (this.shown.get(track.id) !== track) return;
    this.shown.delete(track.id);
    this.emit("track", { change: "removed", track });
  }
}
