import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { ACTIONS, Keymap, comboOf, type Action } from "./keymap";
import { PageElement } from "./page";

/**
 * The list of shortcuts; each can be changed.
 *
 * @fires keys - `detail` holds the keys that differ from the usual ones, to be kept
 */
export class KeysDialog extends PageElement {
  @property({ attribute: false }) keys = new Keymap();
  @state() private changing: Action | null = null;
  @state() private problem = "";

  show(): void {
    this.problem = "";
    this.changing = null;
    void this.updateComplete.then(() => this.querySelector("dialog")?.showModal());
  }

  protected override render() {
    return html`<dialog class="dialog" aria-labelledby="keys-title" @keydown=${(event: KeyboardEvent) => this.pressed(event)}>
      <div class="dialog__head"><h2 id="keys-title">${this.say("keys.title")}</h2></div>
      <div class="dialog__body stack">
        <p>${this.say("keys.text")}</p>
        <p role="alert" class=${this.problem ? "banner banner--warning" : ""}>${this.problem}</p>
        <ul class="call__keys">${ACTIONS.map((action) => this.row(action))}</ul>
        <p>${this.say("keys.talk")}</p>
      </div>
      <div class="dialog__foot">
        <button type="button" class="button" @click=${() => this.querySelector("dialog")?.close()}>${this.say("control.close")}</button>
        <button type="button" class="button button--secondary" @click=${() => this.reset()}>${this.say("keys.reset")}</button>
      </div>
    </dialog>`;
  }

  private row(action: Action) {
    const name = this.say(`key.${action}`);
    const busy = this.changing === action;
    return html`<li><span>${name}</span>
      ${busy ? html`<span role="status">${this.say("keys.press")}</span>` : html`<kbd>${this.keys.of(action)}</kbd>`}
      <button type="button" class="button button--secondary button--small" data-key=${action} aria-pressed=${busy ? "true" : nothing}
        aria-label=${this.say("keys.change_of", { action: name })} @click=${() => (this.changing = busy ? null : action)}>
        ${this.say("keys.change")}</button></li>`;
  }

  private pressed(event: KeyboardEvent): void {
    const action = this.changing;
    if (!action || event.key === "Tab" || event.key === "Enter" || event.key === " ") return;
    if (["Alt", "Control", "Shift", "Meta"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") {
      this.changing = null;
      return;
    }
    const done = this.keys.change(action, comboOf(event));
    if ("keys" in done) {
      this.changing = null;
      this.problem = "";
      this.tell("keys", done.keys);
    } else {
      this.problem = done.refused === "bad" ? this.say("keys.bad") : this.say("keys.clash", { action: this.say(`key.${done.by}`) });
    }
  }

  private reset(): void {
    this.keys.reset();
    this.changing = null;
    this.problem = "";
    this.tell("keys", {});
    this.requestUpdate();
  }
}
