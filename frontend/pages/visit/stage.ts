/** The call on a page: pictures, controls, messages and trouble, drawn from a `CallSession` and a `VisitRoom`. */
import { html, nothing, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import "../../elements/call-controls-define";
import "../../elements/chat-panel-define";
import "../../elements/connection-banner-define";
import "../../elements/device-menus-define";
import "../../elements/verification-code-define";
import "../../elements/video-tile-define";
import type { DeviceProblem } from "../../call/devices";
import { canShareScreen } from "../../call/devices";
import type { LocalMedia } from "../../call/local-media";
import { Meter, analyserSource } from "../../call/meter";
import type { CallSession, CallState, CallTrack, Participant } from "../../call/session";
import { playChime } from "../../call/speaker";
import type { ThreadItem } from "../../call/thread";
import type { VisitRoom } from "../../call/visit-room";
import type { WaitingPerson } from "../../call/wire";
import { icon } from "../../elements/page";
import type { TileQuality } from "../../elements/video-tile";
import { say, type Values, type WordKey, type Words } from "../../elements/words";

const IDLE_AFTER_MS = 4000;
const NOTE_MS = 6000;

export interface StageOptions {
  readonly container: HTMLElement;
  readonly room: VisitRoom;
  readonly session: CallSession & { retry?: () => void };
  readonly local: LocalMedia;
  readonly words: Words;
  readonly provider: string;
  readonly phone: string;
  readonly leave: () => void;
  readonly end: () => void;
  readonly admit: (participant: string) => void;
}

type Panel = "none" | "chat" | "devices";

export class Stage {
  private state: CallState = "connecting";
  private silentFor = 0;
  private panel: Panel = "none";
  private note = "";
  private said = "";
  private silentMic = false;
  private hear: (() => Promise<void>) | null = null;
  private readonly qualities = new Map<string, TileQuality>();
  private readonly codes = new Map<string, string | null>();
  private readonly busy = new Set<string>();
  private knocked = new Set<string>();
  private readonly began = Date.now();
  private readonly stops: (() => void)[] = [];
  private meter: Meter | null = null;
  private meteredTrack: MediaStreamTrack | null = null;
  private drawing = false;
  private idleTimer = 0;
  private noteTimer = 0;
  private gone = false;

  constructor(private readonly options: StageOptions) {
    this.listen();
    this.wake();
    this.draw();
    queueMicrotask(() => this.options.container.querySelector<HTMLElement>("h1")?.focus());
  }

  close(): void {
    this.gone = true;
    for (const stop of this.stops.splice(0)) stop();
    this.meter?.stop();
    clearTimeout(this.idleTimer);
    clearTimeout(this.noteTimer);
    render(nothing, this.options.container);
  }

  private say(key: WordKey, values?: Values): string {
    return say(this.options.words, key, values);
  }

  private listen(): void {
    const { session, room, local, container } = this.options;
    const redraw = () => this.draw();
    this.stops.push(
      session.on("state", ({ state, silentFor }) => this.became(state, silentFor)),
      session.on("participant", ({ change, participant }) => this.met(change, participant)),
      session.on("track", redraw),
      session.on("quality", ({ participant, level, reason }) => this.set(() => this.qualities.set(participant, { level, reason }))),
      session.on("code", ({ participant, code }) => this.set(() => this.codes.set(participant, code))),
      session.on("needsGesture", ({ retry }) => this.set(() => (this.hear = retry))),
      room.on("change", () => this.listenAtTheDoor()),
      room.thread.on("arrived", (item) => this.arrived(item)),
      local.on("change", redraw),
      local.on("track", ({ source, lost }) => this.lostDevice(source, lost)),
    );
    const wake = () => this.wake();
    for (const name of ["pointermove", "pointerdown", "keydown", "focusin"]) {
      container.addEventListener(name, wake);
      this.stops.push(() => container.removeEventListener(name, wake));
    }
    const seconds = setInterval(redraw, 1000);
    this.stops.push(() => clearInterval(seconds));
  }

  private set(change: () => void): void {
    change();
    this.draw();
  }

  /** Several changes in one moment are drawn once. */
  private draw(): void {
    if (this.drawing || this.gone) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      if (this.gone) return;
      render(this.view(), this.options.container);
      if (!this.quiet) delete this.options.container.querySelector<HTMLElement>(".call")?.dataset["idle"];
      this.showSelf();
      this.meterMicrophone();
      if (this.panel === "chat" && document.visibilityState === "visible") this.options.room.markRead();
    });
  }

  private view() {
    const { session } = this.options;
    const others = [...session.participants.values()];
    return html`<div class="call" data-state=${this.state} role="region" aria-label=${this.say("call.title")} @keydown=${this.onKey}>
      <div class="call__stage">
        ${this.pictures(others)} ${this.self()} ${this.top(others)}
        <connection-banner .state=${this.state} .silentFor=${this.silentFor} .tap=${this.hear !== null} .note=${this.trouble()}
          .canSave=${session.camOn} .phone=${this.options.phone} @retry=${() => session.retry?.()}
          @camera-off=${() => void session.setCam(false)} @hear=${() => void this.hearNow()}></connection-banner>
        <p class="visually-hidden" role="status">${this.said}</p>
      </div>
      ${this.controls()} ${this.side()}
    </div>`;
  }

  private trouble(): string {
    return this.note || (this.silentMic && this.options.session.micOn ? this.say("check.silent") : "");
  }

  private pictures(others: readonly Participant[]) {
    if (!others.length) {
      const { room, provider } = this.options;
      const words = room.self?.staff
        ? this.say("call.alone_staff")
        : this.say("call.alone", { provider: provider || this.say("waiting.team") });
      return html`<div class="call__blank">${icon("user")}<p>${words}</p></div>`;
    }
    const tiles = others.flatMap((participant) => this.tilesOf(participant));
    return html`<div class="call__people" data-count=${tiles.length} role="group" aria-label=${this.say("call.people")}>
      ${repeat(tiles, (tile) => tile.key, (tile) => tile.view)}
    </div>`;
  }

  /** One tile for the person, and one more for the screen they share. */
  private tilesOf(participant: Participant) {
    const camera = this.track(participant.id, "camera");
    const screen = this.track(participant.id, "screen");
    const tile = (track: CallTrack | null, kind: string) => ({
      key: `${participant.id}/${kind}`,
      view: html`<video-tile data-kind=${kind} data-participant=${participant.id} .participant=${participant} .track=${track}
        .quality=${this.qualities.get(participant.id) ?? null} .note=${this.blankWords(participant)}></video-tile>`,
    });
    return screen ? [tile(screen, "screen"), tile(camera, "camera")] : [tile(camera, "camera")];
  }

  private blankWords(participant: Participant): string {
    const { name } = participant;
    if (!participant.present) return this.say("call.reconnecting_other", { name });
    if (this.state === "connecting") return this.say("call.connecting", { name });
    return participant.camOn ? this.say("call.picture_saved") : this.say("call.camera_off", { name });
  }

  private track(participant: string, source: string): CallTrack | null {
    return this.options.session.tracks.get(`${participant}/${source}`) ?? null;
  }

  private self() {
    const { session } = this.options;
    if (!session.camOn && !session.sharing) return nothing;
    const words = session.sharing ? this.say("call.sharing_self") : this.say("call.you");
    return html`<div class="call__self">
      <video class=${session.sharing ? "" : "is-mirrored"} playsinline autoplay muted aria-label=${this.say("call.self")}></video>
      <span class="call__self-note">${words}</span>
    </div>`;
  }

  private top(others: readonly Participant[]) {
    const { room, session } = this.options;
    const minutes = Math.floor((Date.now() - this.began) / 60_000);
    const seconds = String(Math.floor((Date.now() - this.began) / 1000) % 60).padStart(2, "0");
    const only = others.length === 1 ? others[0] : undefined;
    return html`<div class="call__top">
      <h1 tabindex="-1" dir="auto">${room.meeting?.title || this.say("call.title")}</h1>
      <span class="call__pill" role="timer" aria-live="off">${minutes}:${seconds}</span>
      ${only && session.capabilities.endToEndEncrypted
        ? html`<verification-code .code=${this.codes.get(only.id) ?? ""}></verification-code>`
        : nothing}
      ${this.knocking()}
    </div>`;
  }

  private get atTheDoor(): readonly WaitingPerson[] {
    return this.options.room.waiting.filter((person) => person.state === "waiting");
  }

  /** Whoever comes to the waiting room during a call is heard once, and seen until they are let in. */
  private listenAtTheDoor(): void {
    const fresh = this.atTheDoor.find((person) => !this.knocked.has(person.id));
    this.knocked = new Set(this.atTheDoor.map((person) => person.id));
    if (fresh) {
      this.said = this.say("call.knocks", { name: fresh.name });
      void playChime().catch(() => undefined);
    }
    this.draw();
  }

  private knocking() {
    return this.atTheDoor.map(
      (person) => html`<span class="call__pill" data-waiting=${person.id}>${icon("door-open")}
        <span dir="auto">${person.name}</span>
        <button type="button" class="button button--small" @click=${() => this.options.admit(person.id)}>
          ${this.say("desk.admit")}</button></span>`,
    );
  }

  private controls() {
    const { session, room } = this.options;
    return html`<call-controls .mic=${session.micOn} .cam=${session.camOn} .sharing=${session.sharing}
      .canShare=${session.capabilities.screenShare && canShareScreen()} .canEnd=${room.self?.staff ?? false}
      .unread=${room.thread.unread} .chatOpen=${this.panel === "chat"} .devicesOpen=${this.panel === "devices"}
      .busy=${new Set(this.busy)}
      @toggle-mic=${() => void this.attempt("mic", () => session.setMic(!session.micOn))}
      @toggle-cam=${() => void this.attempt("cam", () => session.setCam(!session.camOn))}
      @toggle-share=${() => void this.share()}
      @toggle-chat=${() => this.open("chat")} @toggle-devices=${() => this.open("devices")}
      @leave=${() => this.options.leave()} @end-for-all=${() => this.options.end()}></call-controls>`;
  }

  private side() {
    if (this.panel === "none") return nothing;
    const title = this.panel === "chat" ? this.say("chat.title") : this.say("control.devices");
    return html`<aside class="call__side" aria-label=${title}>
      <div class="call__side-head"><h2>${title}</h2>
        <button type="button" class="button button--quiet button--icon" aria-label=${this.say("control.close")}
          @click=${() => this.open("none")}>${icon("close")}</button></div>
      ${this.panel === "chat" ? this.chat() : this.devices()}
    </aside>`;
  }

  private chat() {
    const { room } = this.options;
    const { thread } = room;
    return html`<chat-panel .items=${thread.items} .self=${room.self?.id ?? ""} .typing=${[...room.typing.values()]} .more=${thread.more}
      @send=${(event: CustomEvent<string>) => thread.send(event.detail)}
      @retry=${(event: CustomEvent<ThreadItem>) => thread.retry(event.detail)}
      @typing=${(event: CustomEvent<boolean>) => room.markTyping(event.detail)}
      @earlier=${() => void room.earlier().catch(() => undefined)}></chat-panel>`;
  }

  private devices() {
    return html`<div class="dialog__body"><device-menus .local=${this.options.local}
      @speaker=${(event: CustomEvent<string>) => void this.options.session.useDevice("audiooutput", event.detail).catch(() => undefined)}
      @refused=${(event: CustomEvent<DeviceProblem>) => this.tell(this.problemWords(event.detail))}></device-menus></div>`;
  }

  private readonly onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || this.panel === "none" || this.options.container.querySelector("dialog[open]")) return;
    this.open("none");
  };

  private open(panel: Panel): void {
    const before = this.panel;
    this.panel = before === panel ? "none" : panel;
    this.draw();
    setTimeout(() => this.moveFocus(before), 0);
  }

  /** Into the panel that opened; back to its button when it closed. */
  private moveFocus(before: Panel): void {
    const { container } = this.options;
    if (this.panel === "chat") container.querySelector("chat-panel")?.focus();
    else if (this.panel === "devices") container.querySelector<HTMLElement>(".call__side button")?.focus();
    else container.querySelector<HTMLElement>(`[data-control="${before}"]`)?.focus();
  }

  private became(state: CallState, silentFor: number): void {
    const recovered = state === "connected" && (this.state === "reconnecting" || this.state === "unstable");
    this.state = state;
    this.silentFor = silentFor;
    if (recovered) this.said = this.say("line.back");
    this.draw();
  }

  private met(change: "joined" | "left" | "changed", { name, sharing, id }: Participant): void {
    if (change === "joined") this.said = this.say("call.joined", { name });
    else if (change === "left") this.said = this.say("call.left", { name });
    else if (sharing && !this.track(id, "screen")) this.said = this.say("call.shares", { name });
    if (change === "left") this.qualities.delete(id);
    this.draw();
  }

  private arrived(item: ThreadItem): void {
    if (this.panel !== "chat") this.said = this.say("chat.new", { name: item.from.name });
    this.draw();
  }

  private lostDevice(source: string, lost: boolean): void {
    if (!lost) return;
    if (source === "microphone") this.tell(this.say("control.lost_microphone"));
    if (source === "camera") this.tell(this.say("control.lost_camera"));
  }

  /** A line that goes by itself. */
  private tell(note: string): void {
    this.note = note;
    clearTimeout(this.noteTimer);
    this.noteTimer = setTimeout(() => this.set(() => (this.note = "")), NOTE_MS) as unknown as number;
    this.draw();
  }

  private problemWords(problem: DeviceProblem): string {
    return problem === "denied" ? this.say("problem.denied.title") : this.say("control.device_failed");
  }

  private async attempt(name: string, action: () => Promise<void>): Promise<void> {
    if (this.busy.has(name)) return;
    this.busy.add(name);
    this.draw();
    try {
      await action();
    } catch (error) {
      this.tell(this.problemWords((error as { problem?: DeviceProblem }).problem ?? "unknown"));
    }
    this.busy.delete(name);
    this.draw();
  }

  private async share(): Promise<void> {
    const { session } = this.options;
    if (session.sharing) return session.stopShare();
    this.busy.add("share");
    this.draw();
    try {
      await session.shareScreen({ audio: true });
    } catch (error) {
      // Closing the picker is an answer, not a fault.
      if ((error as { name?: string }).name !== "NotAllowedError") this.tell(this.say("control.share_failed"));
    }
    this.busy.delete("share");
    this.draw();
  }

  private async hearNow(): Promise<void> {
    try {
      await this.hear?.();
      this.hear = null;
    } catch {
      // still refused: the button stays
    }
    this.draw();
  }

  private showSelf(): void {
    const video = this.options.container.querySelector<HTMLVideoElement>(".call__self video");
    if (!video) return;
    const { local } = this.options;
    const track = local.track("screen") ?? local.track("camera");
    const shown = (video.srcObject as MediaStream | null)?.getVideoTracks()[0] ?? null;
    if (!track || shown === track) return;
    video.srcObject = new MediaStream([track]);
    video.muted = true;
    void video.play().catch(() => undefined);
  }

  private meterMicrophone(): void {
    const { local } = this.options;
    const track = local.track("microphone");
    if (track === this.meteredTrack) return;
    this.meter?.stop();
    this.meter = null;
    this.meteredTrack = track;
    if (!track || typeof AudioContext === "undefined") return;
    const read = ({ silent }: { silent: boolean }) => {
      if (silent !== this.silentMic) this.set(() => (this.silentMic = silent));
    };
    this.meter = new Meter(analyserSource(track), read, () => !local.micOn);
  }

  /** Nothing needs the person: the other one is there, nobody knocks, no panel is open. */
  private get quiet(): boolean {
    const { session } = this.options;
    return this.state === "connected" && this.panel === "none" && session.participants.size > 0 && !this.atTheDoor.length;
  }

  /** Somebody is there: show the controls, and hide them again when nobody moves for a while. */
  private wake(): void {
    const call = this.options.container.querySelector<HTMLElement>(".call");
    if (call) delete call.dataset["idle"];
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => {
      const now = this.options.container.querySelector<HTMLElement>(".call");
      if (now && this.quiet) now.dataset["idle"] = "";
    }, IDLE_AFTER_MS) as unknown as number;
  }
}
