import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { CommandRefused } from "../call/socket";
import type { IdentityField, VisitMessages } from "../call/wire";
import { PageElement, icon } from "./page";

const KINDS: Record<IdentityField, { readonly type: string; readonly complete: string }> = {
  // Not filled in by a browser that several people use: who they are is what they say.
  name: { type: "text", complete: "off" },
  birth_date: { type: "date", complete: "bday" },
  phone: { type: "tel", complete: "tel" },
  postcode: { type: "text", complete: "postal-code" },
  reference: { type: "text", complete: "off" },
};

/** What somebody waiting is asked, so that staff know whom they let in. What was given is never shown again. */
export class IdentityForm extends PageElement {
  @property({ attribute: false }) identity: VisitMessages["identity"] | null = null;
  @property({ attribute: false }) give: (fields: Readonly<Record<string, string>>) => Promise<void> = async () => undefined;
  @property() business = "";
  @property() phone = "";
  @state() private refusal = "";
  @state() private sending = false;

  protected override updated(): void {
    this.hidden = !this.identity;
  }

  protected override render() {
    const { identity } = this;
    if (!identity) return nothing;
    if (identity.state === "locked") return this.locked();
    const open = identity.asked.filter((field) => !identity.given.includes(field));
    if (identity.state === "confirmed" || !open.length) {
      return html`<p class="identity__done" role="status" data-identity="given">${icon("user-check")} ${this.say("identity.given")}</p>`;
    }
    return html`<form class="panel stack" data-identity="asked" novalidate aria-labelledby="identity-title" @submit=${this.submit}>
      <h2 id="identity-title">${this.say("identity.title")}</h2>
      <p id="identity-why">${this.say("identity.why", { business: this.business })}</p>
      ${this.refusal
        ? html`<div class="banner banner--problem" role="alert">${icon("problem")}<div class="banner__text"><p>${this.refusal}</p></div></div>`
        : nothing}
      ${open.map((field) => this.field(field))}
      <div class="actions"><button class="button" ?disabled=${this.sending} aria-busy=${this.sending}>${this.say("identity.send")}</button></div>
    </form>`;
  }

  private field(field: IdentityField) {
    const { type, complete } = KINDS[field];
    return html`<div class="field ${type === "date" ? "field--short" : ""}">
      <label class="field__label" for="identity-${field}">${this.say(`identity.field_${field}`)}</label>
      <input id="identity-${field}" name=${field} type=${type} autocomplete=${complete} maxlength="120" required
        aria-describedby="identity-why">
    </div>`;
  }

  private locked() {
    return html`<div class="banner banner--warning" role="alert" data-identity="locked">
      ${icon("lock")}
      <div class="banner__text"><strong>${this.say("identity.locked_title")}</strong><p>${this.say("identity.locked")}
        ${this.phone ? html`<a href="tel:${this.phone.replace(/[^+\d]/g, "")}">${this.say("waiting.phone", { phone: this.phone })}</a>` : nothing}</p></div>
    </div>`;
  }

  private readonly submit = async (event: Event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const inputs = [...form.querySelectorAll("input")];
    const empty = inputs.find((input) => !input.value.trim());
    if (empty) {
      this.refusal = this.say("identity.missing");
      return empty.focus();
    }
    this.sending = true;
    this.refusal = "";
    try {
      await this.give(Object.fromEntries(inputs.map((input) => [input.name, input.value.trim()])));
    } catch (error) {
      this.refusal = (error instanceof CommandRefused && error.sentence) || this.say("ended.failed_text");
    }
    this.sending = false;
    if (this.refusal) void this.updateComplete.then(() => form.querySelector("input")?.focus());
  };
}
