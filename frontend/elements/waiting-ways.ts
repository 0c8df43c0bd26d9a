import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { ByPhone } from "../call/wire";
import { PageElement, icon } from "./page";

const dial = (phone: string) => `tel:${phone.replace(/[^+\d]/g, "")}`;

/**
 * The ways out of the waiting room: the telephone, the devices, and leaving.
 *
 * @fires leave-waiting, check-devices
 */
export class WaitingWays extends PageElement {
  @property({ attribute: false }) byPhone: ByPhone | null = null;
  @property() phone = "";

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("waiting__ways");
  }

  protected override render() {
    return html`${this.telephone()}
      <div class="cluster">
        <button type="button" class="button button--secondary" @click=${() => this.tell("check-devices")}>
          ${icon("settings")} ${this.say("waiting.devices")}
        </button>
        <button type="button" class="button button--quiet" @click=${() => this.tell("leave-waiting")}>${this.say("waiting.leave")}</button>
      </div>`;
  }

  private telephone() {
    const dialIn = this.byPhone?.dial_in ?? "";
    const code = this.byPhone?.code ?? "";
    return html`${this.byPhone?.call_me
      ? html`<p><a class="button button--secondary" href="/visit/by-phone" data-opens="by-phone">${icon("phone")} ${this.say("line.by_phone")}</a></p>`
      : nothing}
    ${this.phone
      ? html`<p>${icon("phone")} <a href=${dial(this.phone)}>${this.say("waiting.phone", { phone: this.phone })}</a></p>`
      : nothing}
    ${dialIn
      ? html`<p>${icon("phone")} <a href=${dial(dialIn)}>${this.say(code ? "waiting.dial_in_code" : "waiting.dial_in", { phone: dialIn, code })}</a></p>`
      : nothing}`;
  }
}
