import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { CallState } from "../call/session";
import { PageElement, icon } from "./page";

/** After this long other ways are offered. */
export const OPTIONS_AFTER_MS = 15_000;

/**
 * Trouble in one line with one action. The words change with the state only, so that they are read out once;
 * the running seconds are for the eye. Whoever must tap to hear gets a button as wide as the page.
 *
 * @fires rejoin, sound-only, hear
 * @fires act - the action of the note was pressed
 */
export class ConnectionBanner extends PageElement {
  @property() state: CallState = "connecting";
  /** Milliseconds since anything arrived. */
  @property({ type: Number, attribute: "silent-for" }) silentFor = 0;
  /** The browser plays no sound before a tap. */
  @property({ type: Boolean }) tap = false;
  /** What to say while the server alone is out of reach and media goes on; "" while it is there. */
  @property() server = "";
  /** Something else worth a line, such as "You are muted", and the word of what can be done about it. */
  @property() note = "";
  @property() action = "";
  /** Our camera is on: without it more gets through. */
  @property({ type: Boolean, attribute: "can-save" }) canSave = false;
  @property() phone = "";
  /** The visit may go on by telephone: something on the page tells how. */
  @property({ type: Boolean, attribute: "by-phone" }) byPhone = false;

  protected override render() {
    const trouble = this.trouble();
    const server = this.state === "connected" ? this.server : "";
    const words = trouble || server || this.note;
    return html`${this.tap ? this.tapButton() : nothing}
      <div class=${words ? "call__line" : ""} data-state=${this.state} data-server=${server ? "lost" : nothing}>
        <span role="status" class=${this.state === "reconnecting" ? "visually-hidden" : ""}>${words}</span>
        ${this.state === "reconnecting" ? this.seconds() : nothing} ${trouble ? this.options() : server ? nothing : this.act()}
      </div>`;
  }

  private trouble(): string {
    if (this.state === "unstable") return this.say("line.unstable");
    if (this.state === "reconnecting") return this.say("line.reconnecting_short");
    return this.state === "failed" ? this.say("line.failed") : "";
  }

  private seconds() {
    const seconds = Math.floor(this.silentFor / 1000);
    return html`<span aria-hidden="true">${this.say("line.reconnecting", { seconds })}</span>`;
  }

  private act() {
    if (!this.note || !this.action) return nothing;
    return html`<button type="button" class="button button--secondary button--small" data-line="act" @click=${() => this.tell("act")}>
      ${this.action}</button>`;
  }

  private options() {
    if (this.state !== "failed" && this.silentFor < OPTIONS_AFTER_MS) return nothing;
    return html`<span class="cluster">
      <button type="button" class="button button--secondary button--small" data-line="rejoin" @click=${() => this.tell("rejoin")}>
        ${icon("refresh")} ${this.say("line.rejoin")}</button>
      ${this.canSave
        ? html`<button type="button" class="button button--quiet button--small" data-line="sound-only" @click=${() => this.tell("sound-only")}>
            ${this.say("line.sound_only")}</button>`
        : nothing}
      ${this.byPhone
        ? html`<a class="button button--quiet button--small" href="/visit/by-phone" data-opens="by-phone">${icon("phone")} ${this.say("line.by_phone")}</a>`
        : nothing}
      ${this.phone && !this.byPhone
        ? html`<a class="button button--quiet button--small" href="tel:${this.phone.replace(/[^+\d]/g, "")}">
            ${icon("phone")} ${this.say("line.phone", { phone: this.phone })}</a>`
        : nothing}
    </span>`;
  }

  private tapButton() {
    return html`<button type="button" class="call__tap" data-line="hear" @click=${() => this.tell("hear")}>
      ${icon("speaker")} <span><strong>${this.say("line.tap")}</strong> <span>${this.say("line.tap_why")}</span></span></button>`;
  }
}
