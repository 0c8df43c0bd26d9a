/** One conversation as a page holds it: what came from the server, what is still on its way, what is unread. */
import { Emitter } from "./emitter";
import type { ChatMessage, Person } from "./wire";

export interface ThreadItem {
  /** Stays the same from sending to the server's answer, so that nothing jumps on the page. */
  readonly key: string;
  readonly from: Person;
  readonly text: string;
  readonly at: string;
  readonly status: "pending" | "sent" | "failed";
}

interface Arrived {
  readonly id: string;
  readonly from: Person;
  readonly text: string;
  readonly at: string;
  readonly number?: number;
  readonly client_id?: string;
}

export class Thread extends Emitter<{ change: void; arrived: ThreadItem }> {
  more = false;
  private sent: (ThreadItem & { readonly id: string; readonly number: number })[] = [];
  private unsent: ThreadItem[] = [];
  private readNumber = 0;
  private nextId = 1;

  constructor(
    readonly self: () => Person,
    /** Hands the text over; rejects when it was not taken. */
    private readonly deliver: (text: string, clientId: string) => Promise<unknown>,
    private readonly prefix: string = randomPrefix(),
  ) {
    super();
  }

  get items(): readonly ThreadItem[] {
    return [...this.sent, ...this.unsent];
  }

  /** Messages of others after the read mark. */
  get unread(): number {
    const self = this.self().id;
    return this.sent.filter((item) => item.number > this.readNumber && item.from.id !== self).length;
  }

  get lastNumber(): number {
    return Math.max(0, ...this.sent.map((item) => item.number));
  }

  get oldestNumber(): number {
    return this.sent[0]?.number ?? 0;
  }

  send(text: string): void {
    const key = `${this.prefix}${this.nextId++}`;
    this.hold({ key, from: this.self(), text, at: "", status: "pending" });
    this.post(key, text);
  }

  retry(item: ThreadItem): void {
    if (!this.unsent.includes(item)) return;
    this.hold({ ...item, status: "pending" });
    this.post(item.key, item.text);
  }

  /** A message from the server, ours or another's, new or repeated. */
  add(message: Arrived): void {
    const known = this.sent.some((item) => item.id === message.id);
    this.merge([message]);
    const item = this.sent.find((one) => one.id === message.id);
    if (!known && item && item.from.id !== this.self().id) this.emit("arrived", item);
    this.emit("change", undefined);
  }

  /** A stretch of history, oldest first. */
  history(items: readonly ChatMessage[], more: boolean, read: number): void {
    const older = items.length === 0 || this.sent.length === 0 || (items[0]?.number ?? 0) <= this.oldestNumber;
    this.merge(items);
    if (older) this.more = more;
    this.readNumber = Math.max(this.readNumber, read);
    this.emit("change", undefined);
  }

  /** Everything so far was seen; the answer is the number to tell the server, or null when nothing is new. */
  markRead(): number | null {
    const last = this.lastNumber;
    if (last <= this.readNumber) return null;
    this.readNumber = last;
    this.emit("change", undefined);
    return last;
  }

  private post(key: string, text: string): void {
    this.deliver(text, key).catch(() => {
      const item = this.unsent.find((one) => one.key === key);
      if (item) this.hold({ ...item, status: "failed" });
    });
  }

  private hold(item: ThreadItem): void {
    const at = this.unsent.findIndex((one) => one.key === item.key);
    this.unsent = at < 0 ? [...this.unsent, item] : this.unsent.with(at, item);
    this.emit("change", undefined);
  }

  private merge(messages: readonly Arrived[]): void {
    const byId = new Map(this.sent.map((item) => [item.id, item]));
    for (const message of messages) {
      const key = byId.get(message.id)?.key ?? message.client_id ?? message.id;
      const { id, from, text, at, number = 0 } = message;
      byId.set(id, { key, id, number, from, text, at, status: "sent" });
    }
    // Words of the waiting room carry no number, only their time.
    this.sent = [...byId.values()].sort((a, b) => a.number - b.number || a.at.localeCompare(b.at));
    const arrived = new Set(this.sent.map((item) => item.key));
    this.unsent = this.unsent.filter((item) => !arrived.has(item.key));
  }
}

function randomPrefix(): string {
  return `${Math.random().toString(36).slice(2, 10)}-`;
}
