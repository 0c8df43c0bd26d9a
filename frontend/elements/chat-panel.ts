import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ThreadItem } from "../call/thread";
import { pieces } from "./links";
import { PageElement, clockTime, icon } from "./page";

const LIMIT = 4000;
const TYPING_EVERY_MS = 2000;

/**
 * A conversation: what was written, who is writing, and a box to write. Enter sends, Shift+Enter makes a line.
 *
 * @fires send - `detail` is the text
 * @fires typing - `detail` is true or false
 * @fires retry - `detail` is the item that was not sent
 * @fires earlier - older messages are wanted
 */
export class ChatPanel extends PageElement {
  @property({ attribute: false }) items: readonly ThreadItem[] = [];
  /** Our own participant id: those messages stand on the other side. */
  @property() self = "";
  /** Where several speak for one side, as at the desk: the other side's id; everybody else stands on ours. */
  @property() guest = "";
  @property({ attribute: false }) typing: readonly string[] = [];
  @property({ type: Boolean }) more = false;
  /** Why nothing can be written now; empty when it can. */
  @property() closed = "";
  @state() private tooLong = false;
  private lastTyping = 0;
  private atEnd = true;

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("chat");
  }

  /** Put the cursor where the person writes. */
  override focus(): void {
    void this.updateComplete.then(() => this.querySelector("textarea")?.focus());
  }

  protected override willUpdate(): void {
    const log = this.querySelector(".chat__log");
    this.atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 48;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const log = this.querySelector(".chat__log");
    const own = this.isOurs(this.items.at(-1));
    if (log && changed.has("items") && (this.atEnd || own)) log.scrollTop = log.scrollHeight;
  }

  protected override render() {
    return html`
      <div class="chat__log" role="log" aria-live="polite" aria-label=${this.say("chat.title")} tabindex="0">
        ${this.more ? html`<div class="bubble bubble--notice"><button type="button" class="button button--quiet button--small"
          @click=${() => this.tell("earlier")}>${this.say("chat.earlier")}</button></div>` : nothing}
        ${this.items.length ? nothing : html`<div class="bubble bubble--notice">${this.say("chat.empty")}</div>`}
        ${repeat(this.items, (item) => item.key, (item) => this.bubble(item))}
      </div>
      <p class="chat__typing" aria-hidden=${this.typing.length === 0}>${this.typingWords()}</p>
      ${this.closed ? html`<p class="chat__typing">${this.closed}</p>` : this.form()}
    `;
  }

  private bubble(item: ThreadItem) {
    const own = this.isOurs(item);
    const mine = item.from.id === this.self;
    const look = `bubble ${own ? "bubble--own" : ""} ${item.status === "sent" ? "" : `is-${item.status}`}`;
    return html`<div class=${look}>
      <span class=${mine ? "bubble__who visually-hidden" : "bubble__who"} dir="auto">${mine ? this.say("chat.you") : item.from.name}</span>
      <p dir="auto">${pieces(item.text).map((piece) =>
        piece.href
          ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`
          : piece.text,
      )}</p>
      ${item.status === "pending" ? html`<time>${this.say("chat.sending")}</time>` : nothing}
      ${item.status === "sent" ? html`<time datetime=${item.at}>${clockTime(item.at)}</time>` : nothing}
      ${item.status === "failed"
        ? html`<button type="button" class="button button--quiet button--small" @click=${() => this.tell("retry", item)}>
            ${this.say("chat.failed")}</button>`
        : nothing}
    </div>`;
  }

  private isOurs(item: ThreadItem | undefined): boolean {
    return this.guest ? item?.from.id !== this.guest : item?.from.id === this.self;
  }

  private typingWords(): string {
    if (!this.typing.length) return "";
    if (this.typing.length > 1) return this.say("chat.typing_many");
    return this.say("chat.typing", { name: this.typing[0]! });
  }

  private form() {
    return html`<form class="chat__form" @submit=${this.submit}>
      <textarea rows="1" aria-label=${this.say("chat.write")} placeholder=${this.say("chat.write")} enterkeyhint="send"
        aria-invalid=${this.tooLong} @keydown=${this.key} @input=${this.input} @blur=${() => this.markTyping(false)}></textarea>
      <button type="submit" class="button button--icon" aria-label=${this.say("chat.send")}>${icon("send")}</button>
      ${this.tooLong ? html`<p role="alert">${this.say("chat.too_long", { limit: LIMIT })}</p>` : nothing}
    </form>`;
  }

  private readonly key = (event: KeyboardEvent) => {
    // While a letter is being composed, Enter chooses the letter.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  };

  private readonly submit = (event: Event) => {
    event.preventDefault();
    this.send();
  };

  private readonly input = (event: Event) => {
    const { value } = event.target as HTMLTextAreaElement;
    this.tooLong = value.length > LIMIT;
    this.markTyping(value.trim() !== "");
  };

  private markTyping(on: boolean): void {
    const now = Date.now();
    if (on && now - this.lastTyping < TYPING_EVERY_MS) return;
    if (!on && this.lastTyping === 0) return;
    this.lastTyping = on ? now : 0;
    this.tell("typing", on);
  }

  private send(): void {
    const box = this.querySelector("textarea");
    const text = box?.value.trim() ?? "";
    if (!box || !text || text.length > LIMIT) return;
    box.value = "";
    this.markTyping(false);
    this.tell("send", text);
    box.focus();
  }
}
