/** One other person as the peer-to-peer session sees them: their connection, what arrives, and what they get of us. */
import { Ladder } from "./ladder";
import type { Peer } from "./peer";
import type { RemoteTrack } from "./remote-track";
import type { QualityLevel, QualityReason, Rung, StatsSnapshot, TrackSource } from "./session";
import { arrivedBytes, judge, read, type Report, type Totals } from "./stats";
import type { RosterPerson } from "./wire";

export interface Quality {
  readonly level: QualityLevel;
  readonly reason: QualityReason;
}

/** So long no picture, though it is sent and the sound arrives: the line of the picture is broken. */
const STALLED_MS = 5000;
/** A camera that itself stands still is not mended by connecting anew. */
const MENDS = 2;

export class Link {
  readonly media = new Map<TrackSource, RemoteTrack>();
  readonly ladder: Ladder;
  snapshot: StatsSnapshot | null = null;
  /** They stopped sending their picture to save the sound. */
  pictureSaved = false;
  /** Their line is dear or thin: they want the smallest picture. */
  sparing = false;
  /** They pinned our picture. */
  smooth = false;
  private totals: Totals | null = null;
  private totalsOf: RTCPeerConnection | null = null;
  private pictureBytes = 0;
  private pictureAt: number;
  private mends = 0;
  private seenBytes = 0;
  private quality = "";
  private route = "";

  constructor(
    public person: RosterPerson,
    readonly peer: Peer,
    now: number,
    audioFirst: boolean,
  ) {
    this.pictureAt = now;
    this.ladder = new Ladder(now, audioFirst ? "audio-only" : "full");
  }

  /** Take in one report. Says whether anything arrived since the last one. */
  learn(report: Report, now: number): boolean {
    // A new connection counts from zero: comparing with the old one would make losses of nothing.
    if (this.totalsOf !== this.peer.connection) {
      this.totals = null;
      this.seenBytes = 0;
    }
    this.totalsOf = this.peer.connection;
    const { snapshot, totals } = read(this.person.id, report, now, this.totals);
    this.lookAtPicture(arrivedBytes(report, "video"), now);
    const arrived = totals.bytes > (this.totals?.bytes ?? 0);
    this.totals = totals;
    this.snapshot = snapshot;
    return arrived;
  }

  private lookAtPicture(bytes: number, now: number): void {
    const expected = this.pictureBytes > 0 && this.person.media.cam && !this.pictureSaved && this.peer.state === "connected";
    if (expected && bytes === this.pictureBytes) return;
    if (bytes > this.pictureBytes && expected) this.mends = 0;
    this.pictureBytes = bytes;
    this.pictureAt = now;
  }

  /** Whether the picture is missing although everything else arrives, so that the connection is to be made anew. */
  pictureStalled(now: number): boolean {
    if (this.mends >= MENDS || now - this.pictureAt < STALLED_MS) return false;
    this.mends += 1;
    this.pictureAt = now;
    return true;
  }

  /** Whether anything arrived since the last report that was taken in; takes nothing in. */
  lives(report: Report): boolean {
    if (!this.totals || this.totalsOf !== this.peer.connection) return false;
    const bytes = arrivedBytes(report);
    const more = bytes > Math.max(this.totals.bytes, this.seenBytes);
    this.seenBytes = bytes;
    return more;
  }

  /** The bars, when they changed since the last time; null when not. */
  judged(): Quality | null {
    if (!this.snapshot) return null;
    const found = judge(this.snapshot, this.peer.silentFor);
    const told: Quality = this.pictureSaved ? { ...found, reason: "audio-only" } : found;
    const key = `${told.level}${told.reason}`;
    if (key === this.quality) return null;
    this.quality = key;
    return told;
  }

  /** The way media takes, when it changed since the last time; null when not. */
  rerouted(): string | null {
    const route = this.snapshot?.route ?? "";
    if (!route || route === this.route) return null;
    this.route = route;
    return route;
  }

  /** Whether the rung changed. */
  climb(now: number): boolean {
    if (!this.snapshot) return false;
    const { outgoing, limitation, lossSent, rtt } = this.snapshot;
    const before: Rung = this.ladder.rung;
    const limited = limitation === "bandwidth";
    return this.ladder.step({ estimate: outgoing, limited, loss: lossSent, rtt, busy: limitation === "cpu" }, now) !== before;
  }
}
