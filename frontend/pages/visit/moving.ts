/** Having a live call carried elsewhere: the switch for who may moderate, and what everybody is told of it. */
import { nothing } from "lit";
import { item } from "./items";
import type { Scene } from "./scene";

const SERVER = "livekit";
/** A move that nobody heard of after this long is not waited for: three tries of each page fit into it. */
const PATIENCE_MS = 50_000;

export class CallMove {
  private to = "";
  private patience: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly scene: Scene) {}

  /** Listens until each of the answers is called. */
  listen(): (() => void)[] {
    const { session } = this.scene;
    return [
      session.on("moved", ({ kind }) => this.moved(kind)),
      session.on("note", ({ what }) => what === "move_given_up" && this.failed()),
      () => clearTimeout(this.patience),
    ];
  }

  get running(): boolean {
    return this.to !== "";
  }

  /** Ask the server, which brings everybody along. Its refusal is told in its own words. */
  async start(to: string): Promise<void> {
    const { scene } = this;
    if (this.running) return;
    this.to = to;
    this.patience = setTimeout(() => this.failed(), PATIENCE_MS);
    scene.announce(scene.t("move.running"));
    scene.draw();
    await scene.attempt(async () => {
      try {
        await scene.room.moveCall(to);
      } catch (error) {
        this.end();
        throw error;
      }
    });
    if (scene.session.kind === to) this.end();
  }

  private moved(kind: string): void {
    this.end();
    const words = this.scene.t(kind === SERVER ? "move.done_server" : "move.done_browsers");
    this.scene.tell(words);
  }

  private failed(): void {
    this.end();
    this.scene.tell(this.scene.t("move.failed"));
  }

  private end(): void {
    this.to = "";
    clearTimeout(this.patience);
    this.scene.draw();
  }
}

/** In the panel "More", for who may moderate, where there is anything to choose. */
export function movingPart(scene: Scene, move: CallMove) {
  const { room } = scene;
  const to = room.meeting?.may_move_to?.[0];
  if (!to || !room.may("moderate")) return nothing;
  const way = to === SERVER ? "to_server" : "to_browsers";
  return item({
    name: "move",
    icon: "swap",
    words: scene.t(move.running ? "move.running" : `move.${way}`),
    hint: scene.t(`move.${way}_hint`),
    busy: move.running,
    run: () => void move.start(to),
  });
}
