/** A thread outside the call: the door `/ws/talk`, or that of one's own appointment. */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { Frame, ResumableSocket } from "./socket";
import { Thread } from "./thread";
import type { Bye, Person, TalkMessages, TalkWelcome } from "./wire";

const TYPING_ENDS_MS = 5000;

export class TalkRoom extends Emitter<{ change: void; over: Bye }> {
  self: (Person & { readonly staff: boolean }) | null = null;
  readonly typing = new Map<string, string>();
  readonly thread: Thread;
  private readonly typingEnds = new Map<string, () => void>();

  constructor(
    readonly socket: ResumableSocket<TalkWelcome>,
    private readonly clock: Clock = systemClock,
  ) {
    super();
    const self = (): Person => this.self ?? { id: "", name: "", role: "consumer" };
    this.thread = new Thread(self, (text, clientId) =>
      socket.ask({ type: "chat_send", client_id: clientId, text }, { survives: true }));
    this.thread.on("change", () => this.emit("change", undefined));
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

  markTyping(on: boolean): void {
    this.socket.mention({ type: "typing", on });
  }

  markRead(): void {
    const number = this.thread.markRead();
    if (number !== null) this.socket.tell({ type: "chat_read", number });
  }

  async earlier(): Promise<void> {
    const before = this.thread.oldestNumber;
    await this.socket.ask({ type: "get_chat", ...(before ? { before } : {}) });
  }

  async edit(number: number, text: string): Promise<void> {
    await this.socket.ask({ type: "chat_edit", number, text });
  }

  async takeBack(number: number): Promise<void> {
    await this.socket.ask({ type: "chat_delete", number });
  }

  private hear(frame: Frame): void {
    const handler = this.handlers[frame.type as keyof TalkMessages] as ((message: unknown) => void) | undefined;
    handler?.(frame);
    this.emit("change", undefined);
  }

  private readonly handlers: { [Name in keyof TalkMessages]: (message: TalkMessages[Name]) => void } = {
    chat: (message) => {
      this.stopTyping(message.from.id);
      this.thread.add(message);
    },
    chat_changed: (message) => this.thread.changed(message),
    chat_history: (page) => this.thread.history(page),
    read: ({ from, number }) => this.thread.read(from, number),
    typing: ({ from, name, on }) => (on ? this.startTyping(from, name) : this.stopTyping(from)),
  };

  private startTyping(id: string, name: string): void {
    this.typing.set(id, name);
    this.typingEnds.get(id)?.();
    const end = () => {
      this.stopTyping(id);
      this.emit("change", undefined);
    };
    this.typingEnds.set(id, this.clock.after(TYPING_ENDS_MS, end));
  }

  private stopTyping(id: string): void {
    this.typing.delete(id);
    this.typingEnds.get(id)?.();
    this.typingEnds.delete(id);
  }
}
