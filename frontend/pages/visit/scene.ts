/** What the parts of the stage share: the call, what the person chose, and how something is said or done. */
import type { Captions } from "../../call/captions";
import type { DeviceKeeper } from "../../call/device-keeper";
import type { Journal } from "../../call/journal";
import type { LocalMedia } from "../../call/local-media";
import type { CallSession } from "../../call/session";
import type { VisitRoom } from "../../call/visit-room";
import type { PanelName } from "../../elements/call-controls";
import type { Keymap } from "../../elements/keymap";
import type { CallPreferences, Preferences } from "../../elements/preferences";
import type { Values, WordKey, Words } from "../../elements/words";
import type { CallMove } from "./moving";
import type { Outside } from "./outside";
import type { SmallWindow } from "./small-window";

export interface StageOptions {
  readonly container: HTMLElement;
  readonly room: VisitRoom;
  readonly session: CallSession;
  readonly local: LocalMedia;
  readonly words: Words;
  readonly provider: string;
  readonly phone: string;
  readonly leave: () => void;
  readonly end: () => void;
  readonly admit: (participant: string) => void;
}

export interface Scene extends StageOptions {
  readonly keeper: DeviceKeeper;
  readonly captions: Captions;
  readonly journal: Journal;
  readonly keys: Keymap;
  readonly prefs: Preferences;
  readonly small: SmallWindow;
  readonly move: CallMove;
  readonly beside: Outside | null;
  readonly panel: PanelName;
  /** Key of the pinned picture, or "". */
  readonly pinned: string;
  readonly codes: ReadonlyMap<string, string | null>;

  t(key: WordKey, values?: Values): string;
  draw(): void;
  /** Keep a choice in this browser. */
  prefer(change: Partial<CallPreferences>): void;
  /** A line that goes by itself; with something that can be done about it. */
  tell(words: string, action?: { readonly label: string; readonly run: () => void }): void;
  /** For who hears the page. */
  announce(words: string): void;
  /** Do something that may be refused; the refusal's sentence is told. */
  attempt(action: () => Promise<unknown>): Promise<void>;
  open(panel: PanelName): void;
  pin(key: string): void;
  /** A dialog of the stage, shown above everything. */
  ask(dialog: string): void;
}
