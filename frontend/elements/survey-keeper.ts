/** Keeps one survey's answers in the browser until the server has them. */

export type Outcome =
  | { readonly kind: "kept"; readonly sentence: string }
  | { readonly kind: "refused"; readonly sentence: string; readonly field: string }
  /** No network; the server was reached but could not; the page has no right to send any more. */
  | { readonly kind: "offline" | "busy" | "closed" };

export type Post = (body: string) => Promise<{ readonly ok: boolean; readonly status: number; json(): Promise<unknown> }>;
type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429]);

export class Keeper {
  private readonly key: string;
  private waiting: string | null;
  private sending = false;

  /** `name` tells one visit's survey from another's. Without a store answers wait in memory alone. */
  constructor(
    private readonly store: Store | undefined,
    name: string,
    private readonly now: () => number = Date.now,
  ) {
    this.key = `vestibule.survey.${name}`;
    this.waiting = this.read();
  }

  /** What waits to be sent, as a form's body; null if nothing does. */
  get kept(): string | null {
    return this.waiting;
  }

  /** Keep a form's body in place of what waited. */
  keep(body: string): void {
    this.waiting = body;
    try {
      this.store?.setItem(this.key, JSON.stringify({ body, at: this.now() }));
    } catch {
      // Full, or not allowed: it waits in memory.
    }
  }

  /** Hand in what waits, one try at a time; null if there is nothing to do. What was changed meanwhile is sent too. */
  async send(post: Post): Promise<Outcome | null> {
    if (this.waiting === null || this.sending) return null;
    this.sending = true;
    try {
      for (;;) {
        const body: string = this.waiting;
        const outcome = await this.attempt(post, body);
        if (this.waiting !== body && outcome.kind !== "offline") continue;
        if (outcome.kind === "kept" || outcome.kind === "refused") this.letGo();
        return outcome;
      }
    } finally {
      this.sending = false;
    }
  }

  private async attempt(post: Post, body: string): Promise<Outcome> {
    let answer;
    try {
      answer = await post(body);
    } catch {
      return { kind: "offline" };
    }
    if (answer.status >= 500 || TRY_AGAIN.has(answer.status)) return { kind: "busy" };
    const told = (await answer.json().catch(() => null)) as { sentence?: string; field?: string; kept?: boolean } | null;
    if (answer.ok && told?.kept) return { kind: "kept", sentence: told.sentence ?? "" };
    if (answer.status === 422 && told) return { kind: "refused", sentence: told.sentence ?? "", field: told.field ?? "" };
    return { kind: "closed" };
  }

  private letGo(): void {
    this.waiting = null;
    try {
      this.store?.removeItem(this.key);
    } catch {
      // Nothing was kept there then.
    }
  }

  private read(): string | null {
    try {
      const told = JSON.parse(this.store?.getItem(this.key) ?? "null") as { body?: unknown; at?: unknown } | null;
      if (told === null) return null;
      const fresh = typeof told.at === "number" && this.now() - told.at < WEEK_MS;
      if (fresh && typeof told.body === "string") return told.body;
      this.store?.removeItem(this.key);
    } catch {
      // Somebody else's, or not to be read.
    }
    return null;
  }
}
