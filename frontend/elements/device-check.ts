import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import { DeviceMemory, listDevices, matchDevice, openDevices, problemOf, type DeviceProblem } from "../call/devices";
import type { LocalMedia } from "../call/local-media";
import { Meter, analyserSource, type MeterReading } from "../call/meter";
import { canChooseSpeaker, playChime } from "../call/speaker";
import type { DeviceReport } from "../call/wire";
import { browserWord } from "./browser";
import { PageElement, icon } from "./page";

type Phase = "ask" | "opening" | "open" | "refused";
type Kind = "audioinput" | "videoinput" | "audiooutput";

/**
 * Before joining: own picture, microphone level, loudspeaker test, choice of devices, name, and the way in. What
 * cannot be opened is explained with what to do, and never stops anybody. Nothing is sent or recorded.
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
  @property({ type: Boolean }) joining = false;
  @state() private phase: Phase = "ask";
  @state() private problem: DeviceProblem | null = null;
  @state() private partial: "audio" | "video" | null = null;
  @state() private silent = false;
  @state() private heard = false;
  @state() private speaker: "untested" | "playing" | "ok" | "failed" = "untested";
  @state() private devices: Record<Kind, MediaDeviceInfo[]> = { audioinput: [], videoinput: [], audiooutput: [] };
  @state() private nameMissing = false;
  private opening: Promise<void> | null = null;
  private sink = "";
  private focused = "";
  private meter: Meter | null = null;
  private meteredTrack: MediaStreamTrack | null = null;
  private stops: (() => void)[] = [];
  private reported = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("ready");
    const changed = () => void this.refreshDevices();
    const focused = () => this.problem === "denied" && void this.openIfAllowed();
    navigator.mediaDevices?.addEventListener?.("devicechange", changed);
    addEventListener("focus", focused);
    this.stops = [
      () => navigator.mediaDevices?.removeEventListener?.("devicechange", changed),
      () => removeEventListener("focus", focused),
    ];
    this.watchPermissions();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops.splice(0)) stop();
    this.stopMeter();
  }

  /** Open what may be opened without a question; otherwise wait for the person's tap. */
  async openIfAllowed(): Promise<void> {
    const states = await Promise.all([permission("camera"), permission("microphone")]);
    if (this.phase !== "open" && states.every((one) => one?.state === "granted")) await this.open();
  }

  /** Ask for camera and microphone in one question. */
  open(): Promise<void> {
    this.opening ??= this.openNow().finally(() => (this.opening = null));
    return this.opening;
  }

  private async openNow(): Promise<void> {
    if (!this.local) return;
    this.phase = "opening";
    this.problem = this.partial = null;
    const choice = {
      audio: true,
      video: true,
      audioId: this.memory.recall("audioinput")?.id,
      videoId: this.memory.recall("videoinput")?.id,
    };
    try {
      const { stream, audioProblem, videoProblem } = await openDevices(choice);
      this.local.adopt(stream);
      this.partial = audioProblem ? "audio" : videoProblem ? "video" : null;
      this.phase = "open";
    } catch (error) {
      this.problem = problemOf(error);
      this.phase = "refused";
    }
    await this.refreshDevices();
    await this.preferRemembered();
    this.report();
  }

  protected override firstUpdated(): void {
    const { local } = this;
    if (!local) return;
    this.stops.push(local.on("change", () => this.requestUpdate()));
    if (local.track("microphone") || local.track("camera")) {
      this.phase = "open";
      void this.refreshDevices();
    } else void this.openIfAllowed();
  }

  protected override willUpdate(): void {
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
    return html`
      <div class="ready__picture">
        <video playsinline autoplay muted aria-label=${this.say("check.picture")} ?hidden=${!this.local?.camOn}></video>
        ${this.local?.camOn ? nothing : this.blank()} ${this.phase === "open" ? this.switches() : nothing}
      </div>
      <form class="ready__form" novalidate @submit=${this.submit}>
        ${this.problemPanel()} ${this.phase === "open" ? this.soundRows() : nothing} ${this.nameField()}
        ${this.closed ? html`<p class="note" role="status">${this.closed}</p>` : nothing}
        <div class="cluster">${this.buttons()}</div>
        ${this.phase === "open" ? this.choices() : nothing}
      </form>
    `;
  }

  private blank() {
    const words = {
      ask: this.say("check.why"),
      opening: this.say("check.allow"),
      open: this.local?.track("microphone") ? this.say("check.camera_off") : this.say("check.no_camera"),
      refused: this.say("check.no_camera"),
    };
    return html`<div class="ready__blank">${icon("camera-off")}<p>${words[this.phase]}</p></div>`;
  }

  private switches() {
    const { micOn, camOn } = this.local!;
    const one = (on: boolean, name: "mic" | "camera", label: string, press: () => Promise<void>) =>
      html`<button type="button" class="control ${on ? "" : "control--off"}" aria-pressed=${!on} data-control=${name}
        @click=${() => void this.attempt(press)}>${icon(on ? name : `${name}-off`)} ${label}</button>`;
    return html`<div class="ready__controls">
      ${one(micOn, "mic", this.say(micOn ? "control.mute" : "control.unmute"), () => this.local!.setMic(!micOn))}
      ${one(camOn, "camera", this.say(camOn ? "control.camera_off" : "control.camera_on"), () => this.local!.setCam(!camOn))}
    </div>`;
  }

  private problemPanel() {
    if (this.problem) {
      const text = this.problem === "denied" ? this.say(`steps.${browserWord()}`) : this.say(`problem.${this.problem}.text`);
      return html`<div class="banner banner--warning" role="alert" data-problem=${this.problem}>
        ${icon("warning")}
        <div class="banner__text"><strong>${this.say(`problem.${this.problem}.title`)}</strong><p>${text}</p></div>
      </div>`;
    }
    if (!this.partial) return nothing;
    const words = this.partial === "video" ? "problem.only_microphone" : "problem.only_camera";
    return html`<div class="banner banner--info" role="status" data-partial=${this.partial}>
      ${icon("info")}<div class="banner__text"><p>${this.say(words)}</p></div>
    </div>`;
  }

  /** What to look at before joining: is the microphone heard, does the loudspeaker sound. */
  private soundRows() {
    const micState = !this.local?.track("microphone") || this.silent ? "problem" : "ok";
    const playing = this.speaker === "playing";
    return html`
      <div class="device" data-state=${micState} data-device="microphone">
        ${icon("mic")}
        <div class="device__what">
          <div class="meter" role="meter" aria-label=${this.say("check.level")} aria-valuemin="0" aria-valuemax="100"
            aria-valuenow="0"><span></span></div>
          <p class="soft" role="status">${this.levelWords()}</p>
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

  /** Most people need none of these: folded, so that the way in stays on the first screen. */
  private choices() {
    return html`<details class="ready__choices" ?open=${this.silent || this.problem !== null}>
      <summary>${this.say("check.choose")}</summary>
      <div class="stack">
        ${this.menu("audioinput", this.say("check.microphone"))} ${this.menu("videoinput", this.say("check.camera"))}
        ${canChooseSpeaker() ? this.menu("audiooutput", this.say("check.speaker")) : nothing}
      </div>
    </details>`;
  }

  private levelWords(): string {
    if (!this.local?.track("microphone")) return "";
    if (!this.local.micOn) return this.say("check.muted");
    if (this.silent) return this.say("check.silent");
    return this.heard ? this.say("check.heard") : this.say("check.speak");
  }

  private menu(kind: Kind, label: string) {
    const found = this.devices[kind];
    if (!found.length) return nothing;
    const source = kind === "audioinput" ? "microphone" : "camera";
    const current = kind === "audiooutput" ? this.sink : this.local?.track(source)?.getSettings().deviceId;
    return html`<div class="field"><label class="field__label">${label}
      <select data-kind=${kind} @change=${(event: Event) => void this.choose(kind, (event.target as HTMLSelectElement).value)}>
        ${found.map(
          (device, index) => html`<option value=${device.deviceId} ?selected=${device.deviceId === current}>
            ${device.label || this.say("check.default_device", { number: index + 1 })}</option>`,
        )}
      </select></label></div>`;
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
          @click=${() => void this.open()}>${this.say(opening ? "check.starting" : "check.start")}</button>
        ${this.closed ? nothing : this.joinButton("button button--quiet", this.say("check.join_without"))}`;
    }
    if (this.phase === "refused") {
      return html`<button type="button" class="button" data-check="again" @click=${() => void this.open()}>${this.say("check.again")}</button>
        ${this.closed ? nothing : this.joinButton("button button--secondary", this.say("check.join_without"))}`;
    }
    return this.closed ? nothing : this.joinButton("button button--large", this.action || this.say("check.join"));
  }

  private joinButton(look: string, label: string) {
    return html`<button type="submit" class=${look} data-check="join" ?disabled=${this.joining} aria-busy=${this.joining}>
      ${this.joining ? this.say("check.joining") : label}</button>`;
  }

  private readonly submit = (event: Event) => {
    event.preventDefault();
    const input = this.querySelector<HTMLInputElement>("#check-name");
    const name = (input?.value ?? this.name).trim();
    this.nameMissing = this.askName && name === "";
    if (this.nameMissing) return input?.focus();
    this.name = name;
    this.tell("join", { name });
  };

  private async choose(kind: Kind, id: string): Promise<void> {
    const device = this.devices[kind].find((one) => one.deviceId === id);
    if (device) this.memory.remember(kind, { id, label: device.label });
    if (kind === "audiooutput") {
      this.sink = id;
      this.tell("speaker", id);
      return;
    }
    await this.attempt(() => this.local!.useDevice(kind, id));
  }

  private async attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    await this.refreshDevices();
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

  private async refreshDevices(): Promise<void> {
    const [audioinput, videoinput, audiooutput] = await Promise.all([
      listDevices("audioinput"),
      listDevices("videoinput"),
      listDevices("audiooutput"),
    ]);
    this.devices = { audioinput, videoinput, audiooutput };
  }

  /** Ids change when a browser forgets a site; the label tells which device was meant. */
  private async preferRemembered(): Promise<void> {
    for (const kind of ["audioinput", "videoinput"] as const) {
      const track = this.local?.track(kind === "audioinput" ? "microphone" : "camera");
      const wanted = matchDevice(this.memory.recall(kind), this.devices[kind]);
      if (!track || !wanted || wanted === track.getSettings().deviceId) continue;
      await this.local!.useDevice(kind, wanted).catch(() => undefined);
    }
    this.sink = matchDevice(this.memory.recall("audiooutput"), this.devices.audiooutput) ?? "";
    if (this.sink) this.tell("speaker", this.sink);
  }

  private watchPermissions(): void {
    for (const name of ["camera", "microphone"]) {
      void permission(name).then((status) => {
        if (!status || !this.isConnected) return;
        const changed = () => status.state === "granted" && this.phase !== "open" && void this.openIfAllowed();
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
    const words = { denied: "denied", none: "missing", "in-use": "busy" } as const;
    const refused = this.problem && this.problem in words ? words[this.problem as keyof typeof words] : "unknown";
    const local = this.local;
    const mic = local?.track("microphone") ? (this.silent ? "silent" : local.micOn ? "ok" : "off") : this.problem ? refused : "missing";
    const cam = local?.camOn ? "ok" : this.problem ? refused : this.partial === "video" ? "missing" : "off";
    const speaker = this.speaker === "ok" || this.speaker === "failed" ? this.speaker : "unknown";
    const report: DeviceReport = { mic, cam, speaker };
    const text = JSON.stringify(report);
    if (text === this.reported) return;
    this.reported = text;
    this.tell("report", report);
  }
}

/** The state of a permission, or null where the browser does not tell. */
async function permission(name: string): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: name as PermissionName });
  } catch {
    return null;
  }
}
