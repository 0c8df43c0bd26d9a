/** One conversation as a page takes part in it: what is said, who writes just now, and what a person can do. */
import type { Clock } from "./clock";
import { Emitter } from "./emitter";
import type { ResumableSocket } from "./socket";
import { Thread } from "./thread";
import type { Person, TalkMessages, WelcomeFrame } from "./wire";

const TYPING_ENDS_MS = 5000;

/** The page's room hands over what it hears to `handlers`, and says itself that something changed then. */
export class Chatting<Welcome extends WelcomeFrame = WelcomeFrame> extends Emitter<{ change: void }> {
  readonly thread: Thread;
  /** Names of those who write just now. */
  readonly typing = new Map<string, string>();
  private readonly typingEnds = new Map<string, () => void>();

  constructor(
    private readonly socket: ResumableSocket<Welcome>,
    self: () => Person,
    private readonly clock: Clock,
  ) {
    super();
    this.thread = new Thread(self, this.write);
    this.thread.on("change", () => this.emit("change", undefined));
  }

  /** Hand a text over; another thread on the same socket is written to the same way. */
  readonly write = (text: string, clientId: string): Promise<unknown> =>
    this.socket.ask({ type: "chat_send", client_id: clientId, text }, { survives: true });

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

  readonly handlers: { readonly [Name in keyof TalkMessages]: (message: TalkMessages[Name]) => void } = {
    chat: (message) => {
      this.stopTyping(message.from.id);
      this.thread.add(message);
    },
    chat_changed: (message) => this.thread.changed(message),
    chat_history: (page) => this.thread.history(page),
    chat_programs: ({ programs }) => this.thread.readBy(programs),
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
