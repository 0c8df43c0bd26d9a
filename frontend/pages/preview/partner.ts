/** Stands in for what carries calls: everybody whom the preview names is there at once, drawn, and nothing is sent. */
import type { SessionMaker } from "../../call/carried";
import { Emitter } from "../../call/emitter";
import type { P2POptions } from "../../call/p2p";
import {
  participantOf,
  type CallEvents,
  type CallSession,
  type CallState,
  type CallTrack,
  type Capabilities,
  type DataUse,
  type Participant,
  type Sending,
  type StatsSnapshot,
} from "../../call/session";
import type { Signalling } from "../../call/signalling";
import type { RosterPerson } from "../../call/wire";
import { PARTNER, pictureOf } from "./picture";

class DrawnTrack implements CallTrack {
  readonly kind = "video";
  readonly source = "camera";
  readonly flowing = true;
  readonly id: string;
  private readonly stream = new MediaStream([pictureOf(PARTNER)]);

  constructor(readonly participant: string) {
    this.id = `${participant}/camera`;
  }

  attach(element: HTMLMediaElement): void {
    element.srcObject = this.stream;
  }

  detach(element: HTMLMediaElement): void {
    element.srcObject = null;
  }

  setVisible(): void {
    // it costs nobody anything
  }
}

const done = () => Promise.resolve();

class DrawnSession extends Emitter<CallEvents> implements CallSession {
  readonly kind = "p2p";
  state: CallState = "connecting";
  readonly participants = new Map<string, Participant>();
  readonly tracks = new Map<string, CallTrack>();
  readonly capabilities: Capabilities = { screenShare: true, endToEndEncrypted: true, maxParticipants: 4 };
  readonly sending: Sending = { rung: "full", reason: "none" };
  readonly dataUse: DataUse = { bytes: 0, bytesPerHour: null };
  readonly stats: ReadonlyMap<string, StatsSnapshot> = new Map();
  readonly micOn = true;
  readonly camOn = true;
  readonly sharing = false;
  readonly lowBandwidth = false;
  readonly prepare = done;
  readonly leave = done;
  readonly setMic = done;
  readonly setCam = done;
  readonly useDevice = done;
  readonly setLowBandwidth = done;
  readonly shareScreen = done;
  readonly stopShare = done;
  readonly retry = () => undefined;
  readonly abandon = () => undefined;
  readonly send = () => undefined;

  constructor(private readonly signalling: Signalling) {
    super();
  }

  connect(): Promise<void> {
    const show = (people: readonly RosterPerson[]) => people.forEach((person) => this.meet(person));
    this.signalling.on("roster", show);
    show(this.signalling.people);
    this.state = "connected";
    this.emit("state", { state: "connected", silentFor: 0 });
    for (const participant of this.participants.keys()) this.emit("code", { participant, code: "482 915" });
    return done();
  }

  private meet(person: RosterPerson): void {
    if (person.id === this.signalling.selfId || this.participants.has(person.id)) return;
    const participant = participantOf(person);
    this.participants.set(person.id, participant);
    this.emit("participant", { change: "joined", participant });
    const track = new DrawnTrack(person.id);
    this.tracks.set(track.id, track);
    this.emit("track", { change: "added", track });
    this.emit("quality", { participant: person.id, level: 4, reason: "none" });
  }
}

export function backends({ signalling }: P2POptions): SessionMaker {
  return () => new DrawnSession(signalling);
}
