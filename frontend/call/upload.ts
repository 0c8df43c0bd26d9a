/** Files on their way into a thread: in parts, over lost networks, with progress, until they are in or given up. */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { ChatFiles } from "./wire";

export interface UploadItem {
  /** The `client_id` of the message it becomes. */
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly sent: number;
  /**
   * `offline`: the network is gone, and it goes on by itself; `failed`: `reason` says why, and it may be tried again;
   * `refused`: trying again would not help.
   */
  readonly state: "sending" | "offline" | "failed" | "refused";
  readonly reason: string;
}

/** What is used of a `File`, so that tests need no browser. */
export interface Sendable {
  readonly name: string;
  readonly size: number;
  slice(start: number, end: number): Blob;
}

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

export interface UploadsOptions {
  readonly files: () => ChatFiles | null;
  /** The page's token against forged requests. */
  readonly csrf: () => string;
  /** What staff name; empty for everybody else. */
  readonly meeting: () => string;
  readonly newKey: () => string;
  /** What is said where the server gave no words: `too_large` or `failed`. */
  readonly words: (code: "too_large" | "failed", file: Sendable) => string;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
}

export const RETRY_MS = [500, 1000, 2000, 4000, 8000];
export const MOST_TRIES = 60;

interface Sending {
  item: UploadItem;
  readonly file: Sendable;
  ref: string;
  stopped: boolean;
  running: boolean;
  abort: AbortController | null;
}

/** The server's answer was no, and asking again would not help. */
class Refused extends Error {}

export class Uploads extends Emitter<{ change: void }> {
  private readonly all: Sending[] = [];
  private readonly fetch: Fetch;
  private readonly clock: Clock;

  constructor(private readonly options: UploadsOptions) {
    super();
    this.fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.clock = options.clock ?? systemClock;
  }

  get items(): readonly UploadItem[] {
    return this.all.map((one) => one.item);
  }

  /** Send files, one after the other. */
  add(files: readonly Sendable[]): void {
    for (const file of files) {
      const item: UploadItem = {
        key: this.options.newKey(), name: file.name, size: file.size, sent: 0, state: "sending", reason: "",
      };
      this.all.push({ item, file, ref: "", stopped: false, running: false, abort: null });
    }
    this.emit("change", undefined);
    this.next();
  }

  /** Try one again that failed; it goes on where it stood, if the server still has it. */
  retry(key: string): void {
    const one = this.find(key);
    if (!one || one.item.state !== "failed") return;
    this.set(one, { state: "sending", reason: "" });
    this.next();
  }

  /** Give one up, and let the server forget it. */
  cancel(key: string): void {
    const one = this.find(key);
    if (!one) return;
    one.stopped = true;
    one.abort?.abort();
    this.drop(one);
    const { ref } = one;
    if (ref) void this.ask(`/${ref}`, { method: "DELETE" }).catch(() => undefined);
    this.next();
  }

  /** The page goes away. What the server has is forgotten there after a day. */
  close(): void {
    for (const one of this.all.splice(0)) {
      one.stopped = true;
      one.abort?.abort();
    }
  }

  private find(key: string): Sending | undefined {
    return this.all.find((one) => one.item.key === key);
  }

  private next(): void {
    if (this.all.some((one) => one.running)) return;
    const one = this.all.find(({ item }) => item.state === "sending");
    if (one) void this.run(one);
  }

  private async run(one: Sending): Promise<void> {
    one.running = true;
    try {
      await this.sendWhole(one);
      this.drop(one);
    } catch (error) {
      if (!one.stopped) this.set(one, error instanceof Refused
        ? { state: "refused", reason: error.message }
        : { state: "failed", reason: this.words(one) });
    }
    one.running = false;
    this.next();
  }

  private async sendWhole(one: Sending): Promise<void> {
    const files = this.options.files();
    if (!files) throw new Error("files are not taken here");
    if (one.file.size > files.most_bytes) throw new Refused(this.options.words("too_large", one.file));
    for (let tries = 0; tries < MOST_TRIES && !one.stopped; ) {
      try {
        await this.goOn(one, files, () => (tries = 0));
        return;
      } catch (error) {
        if (one.stopped || error instanceof Refused) throw error;
        this.set(one, { state: "offline" });
        await this.pause(RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]!);
      }
    }
    throw new Error("given up");
  }

  /** From where the server says it stands to the end. Rejects when the network or the server did. */
  private async goOn(one: Sending, files: ChatFiles, progress: () => void): Promise<void> {
    let offset = one.ref ? await this.standing(one) : await this.begin(one);
    this.set(one, { sent: offset, state: "sending" });
    while (offset < one.file.size) {
      const part = one.file.slice(offset, Math.min(offset + files.part_bytes, one.file.size));
      offset = await this.part(one, offset, part);
      progress();
      this.set(one, { sent: offset, state: "sending" });
    }
    await this.json(one, `/${one.ref}/finish`, { client_id: one.item.key });
  }

  private async begin(one: Sending): Promise<number> {
    const told = await this.json(one, "", { meeting: this.options.meeting(), name: one.file.name, size: one.file.size });
    one.ref = String(told["ref"]);
    return 0;
  }

  private async standing(one: Sending): Promise<number> {
    const answer = await this.ask(`/${one.ref}`, { method: "HEAD", ...this.signal(one) });
    if (answer.status === 404) {
      one.ref = "";
      return this.begin(one);
    }
    if (!answer.ok) throw new Error(`standing: ${answer.status}`);
    return Number(answer.headers.get("Upload-Offset"));
  }

  private async part(one: Sending, offset: number, body: Blob): Promise<number> {
    const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    const answer = await this.ask(`/${one.ref}`, { method: "PATCH", headers, body, ...this.signal(one) });
    // Our last part came after all: go on from where it really stands.
    const stands = answer.headers.get("Upload-Offset");
    if (answer.ok || (answer.status === 409 && stands !== null)) return Number(stands);
    throw await this.why(answer);
  }

  private async json(one: Sending, path: string, told: object): Promise<Record<string, unknown>> {
    const headers = { "Content-Type": "application/json" };
    const answer = await this.ask(path, { method: "POST", headers, body: JSON.stringify(told), ...this.signal(one) });
    if (!answer.ok) throw await this.why(answer);
    return (await answer.json()) as Record<string, unknown>;
  }

  /** Ours is to try again after a fault of the server or of something between; a no is a no. */
  private async why(answer: Response): Promise<Error> {
    const isFault = answer.status >= 500 || answer.status === 408 || answer.status === 429;
    const told: unknown = await answer.json().catch(() => null);
    const words = told && typeof told === "object" && "detail" in told ? String(told.detail) : "";
    return isFault || !words ? new Error(`${answer.status}`) : new Refused(words);
  }

  private ask(path: string, options: RequestInit): Promise<Response> {
    const at = this.options.files()?.at ?? "/uploads";
    const headers = { "X-CSRFToken": this.options.csrf(), ...options.headers };
    return this.fetch(at + path, { ...options, headers, credentials: "same-origin" });
  }

  private signal(one: Sending): { signal: AbortSignal } {
    one.abort = new AbortController();
    return { signal: one.abort.signal };
  }

  private words(one: Sending): string {
    return this.options.words("failed", one.file);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }

  private set(one: Sending, change: Partial<UploadItem>): void {
    one.item = { ...one.item, ...change };
    this.emit("change", undefined);
  }

  private drop(one: Sending): void {
    const at = this.all.indexOf(one);
    if (at >= 0) this.all.splice(at, 1);
    this.emit("change", undefined);
  }
}
