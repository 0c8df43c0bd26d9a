import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { VisitMessages } from "../call/wire";
import { PageElement, clockTime, icon } from "./page";

/** The same picture as the server's `parts/doorway.html`: ajar while waiting, open when let in. */
const doorway = (open: boolean) => html`<svg class="doorway doorway--${open ? "open" : "ajar"}" viewBox="0 0 128 152"
  aria-hidden="true" focusable="false">
  <path class="doorway__wall" d="M0 152V64a64 64 0 0 1 128 0v88z"></path>
  <path class="doorway__room" d="M22 140V66a42 42 0 0 1 84 0v74z"></path>
  <path class="doorway__light" d="M22 140h84l14 12H40z"></path>
  <path class="doorway__leaf" d=${open ? "M22 140V66a42 42 0 0 1 16-33v119z" : "M22 140V66a42 42 0 0 1 62-37v123z"}></path>
</svg>`;

/**
 * Where a waiting person stands: who knows they are there, their place, the expected wait, and the ways out.
 *
 * @fires leave-waiting, check-devices
 */
export class WaitingStatus extends PageElement {
  @property({ attribute: false }) queue: VisitMessages["queue"] | null = null;
  @property() provider = "";
  @property() phone = "";
  /** The socket is lost: the place is kept meanwhile. */
  @property({ type: Boolean }) lost = false;
  @property({ type: Boolean }) admitted = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("waiting");
  }

  protected override render() {
    return html`
      ${doorway(this.admitted)}
      <div class="stack">
        <h1 tabindex="-1">${this.say("waiting.title")}</h1>
        <p class="lead" role="status">${this.sentence()}</p>
      </div>
      ${this.facts()}
      <p class="soft">${this.say("waiting.keep")}</p>
      <div class="cluster">
        <button type="button" class="button button--secondary" @click=${() => this.tell("check-devices")}>
          ${icon("settings")} ${this.say("waiting.devices")}
        </button>
        <button type="button" class="button button--quiet" @click=${() => this.tell("leave-waiting")}>
          ${this.say("waiting.leave")}
        </button>
      </div>
      ${this.phone
        ? html`<p><a href="tel:${this.phone.replace(/[^+\d]/g, "")}">${this.say("waiting.phone", { phone: this.phone })}</a></p>`
        : nothing}
    `;
  }

  private sentence(): string {
    if (this.lost) return this.say("line.socket");
    if (this.admitted) return this.say("waiting.admitted");
    const provider = this.queue?.provider?.name || this.provider || this.say("waiting.team");
    return this.say(`waiting.provider_${this.queue?.provider?.presence ?? "away"}`, { provider });
  }

  private facts() {
    const { queue } = this;
    if (!queue) return nothing;
    const place = queue.position === null ? null : queue.position <= 1 ? this.say("waiting.next") : String(queue.position);
    const expected = queue.expected_minutes;
    return html`<dl class="waiting__facts">
      ${place === null ? nothing : html`<div><dt>${this.say("waiting.place")}</dt><dd>${place}</dd></div>`}
      ${expected === null
        ? nothing
        : html`<div><dt>${this.say("waiting.expected")}</dt>
            <dd>${this.say("waiting.minutes", { minutes: Math.max(1, Math.round(expected)) })}</dd></div>`}
      <div><dt>${this.say("waiting.since")}</dt><dd><time datetime=${queue.since}>${clockTime(queue.since)}</time></dd></div>
    </dl>`;
  }
}
