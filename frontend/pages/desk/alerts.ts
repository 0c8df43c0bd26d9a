/** How the desk calls out: a short tone, a notification of the system, the title of the tab. */

import { showByWorker } from "./push";

const TAG = "vestibule-desk";
const SOUND_KEY = "vestibule.desk.sound";
const NOTES = [659.25, 880]; // E and A: heard over talk, not sharp
const NOTE_S = 0.22;

export class Bell {
  private context: AudioContext | null = null;

  /** `heard` is called whenever the browser's mind about sound may have changed. */
  constructor(private readonly changed: () => void) {
    // A page is silent until its reader touches it; the first touch wakes the bell.
    const wake = () => void this.wake();
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { once: true, capture: true });
  }

  /** Whether the reader of this computer wants to hear anything. */
  get isOn(): boolean {
    try {
      return localStorage.getItem(SOUND_KEY) !== "off";
    } catch {
      return true;
    }
  }

  set isOn(on: boolean) {
    try {
      localStorage.setItem(SOUND_KEY, on ? "on" : "off");
    } catch {
      // storage forbidden: the sound stays on
    }
  }

  get isBlocked(): boolean {
    return this.context?.state === "suspended";
  }

  async wake(): Promise<void> {
    const context = this.made();
    await context?.resume().catch(() => undefined);
    this.changed();
  }

  ring(): void {
    const context = this.made();
    if (!context || !this.isOn) return;
    if (context.state !== "running") {
      this.changed();
      return;
    }
    NOTES.forEach((pitch, index) => this.note(context, pitch, context.currentTime + index * NOTE_S));
  }

  private made(): AudioContext | null {
    if (!this.context && typeof AudioContext !== "undefined") this.context = new AudioContext();
    return this.context;
  }

  private note(context: AudioContext, pitch: number, at: number): void {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.3, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S * 2);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + NOTE_S * 2);
  }
}

export type Permission = "granted" | "denied" | "default" | "unsupported";

export function notificationPermission(): Permission {
  return typeof Notification === "undefined" ? "unsupported" : Notification.permission;
}

/** Ask the reader's browser; only ever from a press of a button. */
export async function askForNotifications(): Promise<Permission> {
  if (typeof Notification === "undefined") return "unsupported";
  return Notification.requestPermission();
}

/** Without names: a notification may show on a locked screen, or while the screen is shared. */
export function notify(title: string, body: string, page: Document = document): void {
  if (notificationPermission() !== "granted" || page.visibilityState === "visible") return;
  // What comes by push a moment later takes the place of one that the same worker shows.
  void showByWorker(title, { body, tag: TAG }).then((isShown) => isShown || notifyByPage(title, body));
}

function notifyByPage(title: string, body: string): void {
  try {
    const shown = new Notification(title, { body, tag: TAG });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch {
    // phones allow notifications from a service worker only; the title tells it too
  }
}
