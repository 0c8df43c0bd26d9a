/** The waiting room on a page. Loaded when somebody enters it. */
import { html, nothing, render } from "lit";
import "../../elements/chat-panel-define";
import "../../elements/identity-form-define";
import "../../elements/waiting-content-define";
import "../../elements/waiting-status-define";
import "../../elements/waiting-ways-define";
import { playChime } from "../../call/speaker";
import type { ThreadItem } from "../../call/thread";
import type { VisitRoom } from "../../call/visit-room";
import { keepAwake } from "../../call/wake";
import { DOOR_ENGLISH } from "../../elements/door-words";
import { learnWords } from "../../elements/page";
import { say, type Words } from "../../elements/words";

learnWords(DOOR_ENGLISH);

export interface WaitingPlace {
  readonly container: HTMLElement;
  readonly room: VisitRoom;
  readonly words: Words;
  readonly provider: string;
  readonly phone: string;
  /** What the server rendered about things still to do, to be shown here too; null: nothing is. */
  readonly due: Element | null;
  readonly onTitle: (text: string) => void;
  readonly onLeave: () => void;
  readonly onCheckDevices: () => void;
}

export class WaitingView {
  private readonly stops: (() => void)[];

  constructor(private readonly place: WaitingPlace) {
    const { room } = place;
    this.stops = [
      room.on("change", () => this.draw()),
      room.notices.on("arrived", () => void playChime().catch(() => undefined)),
      keepAwake(),
    ];
    this.draw();
    // The page changed under the person: begin where it says where they are now.
    const status = place.container.querySelector("waiting-status");
    void status?.updateComplete.then(() => status.querySelector<HTMLElement>("h1")?.focus());
  }

  close(): void {
    for (const stop of this.stops) stop();
    render(nothing, this.place.container);
  }

  /** The number to call: of the waiting area, else of the business. */
  private get phone(): string {
    return this.place.room.area?.support_phone || this.place.phone;
  }

  private draw(): void {
    const { room, words, provider, container } = this.place;
    this.place.onTitle(this.title());
    render(
      html`<div class="waiting">
        <waiting-status .queue=${room.queue} .movedTo=${room.movedTo} .provider=${provider}
          .lost=${room.socket.status === "lost"} .admitted=${room.state === "admitted"}></waiting-status>
        <div class="waiting__beside">
          <identity-form .identity=${room.identity} .business=${room.meeting?.business ?? ""} .phone=${this.phone}
            .give=${(fields: Readonly<Record<string, string>>) => room.giveIdentity(fields)}></identity-form>
          ${this.place.due ?? nothing}
          <waiting-content .area=${room.area}></waiting-content>
          <section class="waiting__messages" aria-labelledby="waiting-messages">
            <h2 id="waiting-messages">${say(words, "waiting.messages")}</h2>
            <chat-panel .items=${room.notices.items} .self=${room.self?.id ?? ""}
              .closed=${room.mayWrite ? "" : say(words, "chat.waiting_first")}
              @send=${(event: CustomEvent<string>) => room.notices.send(event.detail)}
              @retry=${(event: CustomEvent<ThreadItem>) => room.notices.retry(event.detail)}></chat-panel>
          </section>
        </div>
        <waiting-ways .byPhone=${room.meeting?.by_phone ?? null} .phone=${this.phone}
          @leave-waiting=${() => this.place.onLeave()} @check-devices=${() => this.place.onCheckDevices()}></waiting-ways>
      </div>`,
      container,
    );
  }

  /** In the tab's title, for who looks at something else meanwhile. */
  private title(): string {
    const { room, words } = this.place;
    const position = room.queue?.position ?? null;
    if (room.queue?.on_hold) return say(words, "waiting.tab_hold");
    if (position === null) return say(words, "waiting.title_tab");
    return position <= 1 ? say(words, "waiting.next") : say(words, "waiting.tab_place", { place: position });
  }
}
