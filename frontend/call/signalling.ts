/** How a call session reaches the others before media does, over the visit socket. */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import { CommandRefused, type Frame, type ResumableSocket } from "./socket";
import type { BackendInfo, MediaFlags, RosterPerson, SignalData, VisitMessages, VisitWelcome } from "./wire";

export interface Seat {
  readonly join: string;
  readonly order: number;
  /** What carries the call now. */
  readonly backend: BackendInfo;
}

export interface SignallingEvents {
  roster: readonly RosterPerson[];
  signal: { from: string; join: string; epoch: number; data: SignalData };
  /** The socket was lost; media is to be left alone. */
  lost: void;
  /** The same session goes on: restart ICE, our address may have changed. */
  resumed: void;
  /** A new session: our seat in the call is gone and must be taken again. */
  fresh: void;
  /** The server or another tab ended our part. */
  ended: { reason: string };
  /** Something else carries the call from now on: connect there while the old one plays, then say `carried`. */
  backend: { backend: BackendInfo; why: string };
}

export interface Signalling extends Pick<Emitter<SignallingEvents>, "on"> {
  readonly selfId: string;
  readonly alive: boolean;
  /** The servers last heard of; none before admission. */
  readonly servers: readonly RTCIceServer[];
  /** Who has a seat, as last heard; empty before our own was taken. */
  readonly people: readonly RosterPerson[];
  takeSeat(media: MediaFlags): Promise<Seat>;
  leaveSeat(reason: string): Promise<void>;
  tellMedia(media: MediaFlags): void;
  /** We play over the backend of that epoch now. */
  carried(epoch: number): void;
  /** We and the others do not reach each other: the server may let something else carry the call. */
  lineFailed(): void;
  signal(to: string, join: string, epoch: number, data: SignalData): void;
  /** Fresh servers, with the last known ones when the server cannot be asked now. */
  iceServers(): Promise<readonly RTCIceServer[]>;
  /** What carries the call now, with a new token; null when that cannot be said now. Rejects for who is not in it. */
  askBackend(): Promise<BackendInfo | null>;
}

/** What a server that names no backend means. */
const FIRST_BACKEND: BackendInfo = { kind: "p2p", room: "", epoch: 1 };
const ICE_WAIT_MS = 3000;
/** Refusals that asking again does not change. */
const SHUT: ReadonlySet<string> = new Set(["not_admitted", "not_in_call", "meeting_over"]);

export class VisitSignalling extends Emitter<SignallingEvents> implements Signalling {
  selfId = "";
  servers: readonly RTCIceServer[] = [];
  people: readonly RosterPerson[] = [];
  private joined: VisitMessages["joined"] | null = null;
  private place: { readonly join: string; readonly order: number } | null = null;
  private answered: BackendInfo | null = null;

  constructor(
    private readonly socket: ResumableSocket<VisitWelcome>,
    private readonly clock: Clock = systemClock,
  ) {
    super();
    socket.on("welcome", (welcome) => {
      this.selfId = welcome.participant.id;
      this.emit(welcome.resumed ? "resumed" : "fresh", undefined);
    });
    socket.on("status", ({ status }) => status === "lost" && this.emit("lost", undefined));
    socket.on("bye", (bye) => !bye.retry && this.emit("ended", { reason: bye.code }));
    socket.on("message", (frame) => this.hear(frame));
  }

  get alive(): boolean {
    return this.socket.alive;
  }

  async takeSeat(media: MediaFlags): Promise<Seat> {
    this.joined = null;
    this.people = [];
    // The same place again, where the server allows it: what flows between us and the others need not stop.
    const keep = this.place ? { keep: this.place } : {};
    await this.socket.ask({ type: "join_call", media, ...keep });
    const joined = this.joined as VisitMessages["joined"] | null;
    // `joined` precedes its `done`; a server that says otherwise is not one we can hold a call with.
    if (!joined) throw new CommandRefused("failed", "");
    this.place = { join: joined.join, order: joined.order };
    return { join: joined.join, order: joined.order, backend: { ...FIRST_BACKEND, ...joined.backend } };
  }

  async leaveSeat(reason: string): Promise<void> {
    this.place = null;
    if (this.alive) await this.socket.ask({ type: "leave_call", reason });
  }

  tellMedia(media: MediaFlags): void {
    this.socket.tell({ type: "media", ...media });
  }

  carried(epoch: number): void {
    this.socket.tell({ type: "carried", epoch });
  }

  lineFailed(): void {
    this.socket.tell({ type: "line_failed" });
  }

  signal(to: string, join: string, epoch: number, data: SignalData): void {
    this.socket.tell({ type: "signal", to, to_join: join, epoch, data });
  }

  async iceServers(): Promise<readonly RTCIceServer[]> {
    if (!this.alive) return this.servers;
    const answered = this.socket.ask({ type: "get_ice" }).catch(() => null);
    const tooLate = new Promise<null>((resolve) => this.clock.after(ICE_WAIT_MS, () => resolve(null)));
    await Promise.race([answered, tooLate]);
    return this.servers;
  }

  async askBackend(): Promise<BackendInfo | null> {
    if (!this.alive) return null;
    this.answered = null;
    try {
      await this.socket.ask({ type: "get_backend" });
    } catch (error) {
      if (SHUT.has((error as { code?: string }).code ?? "")) throw error;
      return null;
    }
    return this.answered;
  }

  private hear(frame: Frame): void {
    if (frame.type === "ice") this.servers = (frame as unknown as VisitMessages["ice"]).servers;
    else if (frame.type === "joined") this.joined = frame as unknown as VisitMessages["joined"];
    else if (frame.type === "roster") this.seated((frame as unknown as VisitMessages["roster"]).people);
    else if (frame.type === "backend") this.told(frame as unknown as VisitMessages["backend"]);
    else if (frame.type === "signal") this.emit("signal", frame as unknown as VisitMessages["signal"]);
  }

  private told(message: VisitMessages["backend"]): void {
    this.answered = message.backend;
    this.emit("backend", message);
  }

  private seated(people: readonly RosterPerson[]): void {
    this.people = people;
    this.emit("roster", people);
  }
}
