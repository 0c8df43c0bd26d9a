/** Which backends this page knows. Only `p2p` comes with the call; every other is fetched when a call uses it. */
import { NotLoaded, type SessionMaker } from "./carried";
import { P2PSession, type P2POptions } from "./p2p";
import type { CallSession } from "./session";

/** What the operator's add-on is: a script of its own, never part of ours. */
interface AddOn {
  makeSession(options: P2POptions): CallSession;
}

/** Makes sessions for `CarriedSession`. Throws for a kind this page does not know: it is older than the server. */
export function backends(options: P2POptions): SessionMaker {
  return async (kind, { url, outside }) => {
    if (kind === "p2p") return new P2PSession(options);
    if (kind === "livekit") return new (await import("./livekit")).LiveKitSession(options);
    if (kind === "acs" && url && outside) {
      const loaded = import(new URL(url, location.href).href) as Promise<AddOn>;
      const addOn = await loaded.catch(() => {
        throw new NotLoaded(outside.elsewhere);
      });
      return addOn.makeSession(options);
    }
    throw new Error(`unknown backend ${kind}`);
  };
}
