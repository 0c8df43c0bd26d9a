/**
 * The six digits two people read to each other to know that nobody sits between them.
 *
 * Each side first commits to a secret number and its own certificate, then shows the number. Whoever relays the
 * messages cannot choose a number that makes both codes equal, because it had to commit before it saw any.
 */

/** The DTLS certificate named by a description, as `sha-256 AB:CD…`, or null. */
export function fingerprintOf(sdp: string | undefined): string | null {
  const found = /^a=fingerprint:(\S+) ([0-9A-Fa-f:]+)\s*$/m.exec(sdp ?? "");
  return found ? `${found[1]!.toLowerCase()} ${found[2]!.toUpperCase()}` : null;
}

export function randomNonce(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** SHA-256 of nonce and fingerprint, in hex. */
export async function commitment(nonce: string, fingerprint: string): Promise<string> {
  return hex(await sha256(`${nonce}\n${fingerprint}`));
}

export interface Proof {
  readonly nonce: string;
  readonly fingerprint: string;
}

/** Six digits, the same on both sides whichever is called `mine`. */
export async function shortCode(mine: Proof, theirs: Proof): Promise<string> {
  const parts = [mine, theirs].map((proof) => `${proof.fingerprint}\n${proof.nonce}`).sort();
  const digest = await sha256(parts.join("\n"));
  const number = new DataView(digest.buffer).getUint32(0) % 1_000_000;
  return String(number).padStart(6, "0");
}

/** One exchange, for one DTLS association. Feed it what arrives; it says what to send and, at the end, the code. */
export class Verification {
  private readonly nonce: string;
  private theirCommit: string | null = null;
  private theirNonce: string | null = null;
  private committed = false;
  private revealed = false;
  private concluded = false;
  private chain: Promise<void> = Promise.resolve();

  constructor(
    private readonly own: () => string | null,
    private readonly remote: () => string | null,
    private readonly send: (part: { commit?: string; nonce?: string }) => void,
    private readonly done: (code: string | null) => void,
    nonce: string = randomNonce(),
  ) {
    this.nonce = nonce;
  }

  /** Call when a description was set: the fingerprints may be known now. */
  proceed(): Promise<void> {
    // One step at a time: the number must never overtake the commitment to it.
    this.chain = this.chain.then(() => this.step());
    return this.chain;
  }

  hear(part: { commit?: string; nonce?: string }): Promise<void> {
    // The first commitment counts: a second one would be somebody who has seen our number.
    if (typeof part.commit === "string") this.theirCommit ??= part.commit;
    if (typeof part.nonce === "string" && this.theirCommit) this.theirNonce ??= part.nonce;
    return this.proceed();
  }

  private async step(): Promise<void> {
    const own = this.own();
    if (own && !this.committed) {
      this.send({ commit: await commitment(this.nonce, own) });
      this.committed = true;
    }
    if (this.committed && this.theirCommit && !this.revealed) {
      this.revealed = true;
      this.send({ nonce: this.nonce });
    }
    await this.conclude();
  }

  private async conclude(): Promise<void> {
    const own = this.own();
    const remote = this.remote();
    if (this.concluded || !own || !remote || !this.revealed || !this.theirNonce || !this.theirCommit) return;
    this.concluded = true;
    const honest = (await commitment(this.theirNonce, remote)) === this.theirCommit;
    const code = honest
      ? await shortCode({ nonce: this.nonce, fingerprint: own }, { nonce: this.theirNonce, fingerprint: remote })
      : null;
    this.done(code);
  }
}

async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
