import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { checkLine, type LineSource, type LineVerdict } from "../call/line-check";
import { PageElement, icon } from "./page";

const KEPT = "vestibule.line";
const KEPT_MS = 5 * 60 * 1000;

/**
 * How the connection is: whether calls get through, and what they may carry. Runs by itself when it is shown.
 *
 * @fires line - `detail` is the LineVerdict
 */
export class LineCheck extends PageElement {
  @property({ attribute: false }) source?: LineSource;
  /** Whom to call where a call over this line makes no sense. */
  @property() phone = "";
  @state() private verdict: LineVerdict | null = null;
  private running = false;

  protected override firstUpdated(): void {
    this.classList.add("device");
    const kept = recall();
    if (kept) this.tellVerdict(kept);
    else void this.run();
  }

  /** Try the line now. */
  async run(): Promise<void> {
    if (this.running || !this.source) return;
    this.running = true;
    this.verdict = null;
    const verdict = await checkLine(this.source);
    this.running = false;
    remember(verdict);
    this.tellVerdict(verdict);
  }

  protected override updated(): void {
    this.dataset["device"] = "line";
    this.dataset["state"] = !this.verdict ? "busy" : this.isGood(this.verdict) ? "ok" : this.isOpen(this.verdict) ? "unknown" : "problem";
  }

  protected override render() {
    const { verdict } = this;
    return html`${icon("signal")}
      <div class="device__what"><p class=${verdict && !this.isGood(verdict) ? "" : "soft"} role="status">${this.sentence(verdict)}</p></div>
      ${verdict && !this.isGood(verdict)
        ? html`<button type="button" class="button button--secondary button--small" @click=${() => void this.run()}>${this.say("check.again")}</button>`
        : nothing}`;
  }

  private isGood({ network, bandwidth }: LineVerdict): boolean {
    return network !== "blocked" && bandwidth === "video";
  }

  private isOpen({ network, bandwidth }: LineVerdict): boolean {
    return network !== "blocked" && bandwidth === "unknown";
  }

  private sentence(verdict: LineVerdict | null): string {
    if (!verdict) return this.say("line_check.running");
    const telephone = this.phone ? ` ${this.say("line_check.telephone", { phone: this.phone })}` : "";
    if (verdict.network === "blocked") return this.say("line_check.blocked") + telephone;
    const said = this.say(`line_check.${verdict.bandwidth}`);
    if (verdict.bandwidth === "phone") return said + telephone;
    return verdict.network === "relay" ? `${said} ${this.say("line_check.relay")}` : said;
  }

  private tellVerdict(verdict: LineVerdict): void {
    this.verdict = verdict;
    this.tell("line", verdict);
  }
}

/** A page loaded again a minute later need not try the same line again. */
function recall(): LineVerdict | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as { at: number; verdict: LineVerdict } | null;
    return kept && Date.now() - kept.at < KEPT_MS ? kept.verdict : null;
  } catch {
    return null;
  }
}

function remember(verdict: LineVerdict): void {
  try {
    if (verdict.bandwidth === "video" && verdict.network !== "blocked")
      sessionStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), verdict }));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // nothing is kept
  }
}
