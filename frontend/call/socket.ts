/**
 * A socket that survives its network: it notices silence, comes back, and neither side loses or repeats a message.
 * The rules are those of `docs/reference/visit-protocol.md` §2; both doors use this class.
 */
import { systemClock, type Clock } from "./clock";
import { Emitter } from "./emitter";
import type { Bye, WelcomeFrame } from "./wire";

/** The part of `WebSocket` that is used, so that tests need no network. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  /** 1000 says that the page goes away; without a code only the line is given up. */
  close(code?: number): void;
}

export type SocketStatus = "connecting" | "open" | "lost" | "closed";
export type Frame = { readonly type: string } & Record<string, unknown>;

export interface SocketEvents<Welcome extends WelcomeFrame> {
  status: { status: SocketStatus };
  welcome: Welcome;
  message: Frame;
  bye: Bye;
}

export interface SocketOptions {
  readonly url: string;
  /** What `hello` says beside `v`, `resume` and `last`; asked anew at each connection, as tickets are short-lived. */
  readonly hello?: () => Record<string, unknown> | Promise<Record<string, unknown>>;
  readonly open?: (url: string) => SocketLike;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Calls back when the browser says that the network is there again; the answer stops it. */
  readonly onOnline?: (listener: () => void) => () => void;
}

/** A command the server did not carry out. `sentence` is translated and may be shown. */
export class CommandRefused extends Error {
  constructor(
    readonly code: string,
    readonly sentence: string,
    readonly retryMs: number | null = null,
  ) {
    super(`${code}: ${sentence}`);
    this.name = "CommandRefused";
  }
}

export const PING_MS = 1000;
export const SILENCE_MS = 3500;
export const CONNECT_MS = 9000;
export const BACKOFF_MIN_MS = 300;
export const BACKOFF_MAX_MS = 3000;
const RATE_LIMITED_MS = 30_000;

interface Pending {
  readonly frame: Frame;
  /** Worth sending again in a new session: the server stores it once, whatever happens. */
  readonly survives: boolean;
  readonly resolve: (answer: Frame) => void;
  readonly reject: (error: CommandRefused) => void;
}

/** The delay before the `attempt`-th try to reconnect (0 = first), half of it random. */
export function backoff(attempt: number, random: () => number): number {
  const whole = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(attempt, 10));
  return Math.max(BACKOFF_MIN_MS, whole * (0.5 + random() / 2));
}

export class ResumableSocket<Welcome extends WelcomeFrame = WelcomeFrame> extends Emitter<SocketEvents<Welcome>> {
  status: SocketStatus = "closed";
  private socket: SocketLike | null = null;
  private welcomed = false;
  private session: string | null = null;
  private last = 0;
  private replayUntil = 0;
  private attempt = 0;
  private nextRef = 1;
  private readonly pending = new Map<string, Pending>();
  /** Commands of this session not yet handed to the current socket: they wait until a replay is over. */
  private resendCommands = false;
  /** Frames without an answer of their own, sent since the oldest ping that has no pong yet. */
  private unconfirmed: { readonly frame: Frame; ping: number }[] = [];
  private pingsSent = 0;
  private pongsHeard = 0;
  private welcomedBefore = false;
  private stopOnline: (() => void) | null = null;
  private stopPinging: (() => void) | null = null;
  private cancelSilence: (() => void) | null = null;
  private cancelRetry: (() => void) | null = null;
  private readonly clock: Clock;
  private readonly random: () => number;

  constructor(private readonly options: SocketOptions) {
    super();
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
  }

  get alive(): boolean {
    return this.status === "open";
  }

  /** Connect and stay connected until `close` or a final `bye`. */
  start(): void {
    if (this.status !== "closed") return;
    const online = this.options.onOnline ?? browserOnline;
    this.stopOnline = online(() => this.retryNow());
    this.connect();
  }

  /** Go away for good. Open commands are refused with `closed`. */
  close(): void {
    this.shut("closed");
  }

  /** Send something that has no answer. While the socket is lost it is kept, and sent in the same session only. */
  tell(frame: Frame): void {
    if (this.status === "closed") return;
    this.unconfirmed.push({ frame, ping: this.pingsSent });
    if (this.alive) this.write(frame);
  }

  /** As `tell`, but not worth keeping: typing marks. */
  mention(frame: Frame): void {
    if (this.alive) this.write(frame);
  }

  /**
   * Send a command and wait for its answer, over reconnections too.
   *
   * Raises CommandRefused with the server's code, or `session_lost` if the session ended before the answer,
   * or `closed`.
   */
  ask(frame: Frame, { survives = false }: { survives?: boolean } = {}): Promise<Frame> {
    if (this.status === "closed") return Promise.reject(new CommandRefused("closed", ""));
    const ref = `c${this.nextRef++}`;
    const sent: Frame = { ...frame, ref };
    return new Promise((resolve, reject) => {
      this.pending.set(ref, { frame: sent, survives, resolve, reject });
      if (this.alive && !this.resendCommands) this.write(sent);
    });
  }

  /** Try to connect at once if it is not connected: the network is back, or the person says so. */
  retryNow(): void {
    if (this.status !== "lost" || !this.cancelRetry) return;
    this.connect();
  }

  private setStatus(status: SocketStatus): void {
    if (this.status === status) return;
    this.status = status;
    this.emit("status", { status });
  }

  private connect(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    if (this.status === "closed") this.setStatus("connecting");
    this.welcomed = false;
    const open = this.options.open ?? browserSocket;
    let socket: SocketLike;
    try {
      socket = open(this.options.url);
    } catch {
      return this.lose();
    }
    this.socket = socket;
    const cancelTimeout = this.clock.after(CONNECT_MS, () => {
      if (this.socket === socket && !this.welcomed) this.drop();
    });
    socket.onopen = () => void this.greet(socket);
    socket.onmessage = (event) => {
      if (this.socket === socket) this.hear(event.data, cancelTimeout);
    };
    socket.onclose = socket.onerror = () => {
      cancelTimeout();
      if (this.socket === socket) this.lose();
    };
  }

  private async greet(socket: SocketLike): Promise<void> {
    let more: Record<string, unknown>;
    try {
      more = (await this.options.hello?.()) ?? {};
    } catch {
      if (this.socket === socket) this.drop();
      return;
    }
    if (this.socket !== socket) return;
    const resume = this.session ? { resume: this.session, last: this.last } : {};
    this.write({ type: "hello", v: 1, ...more, ...resume });
  }

  private hear(data: unknown, cancelTimeout: () => void): void {
    this.cancelSilence?.();
    this.cancelSilence = null;
    const frame = parse(data);
    if (!frame) return;
    if (frame.type === "welcome") {
      cancelTimeout();
      this.welcome(frame as unknown as Welcome);
    } else if (frame.type === "bye") this.farewell(frame as unknown as Bye);
    else if (frame.type === "pong") this.confirm();
    else this.deliver(frame);
  }

  private welcome(frame: Welcome): void {
    this.welcomed = true;
    this.attempt = 0;
    const sameSession = frame.resumed && this.session === frame.session;
    if (!sameSession && this.welcomedBefore) this.forgetSession();
    this.welcomedBefore = true;
    this.session = frame.session;
    this.replayUntil = frame.seq;
    this.resendCommands = true;
    this.pingsSent = this.pongsHeard = 0;
    const again = this.unconfirmed.map((entry) => entry.frame);
    this.unconfirmed = again.map((old) => ({ frame: old, ping: 0 }));
    this.setStatus("open");
    for (const old of again) this.write(old);
    this.emit("welcome", frame);
    this.resendIfReplayed();
    this.startPinging();
  }

  /** A new session knows nothing of the old: only what the server stores once may be sent again. */
  private forgetSession(): void {
    this.last = 0;
    this.unconfirmed = [];
    for (const [ref, command] of this.pending) {
      if (command.survives) continue;
      this.pending.delete(ref);
      command.reject(new CommandRefused("session_lost", ""));
    }
  }

  /** Answers may be among the replayed messages, so commands go out again only after the last of those. */
  private resendIfReplayed(): void {
    if (!this.resendCommands || this.last < this.replayUntil) return;
    this.resendCommands = false;
    for (const command of this.pending.values()) this.write(command.frame);
  }

  private deliver(frame: Frame): void {
    const seq = frame["seq"];
    if (typeof seq === "number") {
      if (seq <= this.last) return;
      this.last = seq;
    }
    if (!this.settle(frame)) this.emit("message", frame);
    this.resendIfReplayed();
  }

  /** Whether `frame` was only an answer. Any frame with our `ref` answers; `done` and `error` say nothing more. */
  private settle(frame: Frame): boolean {
    const ref = String(frame["ref"] ?? "");
    const command = this.pending.get(ref);
    if (!command) return frame.type === "done";
    this.pending.delete(ref);
    if (frame.type === "error") command.reject(refusal(frame));
    else command.resolve(frame);
    return frame.type === "done" || frame.type === "error";
  }

  private farewell(bye: Bye): void {
    if (bye.retry) {
      this.session = bye.code === "restarting" ? null : this.session;
      const wait = bye.code === "rate_limited" ? RATE_LIMITED_MS : undefined;
      this.lose(wait);
    } else {
      this.shut(bye.code, bye.sentence);
    }
    this.emit("bye", bye);
  }

  private startPinging(): void {
    this.stopPinging?.();
    this.stopPinging = this.clock.every(PING_MS, () => this.ping());
    this.ping();
  }

  private ping(): void {
    this.pingsSent += 1;
    this.write({ type: "ping", last: this.last });
    // Counted from the first ping nobody answered, so that a throttled tab is not mistaken for a dead network.
    this.cancelSilence ??= this.clock.after(SILENCE_MS, () => this.drop());
  }

  /** A pong answers the oldest ping, and frames arrive in order: everything sent before that ping has arrived. */
  private confirm(): void {
    this.pongsHeard += 1;
    this.unconfirmed = this.unconfirmed.filter((entry) => entry.ping >= this.pongsHeard);
  }

  private write(frame: Frame): void {
    try {
      this.socket?.send(JSON.stringify(frame));
    } catch {
      this.drop();
    }
  }

  private drop(): void {
    const socket = this.socket;
    this.lose();
    socket?.close();
  }

  private lose(wait?: number): void {
    if (this.status === "closed") return;
    this.detach();
    this.setStatus("lost");
    const delay = wait ?? backoff(this.attempt, this.random);
    this.attempt += 1;
    this.cancelRetry?.();
    this.cancelRetry = this.clock.after(delay, () => this.connect());
  }

  private detach(): void {
    this.cancelSilence?.();
    this.cancelSilence = null;
    this.stopPinging?.();
    this.stopPinging = null;
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
  }

  private shut(code: string, sentence = ""): void {
    const socket = this.socket;
    this.detach();
    socket?.close(1000);
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.stopOnline?.();
    this.stopOnline = null;
    this.setStatus("closed");
    for (const command of this.pending.values()) command.reject(new CommandRefused(code, sentence));
    this.pending.clear();
    this.unconfirmed = [];
  }
}

function parse(data: unknown): Frame | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof (value as Frame | null)?.type === "string" ? (value as Frame) : null;
  } catch {
    return null;
  }
}

function refusal(frame: Frame): CommandRefused {
  const retry = frame["retry_ms"];
  const sentence = String(frame["sentence"] ?? "");
  return new CommandRefused(String(frame["code"]), sentence, typeof retry === "number" ? retry : null);
}

function browserSocket(url: string): SocketLike {
  return new WebSocket(url) as unknown as SocketLike;
}

function browserOnline(listener: () => void): () => void {
  const seen = () => document.visibilityState === "visible" && listener();
  addEventListener("online", listener);
  document.addEventListener("visibilitychange", seen);
  return () => {
    removeEventListener("online", listener);
    document.removeEventListener("visibilitychange", seen);
  };
}

/** The address of a socket door on this site: `/ws/visit` becomes `wss://this.site/ws/visit`. */
export function doorUrl(path: string, base: string = location.href): string {
  const url = new URL(path, base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
