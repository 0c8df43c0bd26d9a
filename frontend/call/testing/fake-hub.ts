import { Emitter } from "../emitter";
import type { Seat, Signalling, SignallingEvents } from "../signalling";
import type { Ability, BackendInfo, MediaFlags, RosterPerson, SignalData } from "../wire";

const ROLE = { hand: null, role_in_call: "collaborator", abilities: ["send_media", "share_screen"] } as const;

/** The server's part of a call: seats, the roster, and signals to one person, delivered in order. */
export class FakeHub {
  readonly lines = new Map<string, FakeLine>();
  private order = 0;

  line(id: string): FakeLine {
    const made = new FakeLine(this, id);
    this.lines.set(id, made);
    return made;
  }

  sit(line: FakeLine, media: MediaFlags): Seat {
    this.order += 1;
    line.seat = line.kept ?? { join: `${line.selfId}-${this.order}`, order: this.order, backend: line.backend };
    line.media = media;
    this.showRoster();
    return line.seat;
  }

  showRoster(): void {
    const people: RosterPerson[] = [...this.lines.values()].flatMap((line) =>
      line.seat
        ? [
            {
              id: line.selfId,
              name: line.selfId,
              role: "consumer" as const,
              join: line.seat.join,
              order: line.seat.order,
              epoch: line.carriedBy.at(-1) ?? 0,
              ...ROLE,
              abilities: line.abilities,
              media: line.media,
              connection: line.alive ? ("ok" as const) : ("reconnecting" as const),
            },
          ]
        : [],
    );
    for (const line of this.lines.values()) line.hear(() => line.seated(people));
  }
}

export class FakeLine extends Emitter<SignallingEvents> implements Signalling {
  alive = true;
  servers: RTCIceServer[] = [];
  people: readonly RosterPerson[] = [];
  /** What carries the call, as the next seat is told. */
  backend: BackendInfo = { kind: "p2p", room: "room", epoch: 1 };
  readonly carriedBy: number[] = [];
  lineFailures = 0;
  abilities: readonly Ability[] = ["send_media", "share_screen"];
  seat: Seat | null = null;
  media: MediaFlags = { mic: false, cam: false, screen: false };
  refuse: Error | null = null;
  /** The place the next question for one is answered with. */
  kept: Seat | null = null;
  private held: (() => void)[] = [];

  constructor(
    private readonly hub: FakeHub,
    readonly selfId: string,
  ) {
    super();
  }

  /** What arrives while the socket is away is replayed when it is back. */
  hear(task: () => void): void {
    if (this.alive) queueMicrotask(task);
    else this.held.push(task);
  }

  lose(): void {
    this.alive = false;
    this.hub.showRoster();
    this.emit("lost", undefined);
  }

  resume(): void {
    this.alive = true;
    for (const task of this.held.splice(0)) task();
    this.hub.showRoster();
    this.emit("resumed", undefined);
  }

  seated(people: readonly RosterPerson[]): void {
    this.people = people;
    this.emit("roster", people);
  }

  carried(epoch: number): void {
    this.carriedBy.push(epoch);
    this.hub.showRoster();
  }

  askBackend(): Promise<BackendInfo | null> {
    if (!this.alive) return Promise.resolve(null);
    this.emit("backend", { backend: this.backend, why: "" });
    return Promise.resolve(this.backend);
  }

  lineFailed(): void {
    this.lineFailures += 1;
  }

  takeSeat(media: MediaFlags): Promise<Seat> {
    return this.refuse ? Promise.reject(this.refuse) : Promise.resolve(this.hub.sit(this, media));
  }

  leaveSeat(): Promise<void> {
    this.seat = null;
    this.hub.showRoster();
    return Promise.resolve();
  }

  tellMedia(media: MediaFlags): void {
    this.media = media;
    this.hub.showRoster();
  }

  signal(to: string, join: string, epoch: number, data: SignalData): void {
    const other = this.hub.lines.get(to);
    const from = this.seat;
    if (!other || !from || other.seat?.join !== join) return;
    other.hear(() => other.emit("signal", { from: this.selfId, join: from.join, epoch, data }));
  }

  iceServers(): Promise<RTCIceServer[]> {
    return Promise.resolve(this.servers);
  }
}

/** A microphone or camera that remembers whether it was stopped. */
export class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  contentHint = "";
  constructor(readonly kind: "audio" | "video") {
    super();
  }
  stop(): void {
    this.stopped = true;
  }
  getSettings() {
    return {};
  }
}

export function fakeStream(...kinds: ("audio" | "video")[]): MediaStream {
  const tracks = kinds.map((kind) => new FakeTrack(kind));
  return {
    getTracks: () => tracks,
    getAudioTracks: () => tracks.filter((track) => track.kind === "audio"),
    getVideoTracks: () => tracks.filter((track) => track.kind === "video"),
  } as unknown as MediaStream;
}
