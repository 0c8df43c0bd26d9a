/** Keys of the call: shortcuts, `?` for their list, and the space bar held to talk while muted. */
import { comboOf, isForField, type Action } from "../../elements/keymap";
import type { Scene } from "./scene";

export interface KeyActions {
  readonly flip: (which: "mic" | "cam") => void;
  readonly share: () => void;
  readonly turnFull: () => void;
  readonly turnSmall: () => void;
  readonly showKeys: () => void;
}

/** Listens until each of the answers is called. */
export function listenToKeys(scene: Scene, acts: KeyActions): (() => void)[] {
  const talk = new PushToTalk(scene);
  let pointed: Element | null = null;
  const point = (event: Event) => (pointed = (event.target as Element | null)?.closest?.("button") ?? null);
  const down = (event: KeyboardEvent) => {
    if (scene.container.querySelector("dialog[open]")) return;
    if (event.repeat) return event.code === "Space" && talk.isTalking ? event.preventDefault() : undefined;
    // Whoever muted with the mouse and then holds the space bar wants to talk, not to press that button again.
    if (event.code === "Space" && event.target === pointed && talk.begin()) {
      (event.target as HTMLElement).blur();
      return event.preventDefault();
    }
    pointed = null;
    if (event.code === "Space" && !isForField(event.target) && talk.begin()) return event.preventDefault();
    if (event.key === "?" && !isForField(event.target)) return acts.showKeys();
    const action = scene.keys.actionFor(comboOf(event));
    if (!action) return;
    event.preventDefault();
    perform(scene, acts, action);
  };
  const up = (event: KeyboardEvent) => event.code === "Space" && talk.end();
  const away = () => talk.end();
  document.addEventListener("keydown", down);
  document.addEventListener("keyup", up);
  document.addEventListener("pointerdown", point);
  window.addEventListener("blur", away);
  return [
    () => document.removeEventListener("keydown", down),
    () => document.removeEventListener("keyup", up),
    () => document.removeEventListener("pointerdown", point),
    () => window.removeEventListener("blur", away),
  ];
}

function perform(scene: Scene, acts: KeyActions, action: Action): void {
  const { room, prefs } = scene;
  if (action === "mic" || action === "cam") acts.flip(action);
  else if (action === "share") acts.share();
  else if (action === "hand") void scene.attempt(() => room.raiseHand(room.ownSeat?.hand == null));
  else if (action === "captions") scene.prefer({ captions: !prefs.now.captions });
  else if (action === "pip") acts.turnSmall();
  else if (action === "full") acts.turnFull();
  else if (action === "help") acts.showKeys();
  else scene.open(action);
}

class PushToTalk {
  private talking = false;

  constructor(private readonly scene: Scene) {}

  get isTalking(): boolean {
    return this.talking;
  }

  /** Whether the key was ours to take. */
  begin(): boolean {
    const { session, room } = this.scene;
    if (this.talking) return true;
    if (session.micOn || !room.may("send_media")) return false;
    this.talking = true;
    void this.scene.attempt(() => session.setMic(true));
    return true;
  }

  end(): void {
    if (!this.talking) return;
    this.talking = false;
    void this.scene.attempt(() => this.scene.session.setMic(false));
  }
}
