/** The socket alone: whether the server is out of reach while media, which goes other ways, may well go on. */
import { systemClock, type Clock } from "../../call/clock";
import type { SocketStatus } from "../../call/socket";

/** A socket that is back sooner is nobody's concern. */
export const LOST_AFTER_MS = 1000;

export interface StatusSource {
  readonly status: SocketStatus;
  on(name: "status", listener: (change: { status: SocketStatus }) => void): () => void;
}

export class ServerLine {
  /** It has been lost long enough to be said. */
  lost = false;
  private cancel: (() => void) | null = null;
  private readonly unlisten: () => void;

  /** `changed` is told each time `lost` is another. */
  constructor(
    socket: StatusSource,
    private readonly changed: (lost: boolean) => void,
    private readonly clock: Clock = systemClock,
  ) {
    this.unlisten = socket.on("status", ({ status }) => this.became(status));
    this.became(socket.status);
  }

  stop(): void {
    this.unlisten();
    this.forget();
  }

  private became(status: SocketStatus): void {
    if (status !== "lost") {
      this.forget();
      this.set(false);
    } else if (!this.lost) {
      this.cancel ??= this.clock.after(LOST_AFTER_MS, () => this.set(true));
    }
  }

  private forget(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private set(lost: boolean): void {
    if (this.lost === lost) return;
    this.lost = lost;
    this.changed(lost);
  }
}
