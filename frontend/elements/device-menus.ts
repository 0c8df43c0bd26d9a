import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { DeviceMemory, listDevices, problemOf } from "../call/devices";
import type { LocalMedia } from "../call/local-media";
import { canChooseSpeaker } from "../call/speaker";
import { PageElement } from "./page";

type Kind = "audioinput" | "videoinput" | "audiooutput";
const KINDS: readonly Kind[] = ["audioinput", "videoinput", "audiooutput"];

/**
 * Menus for microphone, camera and loudspeaker, kept up to date as devices come and go.
 *
 * @fires speaker - `detail` is the id of the chosen loudspeaker
 * @fires refused - a device could not be opened; `detail` is the DeviceProblem
 */
export class DeviceMenus extends PageElement {
  @property({ attribute: false }) local?: LocalMedia;
  @property({ attribute: false }) memory = new DeviceMemory();
  @state() private devices: Record<Kind, MediaDeviceInfo[]> = { audioinput: [], videoinput: [], audiooutput: [] };
  private sink = "";
  private stop: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("stack");
    const changed = () => void this.refresh();
    navigator.mediaDevices?.addEventListener?.("devicechange", changed);
    this.stop.push(() => navigator.mediaDevices?.removeEventListener?.("devicechange", changed));
    this.sink = this.memory.recall("audiooutput")?.id ?? "";
    void this.refresh();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stop.splice(0)) stop();
  }

  protected override render() {
    return html`${this.menu("audioinput", this.say("check.microphone"))} ${this.menu("videoinput", this.say("check.camera"))}
    ${canChooseSpeaker() ? this.menu("audiooutput", this.say("check.speaker")) : nothing}`;
  }

  private menu(kind: Kind, label: string) {
    const found = this.devices[kind];
    if (!found.length) return nothing;
    const current = this.current(kind);
    return html`<div class="field"><label class="field__label">${label}
      <select data-kind=${kind} @change=${(event: Event) => void this.choose(kind, (event.target as HTMLSelectElement).value)}>
        ${found.map(
          (device, index) => html`<option value=${device.deviceId} ?selected=${device.deviceId === current}>
            ${device.label || this.say("check.default_device", { number: index + 1 })}</option>`,
        )}
      </select></label></div>`;
  }

  private current(kind: Kind): string | undefined {
    if (kind === "audiooutput") return this.sink;
    return this.local?.track(kind === "audioinput" ? "microphone" : "camera")?.getSettings().deviceId;
  }

  private async choose(kind: Kind, id: string): Promise<void> {
    const device = this.devices[kind].find((one) => one.deviceId === id);
    if (device) this.memory.remember(kind, { id, label: device.label });
    if (kind === "audiooutput") {
      this.sink = id;
      this.tell("speaker", id);
    } else {
      await this.local?.useDevice(kind, id).catch((error: unknown) => this.tell("refused", problemOf(error)));
    }
    await this.refresh();
  }

  private async refresh(): Promise<void> {
    const lists = await Promise.all(KINDS.map((kind) => listDevices(kind)));
    this.devices = { audioinput: lists[0]!, videoinput: lists[1]!, audiooutput: lists[2]! };
  }
}
