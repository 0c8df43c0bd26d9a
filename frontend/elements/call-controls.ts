import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { PageElement, icon } from "./page";

const KEYS: Record<string, string> = { KeyM: "toggle-mic", KeyV: "toggle-cam", KeyC: "toggle-chat" };

/**
 * The bar of a call. Every button has its word; pressed states follow the properties, never the click.
 * Alt+M, Alt+V and Alt+C press microphone, camera and messages.
 *
 * @fires toggle-mic, toggle-cam, toggle-share, toggle-chat, toggle-devices, leave, end-for-all
 */
export class CallControls extends PageElement {
  @property({ type: Boolean }) mic = false;
  @property({ type: Boolean }) cam = false;
  @property({ type: Boolean }) sharing = false;
  /** Phones cannot share a screen: there the button is not shown. */
  @property({ type: Boolean, attribute: "can-share" }) canShare = false;
  @property({ type: Boolean, attribute: "can-end" }) canEnd = false;
  @property({ type: Number }) unread = 0;
  @property({ type: Boolean, attribute: "chat-open" }) chatOpen = false;
  @property({ type: Boolean, attribute: "devices-open" }) devicesOpen = false;
  /** Names of switches that wait for a device: "mic", "cam", "share". */
  @property({ attribute: false }) busy: ReadonlySet<string> = new Set();
  private readonly onKey = (event: KeyboardEvent) => this.key(event);

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("call__bar");
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", this.say("control.bar"));
    document.addEventListener("keydown", this.onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.onKey);
  }

  protected override render() {
    return html`
      ${this.switch("toggle-mic", this.mic, "mic", this.mic ? this.say("control.mute") : this.say("control.unmute"), "Alt+M")}
      ${this.switch("toggle-cam", this.cam, "camera", this.cam ? this.say("control.camera_off") : this.say("control.camera_on"), "Alt+V")}
      ${this.canShare ? this.share() : nothing}
      ${this.chat()}
      <button type="button" class="control" data-control="devices" aria-expanded=${this.devicesOpen}
        @click=${() => this.tell("toggle-devices")}>${icon("settings")} ${this.say("control.devices")}</button>
      <button type="button" class="control control--leave" data-control="leave" @click=${() => this.tell("leave")}>
        ${icon("hang-up")} ${this.say("control.leave")}
      </button>
      ${this.canEnd ? this.end() : nothing}
    `;
  }

  /** The word says what a press does; the icon and the pressed state say how it is now. */
  private switch(event: string, on: boolean, name: "mic" | "camera", label: string, keys: string) {
    const key = name === "mic" ? "mic" : "cam";
    return html`<button type="button" class="control ${on ? "" : "control--off"}" data-control=${key}
      aria-pressed=${!on} aria-keyshortcuts=${keys} ?disabled=${this.busy.has(key)}
      @click=${() => this.tell(event)}>${icon(on ? name : `${name}-off`)} ${label}</button>`;
  }

  private share() {
    const label = this.sharing ? this.say("control.share_stop") : this.say("control.share");
    return html`<button type="button" class="control ${this.sharing ? "control--on" : ""}" data-control="share"
      aria-pressed=${this.sharing} ?disabled=${this.busy.has("share")} @click=${() => this.tell("toggle-share")}>
      ${icon(this.sharing ? "share-stop" : "share-screen")} ${label}</button>`;
  }

  private chat() {
    const { unread } = this;
    const label = unread ? this.say("control.chat_unread", { count: unread }) : this.say("control.chat");
    return html`<button type="button" class="control" data-control="chat" aria-expanded=${this.chatOpen} aria-label=${label}
      aria-keyshortcuts="Alt+C" @click=${() => this.tell("toggle-chat")}>
      ${icon("chat")} <span aria-hidden="true">${this.say("control.chat")}</span>
      ${unread ? html`<span class="count" aria-hidden="true">${unread > 99 ? "99+" : unread}</span>` : nothing}
    </button>`;
  }

  private end() {
    return html`
      <button type="button" class="control control--leave" data-control="end" @click=${() => this.dialog?.showModal()}>
        ${icon("door-closed")} ${this.say("control.end")}
      </button>
      <dialog class="dialog" aria-labelledby="end-title">
        <div class="dialog__head"><h2 id="end-title">${this.say("control.end_title")}</h2></div>
        <div class="dialog__body"><p>${this.say("control.end_text")}</p></div>
        <div class="dialog__foot">
          <button type="button" class="button button--danger" data-control="end-yes" @click=${() => this.endNow()}>
            ${this.say("control.end_yes")}
          </button>
          <button type="button" class="button button--secondary" @click=${() => this.dialog?.close()}>
            ${this.say("control.cancel")}
          </button>
        </div>
      </dialog>
    `;
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  private endNow(): void {
    this.dialog?.close();
    this.tell("end-for-all");
  }

  private key(event: KeyboardEvent): void {
    const name = KEYS[event.code];
    if (!name || !event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    this.tell(name);
  }
}
