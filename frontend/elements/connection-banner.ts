import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { CallState } from "../call/session";
import { PageElement, icon } from "./page";

/** After this long other ways are offered. */
export const OPTIONS_AFTER_MS = 15_000;

/**
 * Trouble in one line with one action. The words change with the state only, so that they are read out once;
 * the running seconds are for the eye.
 *
 * @fires retry, camera-off, hear
 */
export class ConnectionBanner extends PageElement {
  @property() state: CallState = "connecting";
  /** Milliseconds since anything arrived. */
  @property({ type: Number, attribute: "silent-for" }) silentFor = 0;
  /** The browser plays no sound before a tap. */
  @property({ type: Boolean }) tap = false;
  /** Something else worth a line, such as "You are muted". */
  @property() note = "";
  @property({ type: Boolean, attribute: "can-save" }) canSave = false;
  @property() phone = "";

  protected override render() {
    const trouble = this.trouble();
    const show = trouble || this.tap || this.note;
    return html`<div class=${show ? "call__line" : ""} data-state=${this.state}>
      <span role="status" class=${this.state === "reconnecting" ? "visually-hidden" : ""}>${trouble || (this.tap ? this.say("line.tap_why") : this.note)}</span>
      ${this.state === "reconnecting" ? this.seconds() : nothing}
      ${trouble ? this.options() : this.tap ? this.tapButton() : nothing}
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

  private options() {
    if (this.state !== "failed" && this.silentFor < OPTIONS_AFTER_MS) return nothing;
    return html`<span class="cluster">
      <button type="button" class="button button--secondary button--small" @click=${() => this.tell("retry")}>
        ${icon("refresh")} ${this.say("line.retry")}</button>
      ${this.canSave
        ? html`<button type="button" class="button button--quiet button--small" @click=${() => this.tell("camera-off")}>
            ${this.say("line.camera_off")}</button>`
        : nothing}
      ${this.phone
        ? html`<a class="button button--quiet button--small" href="tel:${this.phone.replace(/[^+\d]/g, "")}">
            ${this.say("line.phone", { phone: this.phone })}</a>`
        : nothing}
    </span>`;
  }

  private tapButton() {
    return html`<button type="button" class="button" @click=${() => this.tell("hear")}>
      ${icon("speaker")} ${this.say("line.tap")}</button>`;
  }
}
