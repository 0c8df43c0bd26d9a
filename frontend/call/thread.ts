/** One conversation as a page holds it: what came from the server, what is still on its way, what is unread. */
import { Emitter } from "./emitter";
import type { AttachmentItem, ChatFiles, ChatHistory, ChatMessage, Person } from "./wire";

/** How long an own message may be changed; the server says no afterwards. */
export const CHANGED_WITHIN_MS = 15 * 60_000;

export interface ThreadItem {
  /** Stays the same from sending to the server's answer, so that nothing jumps on the page. */
  readonly key: string;
  /** Counts 1, 2, 3 … in the thread; 0 while it is on its way. */
  readonly number: number;
  readonly from: Person;
  readonly text: string;
  readonly at: string;
  readonly status: "pending" | "sent" | "failed";
  readonly edited?: boolean;
  readonly deleted?: boolean;
  readonly attachment?: AttachmentItem;
}

interface Arrived {
  readonly id: string;
  readonly from: Person;
  readonly text: string;
  readonly at: string;
  readonly number?: number;
  readonly client_id?: string;
  readonly edited_at?: string;
  readonly deleted?: boolean;
  readonly attachment?: AttachmentItem;
}

type Sent = ThreadItem & { readonly id: string };

export class Thread extends Emitter<{ change: void; arrived: ThreadItem }> {
  more = false;
  /** Whether one may write now; the server says so with the history. */
  write = true;
  /** How files are sent here; null: not at all. */
  files: ChatFiles | null = null;
  /** Names, "" for none, of those who read along through a program. */
  programs: readonly string[] = [];
  private sent: Sent[] = [];
  private unsent: ThreadItem[] = [];
  private readNumber = 0;
  private nextId = 1;
  private readonly marks = new Map<string, number>();

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
    return this.sent.filter((item) => item.number > this.readNumber && item.from.id !== self && !item.deleted).length;
  }

  get lastNumber(): number {
    return Math.max(0, ...this.sent.map((item) => item.number));
  }

  get oldestNumber(): number {
    return this.sent[0]?.number ?? 0;
  }

  /** The number up to which somebody else has read. */
  get seen(): number {
    return Math.max(0, ...[...this.marks].filter(([id]) => id !== this.self().id).map(([, number]) => number));
  }

  send(text: string): void {
    const key = this.newKey();
    this.hold({ key, number: 0, from: this.self(), text, at: "", status: "pending" });
    this.post(key, text);
  }

  /** A key for something that is sent by another way, such as a file. */
  newKey(): string {
    return `${this.prefix}${this.nextId++}`;
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

  /** A message is another now: edited, taken back, its file checked. One we never had is not ours to read. */
  changed(message: ChatMessage): void {
    if (!this.sent.some((item) => item.id === message.id)) return;
    this.merge([message]);
    this.emit("change", undefined);
  }

  /** A stretch of history, oldest first. */
  history({ items, more, read, marks, programs, write, files }: ChatHistory): void {
    const older = items.length === 0 || this.sent.length === 0 || (items[0]?.number ?? 0) <= this.oldestNumber;
    this.merge(items);
    if (older) this.more = more;
    this.readNumber = Math.max(this.readNumber, read);
    for (const [id, number] of Object.entries(marks)) this.marks.set(id, number);
    this.programs = programs;
    this.write = write;
    this.files = files;
    this.emit("change", undefined);
  }

  /** Somebody else has read up to there. */
  read(from: string, number: number): void {
    this.marks.set(from, Math.max(number, this.marks.get(from) ?? 0));
    this.emit("change", undefined);
  }

  /** Others read along through a program now. */
  readBy(programs: readonly string[]): void {
    this.programs = programs;
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
      byId.set(message.id, asItem(message, key));
    }
    // Words of the waiting room carry no number, only their time.
    this.sent = [...byId.values()].sort((a, b) => a.number - b.number || a.at.localeCompare(b.at));
    const arrived = new Set(this.sent.map((item) => item.key));
    this.unsent = this.unsent.filter((item) => !arrived.has(item.key));
  }
}

/** Whether an own message may still be edited or taken back at `now` (milliseconds). */
export function mayChange(item: ThreadItem, now: number): boolean {
  return item.status === "sent" && item.number > 0 && !item.deleted && now - Date.parse(item.at) < CHANGED_WITHIN_MS;
}

function asItem(message: Arrived, key: string): Sent {
  const { id, from, text, at, number = 0, edited_at, deleted = false, attachment } = message;
  const item = { key, id, number, from, text, at, status: "sent", edited: edited_at !== undefined, deleted } as const;
  return attachment ? { ...item, attachment } : item;
}

function randomPrefix(): string {
  return `${Math.random().toString(36).slice(2, 10)}-`;
}
