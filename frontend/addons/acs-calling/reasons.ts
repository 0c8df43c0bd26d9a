/** Why Microsoft's side ended a call, or never began it, in the words our pages know. */
import type { KitEnd } from "./kit";

export type EndReason =
  | "outside_over"
  | "outside_denied"
  | "outside_removed"
  | "outside_gone"
  | "outside_refused"
  | "outside_network"
  | "outside_failed";

/** Sub-codes as Microsoft documents them, or as its own open source treats them. */
const SUB_CODES: Readonly<Record<number, EndReason>> = {
  5000: "outside_removed",
  5300: "outside_removed",
  5317: "outside_removed",
  5854: "outside_denied",
  5828: "outside_refused",
  5732: "outside_gone",
  5751: "outside_gone",
  5829: "outside_gone",
};

/** What an end means. `inside` is whether we had been let in. */
export function reasonOf({ code, subCode = 0 }: KitEnd, inside: boolean): EndReason {
  const known = SUB_CODES[subCode];
  if (known) return known;
  if (code === 0 || code === 200) return inside ? "outside_over" : "outside_denied";
  if (code === 401 || code === 403) return "outside_refused";
  if (code === 404) return "outside_gone";
  if (code === 408 || code === 480 || code === 487 || code === 490 || code === 491 || code >= 500) return "outside_network";
  return "outside_failed";
}

/** For support: `490/4525`. */
export function causeOf({ code, subCode = 0 }: KitEnd): string {
  return `${code}/${subCode}`;
}

/** What the kit throws names its codes like an end; anything else is said to have none. */
export function endOf(error: unknown): KitEnd {
  const { code, subCode } = (error ?? {}) as { code?: unknown; subCode?: unknown };
  return { code: typeof code === "number" ? code : -1, ...(typeof subCode === "number" ? { subCode } : {}) };
}
