/** A visit that is held elsewhere, as in Teams: the way there, and our conversation beside it. Loaded when that is so. */
import { html, nothing, render } from "lit";
import { CommandRefused } from "../../call/socket";
import { playChime } from "../../call/speaker";
import type { Uploads } from "../../call/upload";
import type { VisitRoom } from "../../call/visit-room";
import { offersPhone, type Elsewhere } from "../../call/wire";
import { conversationView, uploadsOf } from "../../elements/conversation";
import { ELSEWHERE_ENGLISH } from "../../elements/elsewhere-words";
import { icon, learnWords } from "../../elements/page";
import { say, type Values, type WordKey, type Words } from "../../elements/words";
import { HostPart } from "./elsewhere-host";
import { byNumber } from "./elsewhere-way";

learnWords(ELSEWHERE_ENGLISH);

export interface ElsewherePlace {
  readonly container: HTMLElement;
  readonly room: VisitRoom;
  readonly words: Words;
  readonly provider: string;
  readonly phone: string;
  readonly onTitle: (text: string) => void;
  /** They said to be finished, and the server knows. */
  readonly onFinished: () => void;
}

export class ElsewhereView {
  private readonly stops: (() => void)[];
  private readonly uploads: Uploads;
  private readonly host: HostPart | null;
  private said = "";
  private opened: boolean;

  constructor(private readonly place: ElsewherePlace) {
    const { room, container } = place;
    this.opened = recall() === room.meeting?.id;
    this.uploads = uploadsOf(room.chat.thread, place.words);
    this.host = room.self?.staff ? new HostPart({ room, t: this.t, attempt: this.attempt }) : null;
    const seen = () => this.draw();
    document.addEventListener("visibilitychange", seen);
    this.stops = [
      room.on("change", seen),
      this.uploads.on("change", seen),
      room.chat.thread.on("arrived", () => void playChime().catch(() => undefined)),
      () => document.removeEventListener("visibilitychange", seen),
      () => this.uploads.close(),
    ];
    container.replaceChildren();
    container.hidden = false;
    this.draw();
    // The page changed under the person: begin where it says where they are now.
    if (!this.host) container.querySelector<HTMLElement>("h1")?.focus();
  }

  close(): void {
    for (const stop of this.stops) stop();
    render(nothing, this.place.container);
    this.place.container.hidden = true;
  }

  private readonly t = (key: WordKey, values: Values = {}): string => say(this.place.words, key, values);

  private readonly attempt = (deed: () => Promise<void>, done = ""): void => {
    void deed().then(
      () => this.tell(done),
      (error: unknown) => this.tell((error instanceof CommandRefused && error.sentence) || this.t("chat.refused")),
    );
  };

  private tell(words: string): void {
    this.said = words;
    this.draw();
  }

  private draw(): void {
    const { room, container } = this.place;
    const way = room.elsewhere;
    if (document.visibilityState === "visible" && room.meeting?.rules.chat !== false) room.chat.markRead();
    this.place.onTitle(this.t(this.opened ? "elsewhere.title_tab" : "waiting.your_turn"));
    const left = this.host ? this.host.view(way) : this.guest(way);
    render(
      html`<div class="waiting elsewhere ${this.host ? "elsewhere--host" : ""}" data-elsewhere=${way?.state ?? "making"}>
        <div class=${this.host ? "stack" : "waiting__status"}>${left}
          <p class="soft" role="status">${room.socket.status === "lost" ? this.t("line.socket") : this.said}</p></div>
        ${this.conversation()}
        ${this.host ? nothing : this.ways()}
      </div>`,
      container,
    );
  }

  // --- whoever was let in -----------------------------------------------------------------------------------------------

  private guest(way: Elsewhere | null) {
    const provider = this.place.provider || this.place.room.meeting?.business || "";
    const state = way?.state ?? "making";
    if (way?.state === "ready") return this.opened ? this.goingOn(way, provider) : this.ready(way, provider);
    const failed = state === "failed" || state === "late";
    return html`<div class="stack">
      <h1 tabindex="-1">${failed ? this.t("elsewhere.failed") : this.t("elsewhere.ready", { provider })}</h1>
      <p class="lead" role="status">${this.t(failed ? "elsewhere.failed_text" : "elsewhere.making_text", { provider })}</p>
    </div>
    ${this.finish("button--quiet", "elsewhere.give_up")}`;
  }

  private ready(way: Elsewhere, provider: string) {
    return html`<div class="stack">
      <h1 tabindex="-1">${this.t("elsewhere.ready", { provider })}</h1>
      <p class="lead">${this.t("elsewhere.ready_text")}</p>
    </div>
    ${this.link(way, "elsewhere.open", "button button--large")}
    <p class="soft">${this.t("elsewhere.lobby", { provider })}</p>
    ${byNumber(way, this.t)} ${this.finish("button--quiet")}`;
  }

  private goingOn(way: Elsewhere, provider: string) {
    return html`<div class="stack">
      <h1 tabindex="-1">${this.t("elsewhere.opened")}</h1>
      <p class="lead">${this.t("elsewhere.opened_text")}</p>
      <p class="soft">${this.t("elsewhere.lobby", { provider })}</p>
    </div>
    ${this.finish("")} ${this.link(way, "elsewhere.open_again", "button button--secondary")} ${byNumber(way, this.t)}`;
  }

  /** A plain link: nobody is ever sent there by script. */
  private link(way: Elsewhere, key: WordKey, look: string) {
    return html`<a class=${look} href=${way.url} target="_blank" rel="noopener noreferrer" data-elsewhere-open
      @click=${() => this.opens()}>${this.t(key)} ${icon("external")}<span class="visually-hidden"> (${this.t("elsewhere.new_tab")})</span></a>`;
  }

  private opens(): void {
    this.opened = true;
    remember(this.place.room.meeting?.id ?? "");
    // Not under the finger: the browser has yet to follow the link.
    setTimeout(() => this.draw());
  }

  private finish(look: string, key: WordKey = "elsewhere.finished") {
    return html`<button type="button" class="button ${look}" data-elsewhere-finish @click=${() => this.attempt(() => this.finished())}>
      ${this.t(key)}</button>`;
  }

  private async finished(): Promise<void> {
    await this.place.room.finish();
    remember("");
    this.place.onFinished();
  }

  private ways() {
    const { phone, room } = this.place;
    if (!phone && !offersPhone(room.meeting)) return nothing;
    return html`<div class="waiting__ways"><div class="cluster">
      ${offersPhone(room.meeting)
        ? html`<a class="button button--secondary" href="/visit/by-phone" data-opens="by-phone">${icon("phone")} ${this.t("line.by_phone")}</a>`
        : nothing}
      ${phone ? html`<a class="button button--secondary" href="tel:${phone.replace(/[^+\d]/g, "")}">${icon("phone")} ${this.t("line.phone", { phone })}</a>` : nothing}
    </div></div>`;
  }

  // --- the conversation -------------------------------------------------------------------------------------------------

  private conversation() {
    const { room, words } = this.place;
    if (room.meeting?.rules.chat === false) return nothing;
    const refused = (error: unknown) => this.attempt(() => Promise.reject(error));
    return html`<div class="waiting__beside"><section class="waiting__messages" aria-labelledby="elsewhere-messages">
      <h2 id="elsewhere-messages">${this.host ? this.t("chat.title") : this.t("elsewhere.messages", { business: room.meeting?.business ?? "" })}</h2>
      <p class="note">${this.t(this.host ? "elsewhere.messages_note_staff" : "elsewhere.messages_note")}</p>
      ${conversationView(room, this.uploads, words, { refused })}
    </section></div>`;
  }
}

const OPENED = "vestibule.elsewhere";

/** For which visit this tab opened Teams, over a reload. */
function remember(meeting: string): void {
  try {
    sessionStorage.setItem(OPENED, meeting);
  } catch {
    // nothing is kept
  }
}

function recall(): string | null {
  try {
    return sessionStorage.getItem(OPENED);
  } catch {
    return null;
  }
}
