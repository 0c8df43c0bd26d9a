/** The waiting room on a page. Loaded when somebody enters it. */
import { html, nothing, render } from "lit";
import "../../elements/chat-panel-define";
import "../../elements/waiting-status-define";
import { playChime } from "../../call/speaker";
import type { ThreadItem } from "../../call/thread";
import type { VisitRoom } from "../../call/visit-room";
import { say, type Words } from "../../elements/words";

export interface WaitingPlace {
  readonly container: HTMLElement;
  readonly room: VisitRoom;
  readonly words: Words;
  readonly provider: string;
  readonly phone: string;
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

  private draw(): void {
    const { room, words, provider, phone, container } = this.place;
    const mayWrite = room.mayWrite;
    render(
      html`<div class="waiting"><waiting-status .queue=${room.queue} .provider=${provider} .phone=${phone} .lost=${room.socket.status === "lost"}
          .admitted=${room.state === "admitted"} @leave-waiting=${() => this.place.onLeave()}
          @check-devices=${() => this.place.onCheckDevices()}></waiting-status>
        <section class="waiting__messages" aria-label=${say(words, "waiting.messages")}>
          <chat-panel .items=${room.notices.items} .self=${room.self?.id ?? ""}
            .closed=${mayWrite ? "" : say(words, "chat.waiting_first")}
            @send=${(event: CustomEvent<string>) => room.notices.send(event.detail)}
            @retry=${(event: CustomEvent<ThreadItem>) => room.notices.retry(event.detail)}></chat-panel>
        </section></div>`,
      container,
    );
  }
}
