import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { CallTrack, Participant, QualityLevel, QualityReason } from "../call/session";
import { PageElement, icon } from "./page";

export interface TileQuality {
  readonly level: QualityLevel;
  readonly reason: QualityReason;
}

/**
 * One other person: their picture or, without one, their name; whether they are muted, speak or raised a hand; how well
 * they come through.
 *
 * @fires pin - this picture is to be large, or no longer
 */
export class VideoTile extends PageElement {
  @property({ attribute: false }) participant?: Participant;
  /** The camera or screen to show, null while there is none. */
  @property({ attribute: false }) track: CallTrack | null = null;
  @property({ attribute: false }) quality: TileQuality | null = null;
  /** What stands in the place of a picture. */
  @property() note = "";
  @property({ type: Boolean }) hand = false;
  @property({ type: Boolean }) speaking = false;
  /** Only where there are several to choose from. */
  @property({ type: Boolean }) pinnable = false;
  @property({ type: Boolean }) pinned = false;
  private attached: CallTrack | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.detach();
  }

  protected override render() {
    const name = this.participant?.name ?? "";
    const screen = this.track?.source === "screen";
    const label = this.say(screen ? "call.screen_of" : "call.picture_of", { name });
    return html`
      <video class="call__remote ${screen ? "call__remote--whole" : ""}" playsinline autoplay muted
        aria-label=${label} ?hidden=${!this.track}></video>
      ${this.track ? nothing : this.blank(name)} ${this.pinnable ? this.pin(name) : nothing}
      <p class="call__pill call__name">
        ${this.hand ? html`<span class="call__hand">${icon("hand")}<span class="visually-hidden">${this.say("people.hand")}</span></span>` : nothing}
        <span dir="auto" class="call__who">${screen ? label : name}</span>
        ${this.participant && !this.participant.micOn && !screen ? html`${icon("mic-off")} <span>${this.say("call.muted")}</span>` : nothing}
        ${this.bars()}
      </p>
    `;
  }

  private pin(name: string) {
    const label = this.say(this.pinned ? "people.unpin_of" : "people.pin_of", { name });
    return html`<button type="button" class="call__pin" aria-pressed=${this.pinned} aria-label=${this.say("people.pin_of", { name })} title=${label}
      @click=${() => this.tell("pin")}>${icon(this.pinned ? "pin-off" : "pin")}</button>`;
  }

  private blank(name: string) {
    const note = this.note || (name ? this.say("call.camera_off", { name }) : "");
    return html`<div class="call__blank">${icon("user")}<p>${note}</p></div>`;
  }

  private bars() {
    if (!this.quality) return nothing;
    const { level, reason } = this.quality;
    const words = this.say(`quality.${level}`);
    const tip = reason === "none" ? "" : this.say(`quality.tip.${reason}`);
    return html`<span class="signal" data-bars=${level} aria-hidden="true"><i></i><i></i><i></i><i></i></span>
      <span class=${level >= 3 ? "visually-hidden" : ""} title=${tip}>${words}</span>`;
  }

  protected override updated(): void {
    this.toggleAttribute("data-speaking", this.speaking);
    const video = this.querySelector("video");
    if (!video || this.attached === this.track) return;
    this.detach();
    this.attached = this.track;
    this.track?.attach(video);
    // The element carries no sound, so every browser plays it without a tap.
    video.muted = true;
    if (this.track) void video.play().catch(() => undefined);
  }

  private detach(): void {
    const video = this.querySelector("video");
    if (video && this.attached) this.attached.detach(video);
    this.attached = null;
  }
}
