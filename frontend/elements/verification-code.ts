import { html } from "lit";
import { property } from "lit/decorators.js";
import { PageElement, icon } from "./page";

/** The digits two people compare, and why. Shown only where media is encrypted between the browsers themselves. */
export class VerificationCode extends PageElement {
  @property() code = "";

  protected override render() {
    return html`<details class="menu">
      <summary class="call__pill" data-code=${this.code}>${icon("lock")} ${this.say("code.label")}</summary>
      <div class="menu__list">
        <p class="menu__note">${this.code ? html`<strong>${this.spaced}</strong>` : this.say("code.pending")}</p>
        <p class="menu__note">${this.say("code.text")}</p>
      </div>
    </details>`;
  }

  private get spaced(): string {
    return `${this.code.slice(0, 3)} ${this.code.slice(3)}`;
  }
}
