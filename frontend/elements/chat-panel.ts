import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { mayChange, type ThreadItem } from "../call/thread";
import type { UploadItem } from "../call/upload";
import type { AttachmentItem, ChatFiles } from "../call/wire";
import { addressAt, fileView, uploadView, type Say } from "./chat-file";
import { pieces } from "./links";
import { PageElement, clockTime, dayName, icon } from "./page";

/** Where staff see who reads along through a program, and the words of the link that leads there. */
export interface ProgramsPage {
  readonly href: string;
  readonly words: string;
}

const LIMIT = 4000;
const TYPING_EVERY_MS = 2000;

/**
 * A conversation: what was written and sent, who is writing, and a box to write. Enter sends, Shift+Enter makes a
 * line, the up arrow in an empty box changes the last own message. Files come by button, drag, paste or camera.
 *
 * @fires send - `detail` is the text
 * @fires typing - `detail` is true or false
 * @fires retry - `detail` is the item that was not sent
 * @fires earlier - older messages are wanted
 * @fires edit - `detail` is {item, text}
 * @fires take-back - `detail` is the item
 * @fires attach - `detail` is an array of files
 * @fires retry-upload, cancel-upload - `detail` is the key of the upload
 */
export class ChatPanel extends PageElement {
  @property({ attribute: false }) items: readonly ThreadItem[] = [];
  /** Our own participant id: those messages stand on the other side. */
  @property() self = "";
  /** Where several speak for one side, as at the desk: the other side's id; everybody else stands on ours. */
  @property() guest = "";
  @property({ attribute: false }) typing: readonly string[] = [];
  /** Names, "" for none, of those who read along through a program. */
  @property({ attribute: false }) programs: readonly string[] = [];
  /** Where staff see who that is and take them out again, and what leads there; null for others. */
  @property({ attribute: false }) programsPage: ProgramsPage | null = null;
  @property({ type: Boolean }) more = false;
  /** Why nothing can be written now; empty when it can. */
  @property() closed = "";
  /** The number up to which somebody else has read. */
  @property({ type: Number }) seen = 0;
  /** Own messages may be edited and taken back for a while. */
  @property({ type: Boolean }) changes = false;
  /** Everybody's messages may be taken back. */
  @property({ type: Boolean }) moderates = false;
  @property({ attribute: false }) files: ChatFiles | null = null;
  @property({ attribute: false }) uploads: readonly UploadItem[] = [];
  /** Where this page asks for files. */
  @property() at = "/uploads";
  @state() private tooLong = false;
  @state() private acting = "";
  @state() private deleting = "";
  @state() private editing: ThreadItem | null = null;
  @state() private dropping = false;
  @state() private fresh = false;
  @state() private shown: AttachmentItem | null = null;
  private lastTyping = 0;
  private atEnd = true;
  private lastKey = "";
  private readonly sayIt: Say = (key, values) => this.say(key, values);

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("chat");
    this.addEventListener("dragover", this.dragOver);
    this.addEventListener("dragleave", this.dragLeave);
    this.addEventListener("drop", this.drop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener("dragover", this.dragOver);
    this.removeEventListener("dragleave", this.dragLeave);
    this.removeEventListener("drop", this.drop);
  }

  /** Put the cursor where the person writes. */
  override focus(): void {
    void this.updateComplete.then(() => this.querySelector("textarea")?.focus());
  }

  protected override willUpdate(): void {
    const log = this.log;
    this.atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 48;
  }

  protected override updated(): void {
    const last = this.items.at(-1);
    const key = last?.key ?? "";
    if (key !== this.lastKey) {
      const first = this.lastKey === "";
      this.lastKey = key;
      if (first || this.atEnd || this.isOurs(last)) this.toEnd();
      else this.fresh = true;
    } else if (this.atEnd) {
      this.toEnd(); // what is there may have grown: a file became a picture
    }
    const dialog = this.querySelector<HTMLDialogElement>("dialog.lightbox");
    if (dialog && !dialog.open) dialog.showModal();
  }

  protected override render() {
    const lastSeen = this.items.findLast((item) => item.from.id === this.self && item.number > 0 && item.number <= this.seen && !item.deleted);
    return html`
      <div class="chat__programs" role="status">${this.programs.length ? html`${icon("info")} <span dir="auto">${this.programWords()}</span>${this.programsLink()}` : nothing}</div>
      <div class="chat__log" role="log" aria-live="polite" aria-label=${this.say("chat.title")} tabindex="0" @scroll=${this.scrolled}>
        ${this.more ? html`<div class="bubble bubble--notice"><button type="button" class="button button--quiet button--small"
          @click=${() => this.tell("earlier")}>${this.say("chat.earlier")}</button></div>` : nothing}
        ${this.items.length ? nothing : html`<div class="bubble bubble--notice">${this.say("chat.empty")}</div>`}
        ${repeat(this.items, (item) => item.key, (item, index) => html`${this.day(item, index)}${this.bubble(item, item === lastSeen)}`)}
      </div>
      ${this.fresh ? html`<div class="chat__fresh"><button type="button" class="button button--small" @click=${() => this.toEnd()}>
        ${icon("chevron-down")} ${this.say("chat.fresh")}</button></div>` : nothing}
      <p class="chat__typing" aria-hidden=${this.typing.length === 0}>${this.typingWords()}</p>
      ${this.sending()} ${this.closed ? html`<p class="chat__typing">${this.closed}</p>` : this.form()}
      ${this.dropping ? html`<div class="chat__drop" aria-hidden="true">${icon("upload")} ${this.say("file.drop")}</div>` : nothing}
      ${this.lightbox()}
    `;
  }

  /** Where another day begins, and at the top of a thread that did not begin today. */
  private day(item: ThreadItem, index: number) {
    const name = dayName(item.at);
    const before = index > 0 ? dayName(this.items[index - 1]!.at) : dayName(new Date().toISOString());
    return name && name !== before ? html`<div class="bubble bubble--notice">${name}</div>` : nothing;
  }

  private bubble(item: ThreadItem, isSeen: boolean) {
    const mine = item.from.id === this.self;
    const look = `bubble ${this.isOurs(item) ? "bubble--own" : ""} ${item.deleted ? "is-deleted" : item.status === "sent" ? "" : `is-${item.status}`}`;
    return html`<div class=${look} data-number=${item.number}>
      <span class=${mine ? "bubble__who visually-hidden" : "bubble__who"} dir="auto">${mine ? this.say("chat.you") : item.from.name}</span>
      ${item.deleted ? html`<p>${this.say("chat.deleted")}</p>` : nothing}
      ${item.attachment ? fileView(item.attachment, this.at, this.sayIt, (file) => (this.shown = file)) : nothing}
      ${item.text ? this.text(item.text) : nothing}
      ${item.status === "pending" ? html`<time>${this.say("chat.sending")}</time>` : nothing}
      ${item.status === "sent" ? this.foot(item, isSeen) : nothing}
      ${item.status === "failed"
        ? html`<button type="button" class="button button--quiet button--small" @click=${() => this.tell("retry", item)}>
            ${this.say("chat.failed")}</button>`
        : nothing}
      ${this.acting === item.key ? this.actions(item) : nothing}
    </div>`;
  }

  private text(text: string) {
    return html`<p dir="auto">${pieces(text).map((piece) =>
      piece.href
        ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`
        : piece.text,
    )}</p>`;
  }

  private foot(item: ThreadItem, isSeen: boolean) {
    return html`<span class="bubble__foot">
      <time datetime=${item.at}>${clockTime(item.at)}</time>
      ${item.edited && !item.deleted ? html`<span>${this.say("chat.edited")}</span>` : nothing}
      ${isSeen ? html`<span class="bubble__seen">${icon("check")}${this.say("chat.seen")}</span>` : nothing}
      ${this.mayEdit(item) || this.mayTakeBack(item)
        ? html`<button type="button" class="bubble__more" aria-expanded=${this.acting === item.key} aria-label=${this.say("chat.more", { text: item.text || (item.attachment?.name ?? "") })}
            @click=${() => this.act(item)}>${icon("more")}</button>`
        : nothing}
    </span>`;
  }

  private actions(item: ThreadItem) {
    if (this.deleting === item.key) {
      return html`<span class="bubble__actions" @keydown=${this.actionKey}><span>${this.say("chat.delete_really")}</span>
        <button type="button" class="button button--small button--problem" @click=${() => this.takeBack(item)}>${this.say("chat.delete")}</button>
        <button type="button" class="button button--quiet button--small" @click=${() => this.act(item)}>${this.say("chat.keep")}</button></span>`;
    }
    return html`<span class="bubble__actions" @keydown=${this.actionKey}>
      ${this.mayEdit(item)
        ? html`<button type="button" class="button button--quiet button--small" @click=${() => this.edit(item)}>${icon("edit")} ${this.say("chat.edit")}</button>`
        : nothing}
      <button type="button" class="button button--quiet button--small" @click=${() => this.ask(item)}>${icon("trash")} ${this.say("chat.delete")}</button>
    </span>`;
  }

  private mayEdit(item: ThreadItem): boolean {
    return this.changes && !this.closed && item.from.id === this.self && mayChange(item, Date.now());
  }

  private mayTakeBack(item: ThreadItem): boolean {
    return this.mayEdit(item) || (this.moderates && item.number > 0 && !item.deleted);
  }

  private act(item: ThreadItem): void {
    this.deleting = "";
    this.acting = this.acting === item.key ? "" : item.key;
    if (this.acting) this.focusOn(".bubble__actions button");
    else this.focusOn(`[data-number="${item.number}"] .bubble__more`);
  }

  private ask(item: ThreadItem): void {
    this.deleting = item.key;
    this.focusOn(".bubble__actions button");
  }

  private takeBack(item: ThreadItem): void {
    this.acting = this.deleting = "";
    this.tell("take-back", item);
    this.querySelector<HTMLElement>(".chat__log")?.focus();
  }

  private readonly actionKey = (event: KeyboardEvent) => {
    const item = this.items.find((one) => one.key === this.acting);
    if (event.key !== "Escape" || !item) return;
    event.stopPropagation();
    this.act(item);
  };

  private edit(item: ThreadItem): void {
    this.acting = "";
    this.editing = item;
    void this.updateComplete.then(() => {
      const box = this.querySelector("textarea");
      if (!box) return;
      box.value = item.text;
      box.focus();
      this.grow(box);
    });
  }

  private stopEditing(): void {
    this.editing = null;
    const box = this.querySelector("textarea");
    if (!box) return;
    box.value = "";
    this.grow(box);
    box.focus();
  }

  private isOurs(item: ThreadItem | undefined): boolean {
    return this.guest ? item?.from.id !== this.guest : item?.from.id === this.self;
  }

  private typingWords(): string {
    if (!this.typing.length) return "";
    if (this.typing.length > 1) return this.say("chat.typing_many");
    return this.say("chat.typing", { name: this.typing[0]! });
  }

  private programWords(): string {
    const names = this.programs.map((name) => name || this.say("chat.program_unnamed"));
    return this.say("chat.programs", { names: names.join(", ") });
  }

  /** In a tab of its own: whoever is in a call stays in it. */
  private programsLink() {
    const page = this.programsPage;
    return page ? html` <a href=${page.href} target="_blank" rel="noopener">${page.words}</a>` : nothing;
  }

  private sending() {
    const arrived = new Set(this.items.map((item) => item.key));
    const going = this.uploads.filter((one) => !arrived.has(one.key));
    if (!going.length) return nothing;
    return html`<ul class="chat__uploads" aria-label=${this.say("file.uploads")}>
      ${repeat(going, (one) => one.key, (one) =>
        uploadView(one, this.sayIt, (key) => this.tell("retry-upload", key), (key) => this.tell("cancel-upload", key)))}
    </ul>`;
  }

  private form() {
    return html`<form class="chat__form" @submit=${this.submit}>
      ${this.editing ? html`<p class="chat__editing">${icon("edit")} ${this.say("chat.editing")}
        <button type="button" class="button button--quiet button--small" @click=${() => this.stopEditing()}>${this.say("control.cancel")}</button></p>` : nothing}
      ${this.files && !this.editing ? this.attaching(this.files) : nothing}
      <textarea rows="1" aria-label=${this.say("chat.write")} placeholder=${this.say("chat.write")} enterkeyhint="send"
        aria-invalid=${this.tooLong} @keydown=${this.key} @input=${this.input} @paste=${this.paste} @blur=${() => this.markTyping(false)}></textarea>
      <button type="submit" class="button button--icon" aria-label=${this.say(this.editing ? "chat.save" : "chat.send")}>${icon(this.editing ? "check" : "send")}</button>
      ${this.tooLong ? html`<p role="alert">${this.say("chat.too_long", { limit: LIMIT })}</p>` : nothing}
    </form>`;
  }

  private attaching({ accept }: ChatFiles) {
    return html`
      <button type="button" class="button button--quiet button--icon" aria-label=${this.say("file.attach")} title=${this.say("file.attach")}
        @click=${() => this.choose("files")}>${icon("paperclip")}</button>
      <button type="button" class="button button--quiet button--icon chat__photo" aria-label=${this.say("file.photo")} title=${this.say("file.photo")}
        @click=${() => this.choose("photo")}>${icon("photo")}</button>
      <input type="file" hidden multiple data-choose="files" accept=${accept} tabindex="-1" @change=${this.chosen}>
      <input type="file" hidden data-choose="photo" accept="image/jpeg" capture="environment" tabindex="-1" @change=${this.chosen}>`;
  }

  private lightbox() {
    const file = this.shown;
    if (!file?.url) return nothing;
    const address = addressAt(this.at, file.url);
    return html`<dialog class="lightbox" aria-label=${file.name} @close=${() => (this.shown = null)}
      @click=${(event: Event) => event.target === event.currentTarget && (event.currentTarget as HTMLDialogElement).close()}>
      <img src=${address} alt=${this.say("file.picture", { name: file.name })} width=${file.width ?? nothing} height=${file.height ?? nothing}>
      <div class="lightbox__bar"><span dir="auto">${file.name}</span>
        <a class="button button--secondary button--small" href=${address} download=${file.name}>${icon("download")} ${this.say("file.save")}</a>
        <button type="button" class="button button--small" @click=${(event: Event) => (event.target as HTMLElement).closest("dialog")!.close()}>
          ${this.say("control.close")}</button></div>
    </dialog>`;
  }

  private choose(which: string): void {
    this.querySelector<HTMLInputElement>(`input[data-choose="${which}"]`)?.click();
  }

  private readonly chosen = (event: Event) => {
    const input = event.target as HTMLInputElement;
    this.attach(input.files);
    input.value = "";
    this.focus();
  };

  private attach(files: FileList | null | undefined): void {
    if (this.files && !this.closed && files?.length) this.tell("attach", [...files]);
  }

  private readonly paste = (event: ClipboardEvent) => {
    const files = event.clipboardData?.files;
    if (!files?.length || !this.files) return;
    event.preventDefault();
    this.attach(files);
  };

  private readonly dragOver = (event: DragEvent) => {
    if (!this.files || this.closed || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dropping = true;
  };

  private readonly dragLeave = (event: DragEvent) => {
    if (!this.contains(event.relatedTarget as Node | null)) this.dropping = false;
  };

  private readonly drop = (event: DragEvent) => {
    if (!this.dropping) return;
    event.preventDefault();
    this.dropping = false;
    this.attach(event.dataTransfer?.files);
  };

  private readonly key = (event: KeyboardEvent) => {
    const box = event.target as HTMLTextAreaElement;
    if (event.key === "Escape" && this.editing) {
      event.stopPropagation();
      this.stopEditing();
    } else if (event.key === "ArrowUp" && !box.value && !this.editing) {
      const last = this.items.findLast((item) => item.text && this.mayEdit(item));
      if (last) {
        event.preventDefault();
        this.edit(last);
      }
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      // While a letter is being composed, Enter chooses the letter.
      event.preventDefault();
      this.send();
    }
  };

  private readonly submit = (event: Event) => {
    event.preventDefault();
    this.send();
  };

  private readonly input = (event: Event) => {
    const box = event.target as HTMLTextAreaElement;
    this.tooLong = box.value.length > LIMIT;
    this.grow(box);
    this.markTyping(box.value.trim() !== "");
  };

  private grow(box: HTMLTextAreaElement): void {
    box.style.height = "auto";
    if (box.scrollHeight > box.clientHeight) box.style.height = `${box.scrollHeight + 2}px`;
  }

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
    this.markTyping(false);
    const item = this.editing;
    if (item) {
      this.stopEditing();
      if (text !== item.text) this.tell("edit", { item, text });
      return;
    }
    box.value = "";
    this.grow(box);
    this.tell("send", text);
    box.focus();
  }

  private get log(): HTMLElement | null {
    return this.querySelector(".chat__log");
  }

  private toEnd(): void {
    this.fresh = false;
    const { log } = this;
    if (log) log.scrollTop = log.scrollHeight;
  }

  private readonly scrolled = () => {
    const { log } = this;
    if (this.fresh && log && log.scrollHeight - log.scrollTop - log.clientHeight < 48) this.fresh = false;
  };

  private focusOn(selector: string): void {
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(selector)?.focus());
  }
}
