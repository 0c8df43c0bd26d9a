/**
 * A visit from the device check to its end. The server renders the page; this makes it live.
 * What the template must provide: `frontend/README.md`.
 */
import "../elements/device-check-define";
import type { DeviceCheck } from "../elements/device-check";
import { sendReport, serverLine } from "../call/line-check";
import { LocalMedia } from "../call/local-media";
import { CommandRefused, ResumableSocket, doorUrl } from "../call/socket";
import { playChime } from "../call/speaker";
import { VisitRoom } from "../call/visit-room";
import type { Bye, DeviceReport, VisitState, VisitWelcome } from "../call/wire";
import { again, go, happened, ticket } from "../elements/going";
import { pageWords, restOfPage, setSprite, setZone } from "../elements/page";
import { say, type WordKey } from "../elements/words";
import type { Call, Leaving } from "./visit/call";
import type { ElsewhereView } from "./visit/elsewhere";
import { showEnd } from "./visit/ended";
import type { WaitingView } from "./visit/waiting";

type Section = "precheck" | "waiting" | "call" | "elsewhere" | "ended";
const SECTIONS: readonly Section[] = ["precheck", "waiting", "call", "elsewhere", "ended"];

class VisitPage {
  private readonly data: DOMStringMap;
  private readonly words = pageWords();
  private readonly local = new LocalMedia();
  private readonly room: VisitRoom;
  private readonly title = document.title;
  private check: DeviceCheck | null = null;
  private waiting: WaitingView | null = null;
  private call: Call | null = null;
  private elsewhere: ElsewhereView | null = null;
  private audio: HTMLAudioElement | null = null;
  private speaker = "";
  private joining = false;
  private isOver = false;
  private tapped = false;
  private reporting: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly root: HTMLElement) {
    this.data = root.dataset;
    setSprite(this.data["icons"] ?? "");
    setZone(this.data["zone"] ?? "");
    const hello = () => ({
      ...ticket(),
      ...(this.data["meeting"] ? { meeting: this.data["meeting"] } : {}),
    });
    const socket = new ResumableSocket<VisitWelcome>({ url: doorUrl(this.data["door"] ?? "/ws/visit"), hello });
    this.room = new VisitRoom(socket);
  }

  start(): void {
    this.prepareCheck();
    this.root.dataset["phase"] = "precheck";
    this.room.on("state", ({ state, before }) => void this.moved(state, before));
    this.room.on("change", () => void this.follow());
    this.room.on("over", (bye) => this.over(bye));
    this.loadAside();
    addEventListener("pagehide", () => this.leavePage());
    // Back from the browser's page cache: connections are closed, so begin again.
    addEventListener("pageshow", (event) => event.persisted && again());
    // Before the doors open there is no meeting to connect to; the check works without.
    if (!this.closed) this.room.socket.start();
    const opensIn = Number(this.data["opensIn"]);
    if (opensIn > 0) setTimeout(again, opensIn * 1000);
  }

  /** Staff have their notes there from the beginning; others fetch it with the first tap on something that it opens. */
  private loadAside(): void {
    const load = () => import("./visit/aside").then(({ Aside }) => new Aside(this.room));
    if (this.staff) return void load().catch(() => undefined);
    const first = (event: Event) => {
      const opener = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-opens]") : null;
      if (!opener) return;
      event.preventDefault();
      document.removeEventListener("click", first);
      const plain = () => opener instanceof HTMLAnchorElement && go(opener.href);
      void load().then(() => opener.click(), plain);
    };
    document.addEventListener("click", first);
  }

  private get staff(): boolean {
    return "staff" in this.data;
  }

  private get closed(): string {
    return this.data["closed"] ?? "";
  }

  private prepareCheck(): void {
    const section = this.section("precheck");
    const found = section.querySelector<DeviceCheck>("device-check");
    const check = found ?? document.createElement("device-check");
    check.local = this.local;
    check.name = this.data["name"] ?? "";
    check.askName = "askName" in this.data;
    check.closed = this.closed;
    check.first = "checkFirst" in this.data;
    check.action = say(this.words, this.staff ? "check.join" : "check.join_waiting");
    check.addEventListener("join", (event) => void this.join((event as CustomEvent<{ name: string }>).detail.name));
    check.phone = this.data["phone"] ?? "";
    if (this.data["check"]) check.line = serverLine(this.data["check"], this.data["csrf"] ?? "");
    check.addEventListener("report", (event) => this.report((event as CustomEvent<DeviceReport>).detail));
    check.addEventListener("speaker", (event) => (this.speaker = (event as CustomEvent<string>).detail));
    if (!found) section.append(check);
    this.check = check;
  }

  /** Before the doors open there is no socket to say it through; staff want to know it all the same. */
  private report(report: DeviceReport): void {
    if (!this.closed) return this.room.reportDevices(report);
    clearTimeout(this.reporting);
    const { check: base, csrf = "" } = this.data;
    if (base) this.reporting = setTimeout(() => void sendReport(base, csrf, report), 800);
  }

  /** The tap on "Join": the only moment at which a browser surely lets us make sound later. */
  private async join(name: string): Promise<void> {
    this.tapped = true;
    this.bless();
    this.setJoining(true);
    try {
      // Before the server has said so, nobody knows that this person was let in already.
      await this.room.known();
      if (this.inside) await this.enterCall();
      else await this.room.enterWaiting(name);
      if (this.room.waits) await this.showWaiting();
    } catch (error) {
      this.refused(error);
    }
    this.setJoining(false);
  }

  private get inside(): boolean {
    return this.staff || this.room.state === "admitted" || this.room.state === "in_call" || this.room.state === "left";
  }

  private async moved(state: VisitState, before: VisitState | null): Promise<void> {
    if (this.room.waits) return this.showWaiting();
    const waited = before === "waiting" || before === "on_hold";
    if (waited && state === "admitted") return this.admitted();
    if (waited && state === "arrived") return this.backToCheck();
    if (before === null && this.inside) await this.comeBack();
  }

  /** Staff, and whoever reloads during the call, go straight in when the browser already allows the devices. */
  private async comeBack(): Promise<void> {
    if (this.room.isAway) return;
    const goesOn = this.staff || "rejoin" in this.data || this.wasInside;
    if (!goesOn) {
      if (this.check) this.check.action = say(this.words, "check.join");
      return;
    }
    await this.check?.openIfAllowed();
    if (this.local.micOn || this.local.camOn) await this.enterCall().catch((error: unknown) => this.refused(error));
  }

  /** The visit is held elsewhere, or here after all: show the way there, or go on into our call. */
  private async follow(): Promise<void> {
    if (this.elsewhere && (!this.room.isAway || !this.inside)) {
      this.closeElsewhere();
      if (this.inside) await (this.staff ? this.comeBack() : this.admitted());
    } else if (!this.elsewhere && this.room.isAway && this.inside && !this.call && !this.isOver) await this.showElsewhere();
  }

  private async showElsewhere(): Promise<void> {
    if (this.joining) return;
    this.joining = true;
    const parts = Promise.all([import("./visit/elsewhere"), restOfPage()]);
    const [{ ElsewhereView }] = await parts.finally(() => (this.joining = false));
    if (!this.room.isAway || !this.inside || this.isOver) return;
    this.closeWaiting();
    this.local.stop(); // Teams needs camera and microphone now
    this.tapped = false;
    if (this.check) this.check.hidden = true;
    this.show(this.staff ? "precheck" : "elsewhere");
    this.elsewhere = new ElsewhereView({
      container: this.section("elsewhere"),
      room: this.room,
      words: this.words,
      provider: this.data["provider"] ?? "",
      phone: this.data["phone"] ?? "",
      onTitle: (text) => (document.title = `${text} · ${this.title}`),
      onFinished: () => this.end("ended", ""),
    });
    happened("joined");
  }

  private closeElsewhere(): void {
    this.elsewhere?.close();
    this.elsewhere = null;
    if (this.check) this.check.hidden = false;
    this.show("precheck");
    this.setTitle(null);
  }

  private async showWaiting(): Promise<void> {
    if (this.waiting || this.call) return;
    const [{ WaitingView }] = await Promise.all([import("./visit/waiting"), restOfPage()]);
    if (this.waiting || !this.room.waits) return;
    this.show("waiting");
    this.waiting = new WaitingView({
      container: this.section("waiting"),
      room: this.room,
      words: this.words,
      provider: this.data["provider"] ?? "",
      phone: this.data["phone"] ?? "",
      due: (this.section("precheck").querySelector("[data-due]")?.cloneNode(true) as Element | undefined) ?? null,
      onTitle: (text) => (document.title = `${text} · ${this.title}`),
      onLeave: () => void this.room.leaveWaiting().catch(() => undefined),
      onCheckDevices: () => this.recheck(),
    });
    whenIdle(() => {
      import("./visit/call").catch(() => undefined); // fetched when it is needed, then
      this.check?.tryLine(); // the wait is a good time for it, and staff see what comes of it
    });
  }

  /** From the waiting room back to the check, keeping the place. */
  private recheck(): void {
    this.closeWaiting();
    if (this.check) this.check.action = say(this.words, "check.join_waiting");
    this.show("precheck");
  }

  private backToCheck(): void {
    this.closeWaiting();
    this.show("precheck");
    this.setTitle(null);
  }

  /** This tab was in the call of this meeting before it was loaded again. */
  private get wasInside(): boolean {
    return recall() === this.room.meeting?.id;
  }

  private async admitted(): Promise<void> {
    this.setTitle("waiting.your_turn");
    if (this.room.isAway) this.callOut();
    else await this.callIn();
  }

  /** A sound, and a phone that lies beside somebody; a browser that cannot, or may not, does nothing. */
  private callOut(): void {
    void playChime(this.speaker).catch(() => undefined);
    if ("vibrate" in navigator) navigator.vibrate([200, 100, 200]);
  }

  private async callIn(): Promise<void> {
    // After a reload nobody tapped here: ask for the devices now, and go in meanwhile.
    if (!this.tapped && !this.local.track("microphone") && !this.local.camOn) void this.check?.open();
    this.callOut();
    await this.enterCall().catch((error: unknown) => this.refused(error));
  }

  private async enterCall(): Promise<void> {
    if (this.room.isAway) return this.follow();
    if (this.call || this.joining) return;
    this.joining = true;
    const parts = Promise.all([import("./visit/call"), restOfPage()]);
    const [{ Call }] = await parts.finally(() => (this.joining = false));
    this.closeWaiting();
    this.show("call");
    this.setTitle("call.title_tab");
    remember(this.room.meeting?.id ?? "");
    this.call = new Call({
      container: this.section("call"),
      room: this.room,
      local: this.local,
      words: this.words,
      provider: this.data["provider"] ?? "",
      phone: this.data["phone"] ?? "",
      audio: () => this.takeAudio(),
      speaker: this.speaker,
      onLeft: (reason, more) => this.left(reason, more),
      onRefused: (error) => {
        this.call = null;
        this.show("precheck");
        if ((error as { code?: string }).code === "recording_consent") void this.askAboutRecording();
        else this.refused(error);
      },
    });
    await this.call.join();
    this.isOver = false;
    happened("joined");
  }

  private left(reason: string, more: Leaving = {}): void {
    this.call = null;
    remember("");
    // A final `bye` says more; it ends the page by itself.
    if (reason.startsWith("outside_")) return this.endOutside(reason, more);
    if (reason !== "left") return this.end(reason, "");
    this.local.stop();
    const home = this.data["homeUrl"];
    if (home) return go(home);
    this.end("left", "");
  }

  private over({ code, sentence }: Bye): void {
    if (!this.call && !this.staff && SAID_BY_SERVER.has(code)) {
      if (code !== "moved") this.tellEnd(code);
      return again();
    }
    if (this.call) this.call.abandon();
    this.call = null;
    remember("");
    this.elsewhere?.close();
    this.elsewhere = null;
    this.closeWaiting();
    this.end(code, sentence);
  }

  /** Whoever else carried the call says why it is over here. */
  private endOutside(code: string, { cause = "", elsewhere = "" }: Leaving): void {
    this.local.stop();
    this.tellEnd(code);
    this.show("ended");
    this.setTitle(null);
    const told = { words: this.words, code, cause, elsewhere, endedUrl: this.data["endedUrl"] ?? "", rejoin: () => this.rejoin() };
    const part = Promise.all([import("./visit/outside-ended"), restOfPage()]);
    void part.then(([{ showOutsideEnd }]) => showOutsideEnd(this.section("ended"), told));
  }

  private end(code: string, sentence: string): void {
    this.local.stop();
    this.tellEnd(code);
    const url = code === "ended" ? this.data["endedUrl"] : undefined;
    if (url) return go(url);
    this.show("ended");
    this.setTitle(null);
    const told = { words: this.words, code, sentence, endedUrl: this.data["endedUrl"] ?? "", phone: this.data["phone"] ?? "" };
    void restOfPage().then(() => showEnd(this.section("ended"), { ...told, rejoin: () => this.rejoin() }));
  }

  /** A page around this one is told once, however many ways it is learnt in. */
  private tellEnd(code: string): void {
    if (!this.isOver) happened("ended", /^(ended|left|removed|cancelled)$/.test(code) ? code : "other");
    this.isOver = true;
  }

  private rejoin(): void {
    if (this.room.socket.status === "closed") return again();
    this.show("precheck");
    if (this.check) this.check.action = say(this.words, "check.join");
    void this.check?.open();
  }

  private refused(error: unknown): void {
    const sentence = error instanceof CommandRefused ? error.sentence : "";
    const status = this.section("precheck").querySelector<HTMLElement>("#visit-refused") ?? this.makeStatus();
    status.textContent = sentence || say(this.words, "ended.failed_text");
    status.hidden = false;
  }

  private makeStatus(): HTMLElement {
    const status = document.createElement("p");
    status.id = "visit-refused";
    status.className = "banner banner--warning";
    status.setAttribute("role", "alert");
    this.section("precheck").prepend(status);
    return status;
  }

  /** The call is recorded: whoever comes agrees first, or stays out. */
  private async askAboutRecording(): Promise<void> {
    const [{ askAtTheDoor }] = await Promise.all([import("./visit/recording"), restOfPage()]);
    if (!(await askAtTheDoor(this.section("precheck"), this.words, this.room))) return;
    const recording = this.room.recording?.recording;
    try {
      if (recording) await this.room.answerRecording(recording.id, true);
      await this.enterCall();
    } catch (error) {
      this.refused(error);
    }
  }

  private setJoining(on: boolean): void {
    if (this.check) this.check.joining = on;
    const status = document.getElementById("visit-refused");
    if (on && status) status.hidden = true;
  }

  private bless(): void {
    if (this.audio) return;
    this.audio = this.makeAudio();
    void this.audio.play().catch(() => undefined);
  }

  private takeAudio(): HTMLAudioElement {
    const audio = this.audio ?? this.makeAudio();
    this.audio = null;
    return audio;
  }

  private makeAudio(): HTMLAudioElement {
    const audio = document.createElement("audio");
    audio.autoplay = true;
    audio.hidden = true;
    this.root.append(audio);
    return audio;
  }

  private closeWaiting(): void {
    this.waiting?.close();
    this.waiting = null;
  }

  private leavePage(): void {
    this.call?.abandon();
    this.room.socket.close();
    this.local.stop();
  }

  private section(name: Section): HTMLElement {
    const id = `visit-${name}`;
    const found = document.getElementById(id);
    if (found) return found;
    const made = document.createElement("section");
    made.id = id;
    made.hidden = name !== "precheck";
    this.root.append(made);
    return made;
  }

  private show(name: Section): void {
    const returns = name === "precheck" && this.root.dataset["phase"] !== name;
    for (const one of SECTIONS) if (one !== "elsewhere" || !this.staff) this.section(one).hidden = one !== name;
    this.root.dataset["phase"] = name;
    if (returns) this.beginAtHeading();
  }

  /** What somebody stood on is gone: they begin where it says where they are now. */
  private beginAtHeading(): void {
    const heading = this.section("precheck").querySelector("h1");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  }

  private setTitle(key: WordKey | null): void {
    document.title = key ? `${say(this.words, key)} · ${this.title}` : this.title;
  }
}

/** Before the call the server's own page says more: when the new time is, how to book again, whom to call. */
const SAID_BY_SERVER: ReadonlySet<string> = new Set(["cancelled", "moved", "denied"]);
const INSIDE = "vestibule.inside";

/** Which call this tab is in, over a reload. A browser that keeps nothing asks for one tap more. */
function remember(meeting: string): void {
  try {
    sessionStorage.setItem(INSIDE, meeting);
  } catch {
    // nothing is kept
  }
}

function recall(): string | null {
  try {
    return sessionStorage.getItem(INSIDE);
  } catch {
    return null;
  }
}

function whenIdle(task: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(task, { timeout: 3000 });
  else setTimeout(task, 500);
}

const root = document.getElementById("visit");
if (root) new VisitPage(root).start();
