/** Which backends this page knows. Only `p2p` comes with the call; every other is fetched when a call uses it. */
import type { SessionMaker } from "./carried";
import { P2PSession, type P2POptions } from "./p2p";

/** Makes sessions for `CarriedSession`. Throws for a kind this page does not know: it is older than the server. */
export function backends(options: P2POptions): SessionMaker {
  return async (kind) => {
    if (kind === "p2p") return new P2PSession(options);
    if (kind === "livekit") return new (await import("./livekit")).LiveKitSession(options);
    throw new Error(`unknown backend ${kind}`);
  };
}
