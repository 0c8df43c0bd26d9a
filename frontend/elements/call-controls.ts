import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import { Keymap, type Action } from "./keymap";
import { PageElement, icon } from "./page";

export type PanelName = "none" | "chat" | "people" | "more" | "devices" | "stats" | "notes";

/**
 * The bar of a call. Every button has its word, which says what a press does; it follows the properties, never the
 * click. A word that changes is no pressed state: "Unmute, pressed" would leave a listener guessing. Leaving is red
 * for who can only leave; for who may end the visit, ending is red and leaving is not.
 *
 * @fires toggle-mic, toggle-cam, toggle-share, leave, end-for-all
 * @fires panel - `detail` is the panel whose button was pressed
 */
export class CallControls extends PageElement {
  @property({ type: Boolean }) mic = false;
  @property({ type: Boolean }) cam = false;
  @property({ type: Boolean }) sharing = false;
  /** Whoever only looks on has no microphone and no camera. */
  @property({ type: Boolean, attribute: "can-send" }) canSend = true;
  /** Phones cannot share a screen, and not every role may: there the button is not shown. */
  @property({ type: Boolean, attribute: "can-share" }) canShare = false;
  @property({ type: Boolean, attribute: "can-end" }) canEnd = false;
  @property({ type: Boolean, attribute: "has-chat" }) hasChat = true;
  /** Staff write notes of their own beside the pictures. */
  @property({ type: Boolean, attribute: "has-notes" }) hasNotes = false;
  @property({ type: Number }) unread = 0;
  @property({ type: Number }) people = 0;
  @property({ type: Number }) hands = 0;
  @property() panel: PanelName = "none";
  @property({ attribute: false }) keys = new Keymap();
  /** Names of switches that wait for a device: "mic", "cam", "share". */
  @property({ attribute: false }) busy: ReadonlySet<string> = new Set();

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("call__bar");
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", this.say("control.bar"));
  }

  protected override render() {
    return html`
      ${this.canSend ? this.devices() : nothing} ${this.canShare ? this.share() : nothing} ${this.hasChat ? this.chat() : nothing}
      ${this.others()} ${this.hasNotes ? this.opens("notes", "note", this.say("bar.notes")) : nothing} ${this.opens("more", "more", this.say("bar.more"))}
      <span class="call__bar-gap"></span>
      ${this.leave()} ${this.canEnd ? this.end() : nothing}
    `;
  }

  private devices() {
    const mic = this.mic ? this.say("control.mute") : this.say("control.unmute");
    const cam = this.cam ? this.say("control.camera_off") : this.say("control.camera_on");
    return html`${this.switch("toggle-mic", this.mic, "mic", mic)} ${this.switch("toggle-cam", this.cam, "camera", cam)}`;
  }

  /** The word says what a press does, the icon how it is now. */
  private switch(event: string, on: boolean, name: "mic" | "camera", label: string) {
    const key: Action = name === "mic" ? "mic" : "cam";
    return html`<button type="button" class="control ${on ? "" : "control--off"}" data-control=${key}
      data-off=${!on} aria-keyshortcuts=${this.keys.aria(key)} ?disabled=${this.busy.has(key)}
      @click=${() => this.tell(event)}>${icon(on ? name : `${name}-off`)} ${label}</button>`;
  }

  private share() {
    const label = this.sharing ? this.say("control.share_stop") : this.say("control.share");
    return html`<button type="button" class="control ${this.sharing ? "control--on" : ""}" data-control="share"
      data-on=${this.sharing} aria-keyshortcuts=${this.keys.aria("share")} ?disabled=${this.busy.has("share")}
      @click=${() => this.tell("toggle-share")}>${icon(this.sharing ? "share-stop" : "share-screen")} ${label}</button>`;
  }

  private chat() {
    const { unread } = this;
    const label = unread ? this.say("control.chat_unread", { count: unread }) : this.say("control.chat");
    return this.opens("chat", "chat", this.say("control.chat"), label, unread);
  }

  private others() {
    const label = this.hands ? this.say("bar.people_hands", { count: this.hands }) : this.say("bar.people");
    return this.opens("people", this.hands ? "hand" : "users", this.say("bar.people"), label, this.hands);
  }

  private opens(panel: "chat" | "people" | "more" | "notes", name: string, word: string, label = word, count = 0) {
    // Panels inside "More" keep its button lit.
    const open = this.panel === panel || (panel === "more" && (this.panel === "devices" || this.panel === "stats"));
    return html`<button type="button" class="control" data-control=${panel} aria-expanded=${open} aria-label=${label}
      aria-keyshortcuts=${panel === "notes" ? nothing : this.keys.aria(panel)} @click=${() => this.tell("panel", panel)}>
      ${icon(name)} <span aria-hidden="true">${word}</span>
      ${count ? html`<span class="count" aria-hidden="true">${count > 99 ? "99+" : count}</span>` : nothing}
    </button>`;
  }

  private leave() {
    return html`<button type="button" class="control ${this.canEnd ? "" : "control--leave"}" data-control="leave"
      @click=${() => this.tell("leave")}>${icon(this.canEnd ? "sign-out" : "hang-up")} ${this.say("control.leave")}</button>`;
  }

  private end() {
    return html`
      <button type="button" class="control control--leave" data-control="end" @click=${() => this.dialog?.showModal()}>
        ${icon("hang-up")} ${this.say("control.end")}
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
}
