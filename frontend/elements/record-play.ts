import { html } from "lit";
import { property, state } from "lit/decorators.js";
import { RECORD_MS, record } from "../call/recorder";
import { playOnce } from "../call/speaker";
import { PageElement, icon } from "./page";

/** Say something, and hear it as others will. Five seconds, kept in this page only, and only until it is closed. */
export class RecordPlay extends PageElement {
  @property({ attribute: false }) track: MediaStreamTrack | null = null;
  @property() sink = "";
  @state() private step: "ready" | "recording" | "playing" | "done" | "failed" = "ready";

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("device");
  }

  protected override updated(): void {
    this.dataset["device"] = "recording";
    this.dataset["state"] = this.step === "done" ? "ok" : this.step === "failed" ? "problem" : this.step;
  }

  protected override render() {
    const busy = this.step === "recording" || this.step === "playing";
    return html`${icon("headphones")}
      <div class="device__what"><p class="soft" role="status">${this.say(`listen.${this.step}`, { seconds: RECORD_MS / 1000 })}</p></div>
      <button type="button" class="button button--secondary button--small" ?disabled=${busy || !this.track} aria-busy=${busy}
        @click=${() => void this.run()}>${this.say(this.step === "done" ? "listen.again" : "listen.start")}</button>`;
  }

  private async run(): Promise<void> {
    if (!this.track) return;
    try {
      this.step = "recording";
      const sound = await record(this.track);
      this.step = "playing";
      await playOnce(sound, this.sink);
      this.step = "done";
    } catch {
      this.step = "failed";
    }
  }
}
