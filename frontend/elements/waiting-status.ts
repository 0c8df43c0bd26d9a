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

/** Where a waiting person stands: who knows they are there, their place, the expected wait, and what has changed. */
export class WaitingStatus extends PageElement {
  @property({ attribute: false }) queue: VisitMessages["queue"] | null = null;
  /** Staff sent this person on, since they came. */
  @property({ attribute: false }) movedTo: VisitMessages["moved_to"] | null = null;
  @property() provider = "";
  /** The socket is lost: the place is kept meanwhile. */
  @property({ type: Boolean }) lost = false;
  @property({ type: Boolean }) admitted = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("waiting__status");
  }

  protected override render() {
    return html`
      ${doorway(this.admitted)}
      <div class="stack">
        <h1 tabindex="-1">${this.say(this.onHold ? "waiting.title_hold" : "waiting.title")}</h1>
        <p class="lead" role="status">${this.sentence()}</p>
      </div>
      ${this.news()} ${this.facts()}
      <p class="soft">${this.say("waiting.keep")}</p>
    `;
  }

  private get onHold(): boolean {
    return this.queue?.on_hold ?? false;
  }

  private sentence(): string {
    if (this.lost) return this.say("line.socket");
    if (this.admitted) return this.say("waiting.admitted");
    if (this.queue?.sentence) return this.queue.sentence;
    if (this.onHold) return this.say("waiting.hold");
    const host = this.queue ? this.queue.provider : null;
    if (this.queue && !host) return this.say("waiting.provider_none");
    const provider = host?.name || this.provider || this.say("waiting.team");
    if (host?.presence === "away" && host.away_words) {
      return this.say("waiting.away_words", { provider, words: host.away_words });
    }
    return this.say(`waiting.provider_${host?.presence ?? "away"}`, { provider });
  }

  /** Staff sent them on to somebody else since they came; or their provider begins later. */
  private news() {
    if (this.lost) return nothing;
    return html`${this.banner("moved", this.movedTo?.sentence)} ${this.banner("late", this.admitted ? "" : this.queue?.late)}`;
  }

  private banner(news: "moved" | "late", sentence: string | undefined) {
    if (!sentence) return nothing;
    return html`<div class="banner banner--info" role="status" data-news=${news}>
      ${icon(news === "late" ? "clock" : "info")}<div class="banner__text"><p>${sentence}</p></div>
    </div>`;
  }

  private facts() {
    const { queue } = this;
    if (!queue) return nothing;
    const { position, expected_minutes: expected } = queue;
    return html`<dl class="waiting__facts">
      ${position === null || this.onHold
        ? nothing
        : html`<div><dt>${this.say("waiting.place")}</dt>
            <dd data-place=${position}>${position <= 1 ? this.say("waiting.next") : String(position)}</dd></div>`}
      ${expected === null || this.onHold
        ? nothing
        : html`<div><dt>${this.say("waiting.expected")}</dt>
            <dd>${this.say("waiting.minutes", { minutes: Math.max(1, Math.round(expected)) })}</dd></div>`}
      <div><dt>${this.say("waiting.since")}</dt><dd><time datetime=${queue.since}>${clockTime(queue.since)}</time></dd></div>
    </dl>`;
  }
}
