/** Who is in the meeting at Microsoft, and their pictures, as the pages show people. Sound is played by the kit. */
import { Emitter } from "../../call/emitter";
import type { CallEvents, CallTrack, Participant } from "../../call/session";
import type { Kit, KitCall, KitPerson, KitRenderer, KitVideo } from "./kit";

/** States in which somebody is in the meeting: who waits outside, or is rung up, is not shown as if they were. */
const INSIDE: ReadonlySet<string> = new Set(["Connected", "Hold"]);

/** One picture of somebody, drawn by the kit into an element of its own beside ours. */
export class Picture implements CallTrack {
  readonly id: string;
  readonly kind = "video" as const;
  readonly source: "camera" | "screen";
  private readonly drawn = new Map<HTMLMediaElement, { readonly renderer: KitRenderer; target: HTMLElement | null }>();

  constructor(
    private readonly kit: Kit,
    readonly participant: string,
    readonly stream: KitVideo,
  ) {
    this.source = sourceOf(stream);
    this.id = `${participant}/${this.source}`;
  }

  get flowing(): boolean {
    return this.stream.isReceiving;
  }

  attach(element: HTMLMediaElement): void {
    if (this.drawn.has(element)) return;
    const renderer = new this.kit.VideoStreamRenderer(this.stream);
    const drawing = { renderer, target: null as HTMLElement | null };
    this.drawn.set(element, drawing);
    const scalingMode = this.source === "screen" ? "Fit" : "Crop";
    renderer.createView({ scalingMode }).then(
      ({ target }) => {
        if (this.drawn.get(element) !== drawing) return;
        drawing.target = target;
        target.className = element.className;
        target.setAttribute("role", "img");
        target.setAttribute("aria-label", element.getAttribute("aria-label") ?? "");
        element.style.display = "none";
        element.after(target);
      },
      () => this.detach(element),
    );
  }

  detach(element: HTMLMediaElement): void {
    const drawing = this.drawn.get(element);
    if (!drawing) return;
    this.drawn.delete(element);
    drawing.target?.remove();
    element.style.display = "";
    drawing.renderer.dispose();
  }

  clear(): void {
    for (const element of [...this.drawn.keys()]) this.detach(element);
  }

  setVisible(): void {
    // the kit asks for what its elements show
  }
}

interface Known {
  readonly person: KitPerson;
  readonly id: string;
  shown: Participant | null;
  readonly stops: (() => void)[];
  readonly streams: Map<KitVideo, () => void>;
}

export class People extends Emitter<Pick<CallEvents, "participant" | "track">> {
  readonly participants = new Map<string, Participant>();
  readonly tracks = new Map<string, Picture>();
  private readonly known = new Map<KitPerson, Known>();
  private count = 0;

  constructor(private readonly kit: Kit) {
    super();
  }

  /** Follow everybody of `call`; the answer stops. */
  follow(call: KitCall): () => void {
    const changed = ({ added, removed }: { added: readonly KitPerson[]; removed: readonly KitPerson[] }) => {
      for (const person of added) this.meet(person);
      for (const person of removed) this.forget(person);
    };
    changed({ added: call.remoteParticipants, removed: [] });
    call.on("remoteParticipantsUpdated", changed);
    return () => call.off("remoteParticipantsUpdated", changed);
  }

  /** Who speaks at this moment. */
  get speaking(): readonly string[] {
    return [...this.known.values()].filter(({ person, shown }) => shown && person.isSpeaking && !person.isMuted).map(({ id }) => id);
  }

  /** The name captions call somebody by may be one of several people's: the first is taken, "" where there is none. */
  named(name: string): string {
    return [...this.participants.values()].find((one) => one.name === name)?.id ?? "";
  }

  clear(): void {
    for (const person of [...this.known.keys()]) this.forget(person);
  }

  private meet(person: KitPerson): void {
    if (this.known.has(person)) return;
    const known: Known = { person, id: `there${(this.count += 1)}`, shown: null, stops: [], streams: new Map() };
    this.known.set(person, known);
    const look = () => this.look(known);
    for (const event of ["stateChanged", "isMutedChanged", "displayNameChanged"] as const) {
      person.on(event, look);
      known.stops.push(() => person.off(event, look));
    }
    const streams = ({ added, removed }: { added: readonly KitVideo[]; removed: readonly KitVideo[] }) => {
      for (const stream of added) this.watch(known, stream);
      for (const stream of removed) this.unwatch(known, stream);
      look();
    };
    person.on("videoStreamsUpdated", streams);
    known.stops.push(() => person.off("videoStreamsUpdated", streams));
    streams({ added: person.videoStreams, removed: [] });
  }

  private watch(known: Known, stream: KitVideo): void {
    if (known.streams.has(stream)) return;
    const look = () => this.look(known);
    stream.on("isAvailableChanged", look);
    stream.on("isReceivingChanged", look);
    known.streams.set(stream, () => {
      stream.off("isAvailableChanged", look);
      stream.off("isReceivingChanged", look);
    });
  }

  private unwatch(known: Known, stream: KitVideo): void {
    known.streams.get(stream)?.();
    known.streams.delete(stream);
  }

  private look(known: Known): void {
    const { person, id } = known;
    const inside = INSIDE.has(person.state);
    const sends = (source: string) => [...known.streams.keys()].some((one) => one.isAvailable && sourceOf(one) === source);
    const now: Participant | null = inside
      ? { id, name: person.displayName ?? "", role: "provider", micOn: !person.isMuted, camOn: sends("camera"), sharing: sends("screen"), present: true }
      : null;
    const before = known.shown;
    known.shown = now;
    if (now) {
      this.participants.set(id, now);
      if (!before || differs(before, now)) this.emit("participant", { change: before ? "changed" : "joined", participant: now });
    } else if (before) {
      this.participants.delete(id);
      this.emit("participant", { change: "left", participant: before });
    }
    this.offer(known, inside);
  }

  private offer(known: Known, inside: boolean): void {
    const wanted = new Map<string, KitVideo>();
    for (const stream of known.streams.keys()) if (inside && stream.isAvailable) wanted.set(`${known.id}/${sourceOf(stream)}`, stream);
    for (const picture of [...this.tracks.values()]) {
      if (picture.participant === known.id && wanted.get(picture.id) !== picture.stream) this.withdraw(picture);
    }
    for (const [id, stream] of wanted) {
      if (this.tracks.has(id)) continue;
      const track = new Picture(this.kit, known.id, stream);
      this.tracks.set(id, track);
      this.emit("track", { change: "added", track });
    }
  }

  private withdraw(track: Picture): void {
    this.tracks.delete(track.id);
    this.emit("track", { change: "removed", track });
    track.clear();
  }

  private forget(person: KitPerson): void {
    const known = this.known.get(person);
    if (!known) return;
    this.known.delete(person);
    for (const stop of known.stops) stop();
    for (const stream of [...known.streams.keys()]) this.unwatch(known, stream);
    this.offer(known, false);
    if (!known.shown) return;
    this.participants.delete(known.id);
    this.emit("participant", { change: "left", participant: known.shown });
  }
}

function sourceOf(stream: KitVideo): "camera" | "screen" {
  return stream.mediaStreamType === "ScreenSharing" ? "screen" : "camera";
}

function differs(a: Participant, b: Participant): boolean {
  return a.name !== b.name || a.micOn !== b.micOn || a.camOn !== b.camOn || a.sharing !== b.sharing;
}
