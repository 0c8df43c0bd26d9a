/** Which pictures there are, which is large, and who speaks. Values in, values out. */
import type { Participant } from "../../call/session";

export interface Tile {
  /** `participant/camera` or `participant/screen`. */
  readonly key: string;
  readonly participant: Participant;
  readonly kind: "camera" | "screen";
}

export type LayoutName = "single" | "speaker" | "grid" | "content";

export interface Arrangement {
  readonly layout: LayoutName;
  /** Key of the large tile; null in a grid. */
  readonly main: string | null;
  readonly tiles: readonly Tile[];
}

export interface Wishes {
  readonly layout: "speaker" | "grid";
  /** Key of the pinned tile, or "". */
  readonly pinned: string;
  /** Whose microphone is loudest now, or "". */
  readonly speaking: string;
}

/** Whoever shares comes first; a pin beats everything; a shared screen beats who speaks. */
export function arrange(people: readonly Participant[], hasScreen: (id: string) => boolean, wishes: Wishes): Arrangement {
  const tiles = people.flatMap((participant): Tile[] => {
    const camera: Tile = { key: `${participant.id}/camera`, participant, kind: "camera" };
    return hasScreen(participant.id) ? [{ key: `${participant.id}/screen`, participant, kind: "screen" }, camera] : [camera];
  });
  if (tiles.length < 2) return { layout: "single", main: tiles[0]?.key ?? null, tiles };
  const pinned = tiles.find((tile) => tile.key === wishes.pinned);
  if (pinned) return { layout: pinned.kind === "screen" ? "content" : "speaker", main: pinned.key, tiles };
  const screen = tiles.find((tile) => tile.kind === "screen");
  if (screen) return { layout: "content", main: screen.key, tiles };
  if (wishes.layout === "grid") return { layout: "grid", main: null, tiles };
  const speaker = tiles.find((tile) => tile.participant.id === wishes.speaking) ?? tiles[0]!;
  return { layout: "speaker", main: speaker.key, tiles };
}

const LOUD = 0.02;
/** A new voice is shown large only once it lasts: a cough is not a speech. */
const LASTS_MS = 1500;
const QUIET_MS = 2500;

/** Who speaks, from how loud each microphone arrives about once a second. */
export class Speaking {
  /** Shown large; stays when everybody is silent. */
  current = "";
  private readonly levels = new Map<string, { level: number; at: number; since: number | null }>();

  hear(id: string, level: number | null, now: number): void {
    const before = this.levels.get(id);
    const loud = (level ?? 0) >= LOUD;
    this.levels.set(id, { level: level ?? 0, at: now, since: loud ? (before?.since ?? now) : null });
    const loudest = this.loudest(now);
    if (loudest && (!this.current || (loudest.id !== this.current && now - loudest.since >= LASTS_MS))) this.current = loudest.id;
  }

  /** Whether somebody speaks just now. */
  isSpeaking(id: string, now: number): boolean {
    const known = this.levels.get(id);
    return known !== undefined && known.level >= LOUD && now - known.at < QUIET_MS;
  }

  forget(id: string): void {
    this.levels.delete(id);
    if (this.current === id) this.current = "";
  }

  private loudest(now: number): { id: string; since: number } | null {
    let best: { id: string; since: number; level: number } | null = null;
    for (const [id, { level, at, since }] of this.levels) {
      if (since === null || now - at >= QUIET_MS) continue;
      if (!best || level > best.level) best = { id, since, level };
    }
    return best;
  }
}
