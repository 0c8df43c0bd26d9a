import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import { askDevices, permission, type Answered, type Kind as PermissionKind, type Trouble } from "../call/asking";
import { DeviceMemory, listDevices, matchDevice, problemOf } from "../call/devices";
import type { LineSource, LineVerdict } from "../call/line-check";
import type { LocalMedia } from "../call/local-media";
import { Meter, analyserSource, type MeterReading } from "../call/meter";
import { playChime } from "../call/speaker";
import type { DeviceReport } from "../call/wire";
import { browserWord, systemWord } from "./browser";
import "./device-menus-define";
import { PageElement, icon, restOfWords } from "./page";
import { Pressing } from "./pressing";
import { graver, partPanel, troublePanel } from "./trouble";

type Phase = "ask" | "opening" | "open" | "refused";
const FINE: Pick<Answered, "audio" | "video"> = { audio: null, video: null };
const REPORTED: Partial<Record<Trouble, DeviceReport["mic"]>> = {
  denied: "denied",
  dismissed: "denied",
  system: "denied",
  none: "missing",
  "in-use": "busy",
};

/**
 * Before joining: own picture, microphone level, loudspeaker test, connection, choice of devices, name, and the way
 * in. What cannot be opened is explained with what to do, and never stops anybody. Nothing is sent or recorded.
 *
 * @fires join - `detail` is `{name}`
 * @fires report - `detail` is the DeviceReport for staff to see
 * @fires speaker - `detail` is the id of the chosen loudspeaker
 */
export class DeviceCheck extends PageElement {
  @property({ attribute: false }) local?: LocalMedia;
  @property({ attribute: false }) memory = new DeviceMemory();
  @property() name = "";
  /** The word on the main button. */
  @property() action = "";
  @property({ type: Boolean, attribute: "ask-name" }) askName = false;
  /** Why nobody can join now, e.g. before the doors open; the check itself works. */
  @property() closed = "";
  /** Nobody joins before camera and microphone were tried; what does not work stops nobody. */
  @property({ type: Boolean }) first = false;
  @property({ type: Boolean }) joining = false;
  /** Where the connection may be tried; without, it is not. */
  @property({ attribute: false }) line?: LineSource;
  /** The line is tried as soon as devices are open; else once the person asked for something, as it costs data. */
  @property({ type: Boolean }) eager = false;
  /** Whom to call where a call makes no sense. */
  @property() phone = "";
  @state() private phase: Phase = "ask";
  /** Nothing could be opened, or what was tried last could not. */
  @state() private trouble: Trouble | null = null;
  /** What of the two could not be opened, and why. */
  @state() private parts = FINE;
  private explains = false;
  @state() private lost: "microphone" | "camera" | null = null;
  @state() private silent = false;
  @state() private heard = false;
  @state() private speaker: "untested" | "playing" | "ok" | "failed" = "untested";
  @state() private nameMissing = false;
  @state() private noListening = false;
  @state() private verdict: LineVerdict | null = null;
  @state() private saved = false;
  @state() private tries = false;
  private opening: Promise<void> | null = null;
  private sink = "";
  private focused = "";
  private meter: Meter | null = null;
  private meteredTrack: MediaStreamTrack | null = null;
  private stops: (() => void)[] = [];
  private reported = "";
  private readonly pressing = new Pressing();
  /** Who went in without devices meant it: what opens later is closed at once. */
  private without = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("ready");
    this.addEventListener("pointerdown", this.pressing.begin);
    const look = () => void this.lookAgain();
    navigator.mediaDevices?.addEventListener?.("devicechange", look);
    addEventListener("focus", look);
    this.stops = [
      () => navigator.mediaDevices?.removeEventListener?.("devicechange", look),
      () => removeEventListener("focus", look),
    ];
    this.watchPermissions();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops.splice(0)) stop();
    this.stopMeter();
  }

  /** Devices open while people press: what is pressed stays as it is until it is let go. */
  protected override scheduleUpdate(): void | Promise<unknown> {
    const { held } = this.pressing;
    return held ? held.then(() => super.scheduleUpdate()) : super.scheduleUpdate();
  }

  /** Open what may be opened without a question; otherwise wait for the person's tap. */
  async openIfAllowed(): Promise<void> {
    const states = await Promise.all([permission("video"), permission("audio")]);
    if (this.phase !== "open" && !this.without && states.every((one) => one?.state === "granted")) await this.open();
  }

  /** Ask for camera and microphone in one question. */
  open(): Promise<void> {
    this.opening ??= this.openNow().finally(() => (this.opening = null));
    return this.opening;
  }

  /** Try the line now, unless it was tried already. */
  tryLine(): void {
    if (!this.line || this.tries) return;
    this.tries = true;
    import("./line-check-define").catch(() => (this.tries = false)); // no network: tried again with the next tap
  }

  /** The person's own tap on the main button, or on "Try again". */
  private readonly start = () => {
    this.without = false;
    this.tryLine();
    void this.open();
  };

  /** Something changed outside: a device came or went, a permission, or the person was in the settings. */
  private async lookAgain(): Promise<void> {
    if (this.phase === "refused") return this.openIfAllowed();
    if (this.phase !== "open" || !this.local) return;
    const missing = [
      ["audio", "microphone", this.parts.audio ?? (this.lost === "microphone" ? "none" : null)],
      ["video", "camera", this.parts.video ?? (this.lost === "camera" ? "none" : null)],
    ] as const;
    for (const [kind, source, trouble] of missing) {
      if (!trouble || this.local.track(source) || (await permission(kind))?.state !== "granted") continue;
      await (kind === "audio" ? this.local.setMic(true) : this.local.setCam(true)).then(
        () => this.mended(kind),
        () => undefined,
      );
    }
  }

  private mended(kind: PermissionKind): void {
    this.parts = { ...this.parts, [kind]: null };
    this.lost = null;
    this.report();
  }

  private async openNow(): Promise<void> {
    if (!this.local) return;
    this.phase = "opening";
    this.trouble = this.lost = null;
    this.parts = FINE;
    const choice = {
      audio: true,
      video: true,
      audioId: this.memory.recall("audioinput")?.id,
      videoId: this.memory.recall("videoinput")?.id,
    };
    const { stream, audio, video } = await askDevices(choice);
    if (this.without) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      this.phase = "ask";
      return;
    }
    if (stream) {
      this.local.adopt(stream);
      this.parts = { audio, video };
      this.phase = "open";
      await this.preferRemembered();
    } else {
      this.trouble = graver(audio ?? "unknown", video ?? "unknown");
      this.phase = "refused";
    }
    if (this.eager) this.tryLine();
    this.report();
  }

  protected override firstUpdated(): void {
    const { local } = this;
    if (!local) return;
    this.stops.push(local.on("change", () => this.requestUpdate()));
    this.stops.push(local.on("track", ({ source, lost }) => void (lost && this.wentAway(source))));
    if (local.track("microphone") || local.track("camera")) this.phase = "open";
    else void this.openIfAllowed();
  }

  /** A device was unplugged, or its permission withdrawn: go on with another one if there is one. */
  private async wentAway(source: string): Promise<void> {
    if (source !== "microphone" && source !== "camera") return;
    this.lost = source;
    this.report();
    const kind = source === "microphone" ? "audioinput" : "videoinput";
    if ((await listDevices(kind)).length) await this.lookAgain();
  }

  protected override willUpdate(): void {
    const { audio, video } = this.parts;
    if (!this.explains && (this.trouble || audio || video)) {
      this.explains = true; // what helps is said in words the page did not bring
      void restOfWords().then(() => this.requestUpdate());
    }
    const active = document.activeElement;
    this.focused = this.contains(active) ? ((active as HTMLElement).dataset["check"] ?? "") : "";
  }

  protected override updated(_changed: PropertyValues): void {
    // The button that had the focus was replaced by the next one: a keyboard stands there still.
    if (this.focused && !this.contains(document.activeElement)) this.querySelector<HTMLElement>("[data-check=join]")?.focus();
    this.showPicture();
    this.runMeter();
  }

  protected override render() {
    const open = this.phase === "open";
    return html`
      <div class="ready__picture">
        <video playsinline autoplay muted aria-label=${this.say("check.picture")} ?hidden=${!this.local?.camOn}></video>
        ${this.local?.camOn ? nothing : this.blank()} ${open ? this.switches() : nothing}
      </div>
      <form class="ready__form" novalidate @submit=${this.submit}>
        ${this.panel()} ${open ? this.soundRows() : nothing} ${open || this.phase === "refused" ? this.lineRow() : nothing}
        ${this.nameField()} ${this.closed ? html`<p class="note" role="status">${this.closed}</p>` : nothing}
        <div class="cluster">${this.buttons()}</div>
        ${open ? this.choices() : nothing}
      </form>
    `;
  }

  private blank() {
    const off = this.saved ? "check.camera_saved" : "check.camera_off";
    const words = {
      ask: this.say("check.why"),
      opening: this.say("check.allow"),
      open: this.parts.video ? this.say("check.no_camera") : this.say(off),
      refused: this.say("check.no_camera"),
    };
    return html`<div class="ready__blank">${icon("camera-off")}<p>${words[this.phase]}</p></div>`;
  }

  private switches() {
    const { micOn, camOn } = this.local!;
    const one = (on: boolean, name: "mic" | "camera", label: string, press: () => Promise<void>) =>
      html`<button type="button" class="control ${on ? "" : "control--off"}" data-off=${!on} data-control=${name}
        @click=${() => void this.attempt(name === "mic" ? "audio" : "video", press)}>${icon(on ? name : `${name}-off`)} ${label}</button>`;
    return html`<div class="ready__controls">
      ${one(micOn, "mic", this.say(micOn ? "control.mute" : "control.unmute"), () => this.local!.setMic(!micOn))}
      ${one(camOn, "camera", this.say(camOn ? "control.camera_off" : "control.camera_on"), () => this.local!.setCam(!camOn))}
    </div>`;
  }

  private panel() {
    if (this.trouble) return troublePanel(this.words, this.trouble);
    if (this.lost) {
      return html`<div class="banner banner--warning" role="alert" data-lost=${this.lost}>
        ${icon("warning")}<div class="banner__text"><p>${this.say(`check.lost_${this.lost}`)}</p></div>
      </div>`;
    }
    return partPanel(this.words, this.parts);
  }

  /** What to look at before joining: is the microphone heard, does the loudspeaker sound. */
  private soundRows() {
    const track = this.local?.track("microphone");
    const micState = !track || this.silent ? "problem" : "ok";
    const playing = this.speaker === "playing";
    return html`
      <div class="device" data-state=${micState} data-device="microphone">
        ${icon(track ? "mic" : "mic-off")}
        <div class="device__what">
          ${track
            ? html`<div class="meter" role="meter" aria-label=${this.say("check.level")} aria-valuemin="0" aria-valuemax="100"
                aria-valuenow="0"><span></span></div>`
            : nothing}
          <p class="soft" role="status">${this.levelWords()}</p>
          ${this.silent ? html`<p class="soft" data-hint="system">${this.say(`system.${systemWord()}`)}</p>` : nothing}
        </div>
      </div>
      <div class="device" data-state=${this.speaker === "failed" ? "problem" : this.speaker} data-device="speaker">
        ${icon("speaker")}
        <div class="device__what">
          ${this.speaker === "failed" ? html`<p role="status">${this.say("check.sound_failed")}</p>` : html`<span>${this.say("check.speaker")}</span>`}
        </div>
        <button type="button" class="button button--secondary button--small" ?disabled=${playing}
          @click=${() => void this.testSpeaker()}>${this.say(playing ? "check.playing" : "check.test_sound")}</button>
      </div>
    `;
  }

  private lineRow() {
    if (!this.line) return nothing;
    if (!this.tries) {
      return html`<div class="device" data-device="line" data-state="untested">
        ${icon("signal")}<div class="device__what"><span>${this.say("line_check.name")}</span></div>
        <button type="button" class="button button--secondary button--small" @click=${() => this.tryLine()}>
          ${this.say("line_check.start")}</button>
      </div>`;
    }
    return html`<line-check class="device" .source=${this.line} .words=${this.words} phone=${this.phone}
      @line=${(event: CustomEvent<LineVerdict>) => this.learnLine(event.detail)}></line-check>`;
  }

  /** Without a network it does not come, and is left out; the next opening asks for it again. */
  private fetchListening(): void {
    import("./record-play-define").then(
      () => (this.noListening = false),
      () => (this.noListening = true),
    );
  }

  /** Most people need none of these: folded, so that the way in stays on the first screen. */
  private choices() {
    const track = this.local?.track("microphone") ?? null;
    return html`<details class="ready__choices" ?open=${this.silent || this.lost !== null}
        @toggle=${() => this.fetchListening()}>
      <summary>${this.say("check.choose")}</summary>
      <div class="stack">
        ${typeof MediaRecorder === "function" && !this.noListening ? html`<record-play class="device" .track=${track} sink=${this.sink}></record-play>` : nothing}
        <device-menus .local=${this.local} .memory=${this.memory} .words=${this.words}
          @speaker=${(event: CustomEvent<string>) => (this.sink = event.detail)}
          @refused=${(event: CustomEvent<Trouble>) => (this.trouble = event.detail)}></device-menus>
      </div>
    </details>`;
  }

  private levelWords(): string {
    if (!this.local?.track("microphone")) return this.say("check.no_microphone");
    if (!this.local.micOn) return this.say("check.muted");
    if (this.silent) return this.say("check.silent");
    return this.heard ? this.say("check.heard") : this.say("check.speak");
  }

  private nameField() {
    if (!this.askName) return nothing;
    return html`<div class="field ${this.nameMissing ? "field--wrong" : ""}">
      <label class="field__label" for="check-name">${this.say("check.name")}</label>
      <span class="field__hint" id="check-name-hint">${this.say("check.name_hint")}</span>
      ${this.nameMissing ? html`<span class="field__error" id="check-name-error">${this.say("check.name_missing")}</span>` : nothing}
      <input id="check-name" name="name" maxlength="80" autocomplete="name" .value=${this.name} aria-invalid=${this.nameMissing}
        aria-describedby=${this.nameMissing ? "check-name-error" : "check-name-hint"}>
    </div>`;
  }

  private buttons() {
    if (this.phase === "ask" || this.phase === "opening") {
      const opening = this.phase === "opening";
      return html`<button type="button" class="button button--large" data-check="start" ?disabled=${opening} aria-busy=${opening}
          @click=${this.start}>${this.say(opening ? "check.starting" : "check.start")}</button>
        ${this.closed || this.first ? nothing : this.joinButton("button button--quiet", this.say("check.join_without"), true)}`;
    }
    if (this.phase === "refused") {
      return html`<button type="button" class="button" data-check="again" @click=${this.start}>${this.say("check.again")}</button>
        ${this.closed ? nothing : this.joinButton("button button--secondary", this.say("check.join_without"), true)}`;
    }
    return this.closed ? nothing : this.joinButton("button button--large", this.action || this.say("check.join"));
  }

  private joinButton(look: string, label: string, without = false) {
    return html`<button type="submit" class=${look} data-check="join" ?data-without=${without} ?disabled=${this.joining} aria-busy=${this.joining}>
      ${this.joining ? this.say("check.joining") : label}</button>`;
  }

  private readonly submit = (event: Event) => {
    event.preventDefault();
    const input = this.querySelector<HTMLInputElement>("#check-name");
    const name = (input?.value ?? this.name).trim();
    this.nameMissing = this.askName && name === "";
    if (this.nameMissing) return input?.focus();
    this.name = name;
    if ((event as SubmitEvent).submitter?.hasAttribute("data-without")) this.goWithout();
    this.tell("join", { name });
  };

  /** What opened while the button was being pressed goes as well. */
  private goWithout(): void {
    this.without = true;
    this.local?.stop();
    if (this.phase === "open") this.phase = "ask";
  }

  /** Switch a device by hand; when that is refused, say why. */
  private async attempt(kind: PermissionKind, action: () => Promise<void>): Promise<void> {
    this.saved = false;
    try {
      await action();
      this.trouble = null;
      this.mended(kind);
    } catch (error) {
      this.trouble = problemOf(error);
    }
    this.report();
  }

  private async testSpeaker(): Promise<void> {
    this.speaker = "playing";
    try {
      await playChime(this.sink);
      this.speaker = "ok";
    } catch {
      this.speaker = "failed";
    }
    this.report();
  }

  /** A line that carries sound alone begins with sound alone. */
  private learnLine(verdict: LineVerdict): void {
    this.verdict = verdict;
    if (verdict.bandwidth !== "video" && verdict.bandwidth !== "unknown" && this.local?.camOn) {
      this.saved = true;
      void this.local.setCam(false).catch(() => undefined);
    }
    this.report();
  }

  /** Ids change when a browser forgets a site; the label tells which device was meant. */
  private async preferRemembered(): Promise<void> {
    for (const kind of ["audioinput", "videoinput"] as const) {
      const track = this.local?.track(kind === "audioinput" ? "microphone" : "camera");
      const wanted = matchDevice(this.memory.recall(kind), await listDevices(kind));
      if (!track || !wanted || wanted === track.getSettings().deviceId || this.without) continue;
      await this.local!.useDevice(kind, wanted).catch(() => undefined);
    }
    this.sink = matchDevice(this.memory.recall("audiooutput"), await listDevices("audiooutput")) ?? "";
    if (this.sink) this.tell("speaker", this.sink);
  }

  private watchPermissions(): void {
    for (const kind of ["video", "audio"] as const) {
      void permission(kind).then((status) => {
        if (!status || !this.isConnected) return;
        const changed = () => status.state === "granted" && void (this.phase === "open" ? this.lookAgain() : this.openIfAllowed());
        status.addEventListener("change", changed);
        this.stops.push(() => status.removeEventListener("change", changed));
      });
    }
  }

  private showPicture(): void {
    const video = this.querySelector("video");
    if (!video) return;
    const camera = this.local?.track("camera") ?? null;
    const shown = (video.srcObject as MediaStream | null)?.getVideoTracks()[0] ?? null;
    if (shown === camera) return;
    video.srcObject = camera ? new MediaStream([camera]) : null;
    video.muted = true;
    if (camera) void video.play().catch(() => undefined);
  }

  private runMeter(): void {
    const track = this.local?.track("microphone") ?? null;
    if (track === this.meteredTrack) return;
    this.stopMeter();
    this.meteredTrack = track;
    if (!track || typeof AudioContext === "undefined") return;
    this.meter = new Meter(analyserSource(track), (reading) => this.hear(reading), () => !this.local?.micOn);
  }

  private hear(reading: MeterReading): void {
    // Ten times a second: the bar is moved by hand, the rest is drawn again only when words change.
    const bar = this.querySelector<HTMLElement>(".meter");
    bar?.setAttribute("aria-valuenow", String(Math.round(reading.share * 100)));
    bar?.querySelector("span")?.style.setProperty("--level", reading.share.toFixed(2));
    if (reading.share > 0.35) this.heard = true;
    if (reading.silent === this.silent) return;
    this.silent = reading.silent;
    this.report();
  }

  private stopMeter(): void {
    this.meter?.stop();
    this.meter = null;
    this.meteredTrack = null;
  }

  private report(): void {
    const { local } = this;
    const refused = (trouble: Trouble | null) => (trouble ? (REPORTED[trouble] ?? "unknown") : "missing");
    const whole = this.phase === "refused" ? this.trouble : null;
    const report: DeviceReport = {
      mic: local?.track("microphone") ? (this.silent ? "silent" : local.micOn ? "ok" : "off") : refused(this.parts.audio ?? whole),
      cam: local?.camOn ? "ok" : (this.parts.video ?? whole) ? refused(this.parts.video ?? whole) : this.lost === "camera" ? "missing" : "off",
      speaker: this.speaker === "ok" || this.speaker === "failed" ? this.speaker : "unknown",
      browser: browserWord(),
      ...(this.verdict ? { network: this.verdict.network, bandwidth: this.verdict.bandwidth } : {}),
    };
    const text = JSON.stringify(report);
    if (text === this.reported) return;
    this.reported = text;
    this.tell("report", report);
  }
}
