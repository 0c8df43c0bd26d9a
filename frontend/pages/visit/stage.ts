/** The call on a page: pictures, controls, panels and trouble, drawn from a `CallSession` and a `VisitRoom`. */
import { html, nothing, render } from "lit";
import "../../elements/call-controls-define";
import "../../elements/connection-banner-define";
import "../../elements/keys-dialog-define";
import "../../elements/verification-code-define";
import "../../elements/video-tile-define";
import { Captions } from "../../call/captions";
import { DeviceKeeper } from "../../call/device-keeper";
import type { DeviceProblem } from "../../call/devices";
import { canShareScreen } from "../../call/devices";
import { Journal } from "../../call/journal";
import type { CallState, Participant } from "../../call/session";
import { CommandRefused } from "../../call/socket";
import type { ThreadItem } from "../../call/thread";
import type { Uploads } from "../../call/upload";
import { offersPhone, type MediaFlag, type ReactionKind } from "../../call/wire";
import type { PanelName } from "../../elements/call-controls";
import { Keymap } from "../../elements/keymap";
import { conversationView, uploadsOf } from "../../elements/conversation";
import { again } from "../../elements/going";
import { learnWords } from "../../elements/page";
import { Preferences, type CallPreferences } from "../../elements/preferences";
import { STAGE_ENGLISH } from "../../elements/stage-words";
import type { TileQuality } from "../../elements/video-tile";
import { say, type Values, type WordKey } from "../../elements/words";
import { Announcer } from "./announcer";
import { Speaking } from "./arrangement";
import { Attention, moveFocus } from "./attention";
import { begun } from "./begun";
import { captionLines } from "./captioning";
import { MicrophoneWatch } from "./microphone-watch";
import { CallMove } from "./moving";
import { News } from "./news";
import type { Outside } from "./outside";
import { sidePanel, type PageActions } from "./panels";
import { arrangement, pictures, reactionsShown, trackOf, type Flying } from "./pictures";
import { recordingQuestion } from "./recording";
import type { Scene, StageOptions } from "./scene";
import { selfView, showSelf } from "./self-view";
import { ServerLine } from "./server-line";
import { listenToKeys } from "./shortcuts";
import { SmallWindow, showSmall } from "./small-window";
import { topLine } from "./top";

export type { StageOptions } from "./scene";

const NOTE_MS = 6000;
const REACTION_MS = 4000;

interface Note {
  readonly words: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

export class Stage implements Scene {
  readonly container;
  readonly room;
  readonly session;
  readonly local;
  readonly words;
  readonly provider;
  readonly phone;
  readonly leave;
  readonly end;
  readonly admit;
  readonly prefs = new Preferences();
  readonly keys: Keymap;
  readonly keeper: DeviceKeeper;
  readonly captions: Captions;
  readonly journal: Journal;
  readonly small: SmallWindow;
  readonly move: CallMove;
  readonly codes = new Map<string, string | null>();
  panel: PanelName = "none";
  pinned = "";
  private state: CallState = "connecting";
  private silentFor = 0;
  private note: Note | null = null;
  /** Where somebody else carries the call. */
  beside: Outside | null = null;
  private said = "";
  private hear: (() => Promise<void>) | null = null;
  private readonly qualities = new Map<string, TileQuality>();
  private readonly speaking = new Speaking();
  private readonly busy = new Set<string>();
  private readonly announcer: Announcer;
  private readonly news: News;
  private readonly server: ServerLine;
  private flying: Flying[] = [];
  private flights = 0;
  private readonly began: number;
  private readonly stops: (() => void)[] = [];
  private readonly attention: Attention;
  private readonly microphone: MicrophoneWatch;
  private drawing = false;
  private noteTimer = 0;
  private gone = false;

  private readonly uploads: Uploads;

  constructor(options: StageOptions) {
    learnWords(STAGE_ENGLISH);
    this.container = options.container;
    this.room = options.room;
    this.session = options.session;
    this.local = options.local;
    this.words = options.words;
    this.provider = options.provider;
    this.phone = options.phone;
    this.leave = options.leave;
    this.end = options.end;
    this.admit = options.admit;
    const { room, session, local } = this;
    this.began = begun(room.meeting?.id ?? "");
    this.keys = new Keymap(this.prefs.now.keys);
    this.keeper = new DeviceKeeper(local, session, { blurred: this.prefs.now.blur && room.meeting?.rules.blur !== false });
    this.captions = new Captions({
      send: ({ line, text, final, spoken }) => void room.caption(line, text, final, spoken).catch(() => undefined),
    });
    this.journal = new Journal(session, (events) => room.log(events));
    this.small = new SmallWindow(() => this.draw());
    this.announcer = new Announcer((words) => this.set(() => (this.said = words)));
    this.uploads = uploadsOf(room.chat.thread, this.words);
    for (const news of ["outside", "state"] as const) this.stops.push(session.on(news, () => void this.lookOutside()));
    this.stops.push(this.uploads.on("change", () => this.draw()), () => this.uploads.close());
    this.news = new News(this, () => void this.flip("mic"));
    this.move = new CallMove(this);
    this.server = new ServerLine(room.socket, (lost) => this.reached(!lost));
    this.attention = new Attention(this.container, () => this.quiet);
    this.microphone = new MicrophoneWatch(local, () => this.draw());
    this.listen();
    this.draw();
    queueMicrotask(() => this.container.querySelector<HTMLElement>("h1")?.focus());
    if (!room.may("send_media")) this.tell(this.t("say.look_on"));
  }

  close(): void {
    if (this.gone) return;
    this.gone = true;
    for (const stop of this.stops.splice(0)) stop();
    this.journal.stop();
    this.announcer.stop();
    this.captions.stop();
    this.keeper.close();
    this.small.close();
    this.microphone.stop();
    this.attention.stop();
    this.beside?.close();
    clearTimeout(this.noteTimer);
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    render(nothing, this.container);
  }

  // --- what the parts of the stage use ---------------------------------------------------------------------------

  t(key: WordKey, values?: Values): string {
    return say(this.words, key, values);
  }

  /** Several changes in one moment are drawn once. */
  draw(): void {
    if (this.drawing || this.gone) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      if (this.gone) return;
      render(this.view(), this.container);
      this.attention.drawn();
      showSelf(this);
      this.microphone.follow();
      if (this.panel === "chat" && document.visibilityState === "visible") this.room.chat.markRead();
    });
  }

  prefer(change: Partial<CallPreferences>): void {
    this.set(() => this.prefs.set(change));
  }

  tell(words: string, action: Note["action"] = null): void {
    this.note = { words, action };
    clearTimeout(this.noteTimer);
    // What asks for an action stays longer: it has to be reached.
    const stays = action ? 2 * NOTE_MS : NOTE_MS;
    this.noteTimer = setTimeout(() => this.set(() => (this.note = null)), stays) as unknown as number;
    this.draw();
  }

  announce(words: string): void {
    this.announcer.say(words);
  }

  async attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const { problem } = error as { problem?: DeviceProblem };
      if (problem) this.tell(this.problemWords(problem));
      else this.tell(error instanceof CommandRefused && error.sentence ? error.sentence : this.t("say.refused"));
    }
    this.draw();
  }

  open(panel: PanelName): void {
    const before = this.panel;
    this.panel = before === panel ? "none" : panel;
    this.draw();
    setTimeout(() => moveFocus(this.container, this.panel, before), 0);
  }

  pin(key: string): void {
    this.pinned = this.pinned === key ? "" : key;
    const name = this.session.participants.get(key.split("/")[0] ?? "")?.name ?? "";
    this.announce(this.pinned ? this.t("view.pinned", { name }) : this.t("view.unpinned"));
    // Hands that speak need many pictures a second: whoever is pinned is asked for them.
    this.session.send({ smooth: this.pinned ? this.pinned.split("/")[0] : "" });
    this.draw();
  }

  ask(dialog: string): void {
    this.container.querySelector<HTMLDialogElement>(`#${CSS.escape(dialog)}`)?.showModal();
  }

  // --- listening ---------------------------------------------------------------------------------------------------

  private listen(): void {
    const { session, room, local, keeper, captions } = this;
    const redraw = () => this.draw();
    this.stops.push(
      session.on("state", ({ state, silentFor }) => this.became(state, silentFor)),
      session.on("participant", ({ change, participant }) => this.met(change, participant)),
      session.on("track", redraw),
      session.on("quality", ({ participant, level, reason }) => this.set(() => this.qualities.set(participant, { level, reason }))),
      session.on("code", ({ participant, code }) => this.set(() => this.codes.set(participant, code))),
      session.on("needsGesture", ({ retry }) => this.set(() => (this.hear = retry))),
      session.on("stats", ({ participant, level }) => this.speaking.hear(participant, level, Date.now())),
      session.on("sending", redraw),
      session.on("moved", redraw),
      room.on("change", () => {
        this.keepToTheRole();
        this.draw();
      }),
      room.on("reaction", ({ name, reaction }) => this.react(name, reaction)),
      room.on("caption", (caption) => captions.show(caption, caption.name)),
      room.on("muted", ({ by, source }) => void this.silenced(by, source)),
      room.chat.thread.on("arrived", (item) => this.arrived(item)),
      local.on("change", redraw),
      captions.on("change", redraw),
      captions.on("stopped", () => this.tell(this.t("captions.stopped"))),
      keeper.on("blur", redraw),
      ...this.news.listen(),
      ...this.move.listen(),
      () => this.server.stop(),
      ...listenToKeys(this, {
        flip: (which) => void this.flip(which),
        share: () => void this.share(),
        turnFull: () => void this.turnFull(),
        turnSmall: () => void this.turnSmall(),
        showKeys: () => this.showKeys(),
      }),
    );
    this.on(document, "fullscreenchange", redraw);
    const seconds = setInterval(() => this.second(), 1000);
    this.stops.push(() => clearInterval(seconds));
  }

  private on(target: EventTarget, name: string, listener: (event: Event) => void): void {
    target.addEventListener(name, listener);
    this.stops.push(() => target.removeEventListener(name, listener));
  }

  private set(change: () => void): void {
    change();
    this.draw();
  }

  /** What the role no longer allows is stopped here too. */
  private keepToTheRole(): void {
    const { room, session } = this;
    if (!room.self) return;
    if (session.sharing && !room.may("share_screen")) void session.stopShare();
    if (room.may("send_media")) return;
    if (session.micOn) void session.setMic(false).catch(() => undefined);
    if (session.camOn) void session.setCam(false).catch(() => undefined);
  }

  private second(): void {
    this.news.second(this.state, this.qualities, this.note !== null);
    this.draw();
  }

  private became(state: CallState, silentFor: number): void {
    const recovered = state === "connected" && (this.state === "reconnecting" || this.state === "unstable");
    this.state = state;
    this.silentFor = silentFor;
    if (recovered) this.announce(this.t("line.back"));
    this.draw();
  }

  /** Its part of the stage comes with a call that somebody else carries. */
  private async lookOutside(): Promise<void> {
    if (!this.session.outside || this.beside) return;
    const { Outside } = await import("./outside");
    if (!this.gone) this.beside ??= new Outside(this);
  }

  /** Of the server alone: media has its own words. */
  private reached(there: boolean): void {
    if (there && this.state === "connected") this.announce(this.t("line.server_back"));
    this.draw();
  }

  private serverWords(): string {
    if (!this.server.lost) return "";
    return this.t(this.session.participants.size ? "line.server" : "line.server_alone");
  }

  private met(change: "joined" | "left" | "changed", { name, sharing, id }: Participant): void {
    if (change === "joined") this.announcer.joined(id, this.t("call.joined", { name }));
    else if (change === "left") this.announcer.left(id, this.t("call.left", { name }));
    else if (sharing && !trackOf(this, id, "screen")) this.announce(this.t("call.shares", { name }));
    if (change === "left") {
      this.qualities.delete(id);
      this.speaking.forget(id);
      if (this.pinned.startsWith(`${id}/`)) this.pinned = "";
    }
    this.draw();
  }

  private react(name: string, reaction: ReactionKind): void {
    const flight = { key: ++this.flights, name, reaction };
    this.flying = [...this.flying.slice(-7), flight];
    this.announce(this.t("reaction.said", { name, reaction: this.t(`reaction.${reaction}`) }));
    setTimeout(() => this.set(() => (this.flying = this.flying.filter((one) => one !== flight))), REACTION_MS);
    this.draw();
  }

  private async silenced(by: string, source: MediaFlag): Promise<void> {
    const { session } = this;
    if (source === "mic") await session.setMic(false).catch(() => undefined);
    else if (source === "cam") await session.setCam(false).catch(() => undefined);
    else await session.stopShare();
    const words = { mic: "say.muted_by", cam: "say.camera_by", screen: "say.screen_by" } as const;
    this.tell(this.t(words[source], { name: by }));
  }

  private arrived(item: ThreadItem): void {
    if (this.panel !== "chat") this.announce(this.t("chat.new", { name: item.from.name }));
    this.draw();
  }

  // --- drawing -----------------------------------------------------------------------------------------------------

  private view() {
    const seen = { state: this.state, qualities: this.qualities, speaking: this.speaking };
    const arranged = arrangement(this, seen);
    showSmall(this, arranged.main ?? arranged.tiles[0]?.key ?? "", (which) => void this.flip(which));
    return html`<div class="call" data-state=${this.state} data-carried-by=${this.session.kind} data-layout=${arranged.layout} role="region"
      aria-label=${this.t("call.title")} @keydown=${this.onKey}>
      <div class="call__stage" data-theme="dark">
        ${this.beside?.waits ? this.beside.waiting() : pictures(this, seen, arranged)} ${selfView(this)}
        <div class="call__head">${topLine(this, this.began, this.news.atTheDoor)} ${this.line()}</div>
        ${reactionsShown(this, this.flying)} ${captionLines(this)} ${recordingQuestion(this)}
        <p class="visually-hidden" role="status">${this.said}</p>
      </div>
      ${this.controls()} ${sidePanel(this, this.page)}
      <keys-dialog .keys=${this.keys} @keys=${(event: CustomEvent<Record<string, string>>) => this.prefer({ keys: event.detail })}></keys-dialog>
    </div>`;
  }

  private line() {
    const { session, room } = this;
    const silent = this.microphone.silent && session.micOn ? this.t("check.silent") : "";
    return html`<connection-banner .state=${this.state} .silentFor=${this.silentFor} .tap=${this.hear !== null} .server=${this.serverWords()}
      .note=${this.note?.words ?? (silent || this.sendingWords())} .action=${this.note?.action?.label ?? ""} .canSave=${session.camOn}
      .phone=${this.phone} .byPhone=${!room.self?.staff && offersPhone(room.meeting)} @rejoin=${again} @sound-only=${() => void this.attempt(() => session.setCam(false))}
      @hear=${() => void this.hearNow()} @act=${() => this.act()}></connection-banner>`;
  }

  /** Why our picture is not sent whole; said only when it is not sent at all. */
  private sendingWords(): string {
    const { rung, reason } = this.session.sending;
    return this.session.camOn && rung === "audio-only" && reason === "network" ? this.t("media.sending.network_off") : "";
  }

  private controls() {
    const { session, room } = this;
    return html`<call-controls .mic=${session.micOn} .cam=${session.camOn} .sharing=${session.sharing} .canSend=${room.may("send_media")}
      .canShare=${session.capabilities.screenShare && canShareScreen() && room.may("share_screen")} .canEnd=${room.self?.staff ?? false}
      .hasNotes=${room.self?.staff ?? false} .hasChat=${room.meeting?.rules.chat ?? true} .unread=${room.chat.thread.unread} .people=${room.roster.length} .hands=${room.roster.filter((person) => person.hand !== null).length}
      .panel=${this.panel} .keys=${this.keys} .busy=${new Set(this.busy)}
      @toggle-mic=${() => void this.flip("mic")} @toggle-cam=${() => void this.flip("cam")} @toggle-share=${() => void this.share()}
      @panel=${(event: CustomEvent<PanelName>) => this.open(event.detail)}
      @leave=${() => this.leave()} @end-for-all=${() => this.end()}></call-controls>`;
  }

  private chat() {
    const refused = (error: unknown) => void this.attempt(() => Promise.reject(error));
    return conversationView(this.room, this.uploads, this.words, { refused });
  }

  private readonly page: PageActions = {
    turnFull: () => void this.turnFull(),
    turnSmall: () => void this.turnSmall(),
    keys: () => this.showKeys(),
    problemWords: (problem) => this.problemWords(problem),
    chat: () => this.chat(),
  };

  // --- doing -------------------------------------------------------------------------------------------------------

  private async flip(which: "mic" | "cam"): Promise<void> {
    const { session } = this;
    if (this.busy.has(which) || !this.room.may("send_media")) return;
    this.busy.add(which);
    this.draw();
    await this.attempt(() => (which === "mic" ? session.setMic(!session.micOn) : session.setCam(!session.camOn)));
    this.busy.delete(which);
    const on = which === "mic" ? session.micOn : session.camOn;
    this.announce(this.t(`say.${which}_${on ? "on" : "off"}`));
    if (which === "mic" && on && this.note?.action?.label === this.t("say.unmute")) this.note = null;
    this.draw();
  }

  private async share(): Promise<void> {
    const { session } = this;
    if (session.sharing) return session.stopShare();
    if (!this.room.may("share_screen") || !canShareScreen()) return;
    this.busy.add("share");
    this.draw();
    try {
      await session.shareScreen({ audio: true });
    } catch (error) {
      // Closing the picker is an answer, not a fault.
      if ((error as { name?: string }).name !== "NotAllowedError") this.tell(this.t("control.share_failed"));
    }
    this.busy.delete("share");
    this.draw();
  }

  private async turnFull(): Promise<void> {
    if (!document.fullscreenEnabled) return;
    const turned = document.fullscreenElement ? document.exitFullscreen() : this.container.requestFullscreen();
    await turned.catch(() => undefined);
  }

  private async turnSmall(): Promise<void> {
    const large =
      this.container.querySelector<HTMLVideoElement>("video-tile[data-main] video") ?? this.container.querySelector<HTMLVideoElement>("video-tile video");
    await this.small.toggle(large).catch(() => this.tell(this.t("view.pip_failed")));
  }

  private showKeys(): void {
    this.container.querySelector("keys-dialog")?.show();
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

  private act(): void {
    const action = this.note?.action;
    this.note = null;
    action?.run();
    this.draw();
  }

  private problemWords(problem: DeviceProblem): string {
    return problem === "denied" ? this.t("problem.denied.title") : this.t("control.device_failed");
  }

  // --- keys, focus and attention -------------------------------------------------------------------------------------

  private readonly onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || this.panel === "none" || this.container.querySelector("dialog[open]")) return;
    this.open(this.panel);
  };

  /** Nothing needs the person: the other one and the server are there, nobody knocks, no panel is open. */
  private get quiet(): boolean {
    return this.state === "connected" && !this.server.lost && this.panel === "none" && this.session.participants.size > 0 && !this.news.atTheDoor.length;
  }

}
