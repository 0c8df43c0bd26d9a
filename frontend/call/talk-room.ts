/** A thread outside the call: the door `/ws/talk`, or that of one's own appointment. */
import { Chatting } from "./chatting";
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { Frame, ResumableSocket } from "./socket";
import type { Bye, Person, TalkMessages, TalkWelcome } from "./wire";

export class TalkRoom extends Emitter<{ change: void; over: Bye }> {
  self: (Person & { readonly staff: boolean }) | null = null;
  readonly chat: Chatting<TalkWelcome>;

  constructor(
    readonly socket: ResumableSocket<TalkWelcome>,
    clock: Clock = systemClock,
  ) {
    super();
    this.chat = new Chatting(socket, () => this.self ?? { id: "", name: "", role: "consumer" }, clock);
    this.chat.on("change", () => this.emit("change", undefined));
    socket.on("welcome", (welcome) => {
      this.self = welcome.participant;
      this.emit("change", undefined);
    });
    socket.on("message", (frame) => this.hear(frame));
    socket.on("status", () => this.emit("change", undefined));
    socket.on("bye", (bye) => {
      if (!bye.retry) this.emit("over", bye);
    });
  }

  private hear(frame: Frame): void {
    const handler = this.chat.handlers[frame.type as keyof TalkMessages] as ((message: unknown) => void) | undefined;
    handler?.(frame);
    this.emit("change", undefined);
  }
}
