/**
 * Stands in for the visit's socket and for camera and microphone. What the server would say stands in `#preview`:
 * the welcome, the messages after it, and the answer to joining.
 */
import { SELF, pictureOf } from "./picture";
import { settle } from "./settling";

interface Said {
  readonly state?: string;
  readonly welcome?: object;
  readonly messages?: readonly object[];
  readonly joining?: readonly object[];
}

type Asked = { readonly type: string; readonly ref?: string };

const said = JSON.parse(document.getElementById("preview")?.textContent ?? "{}") as Said;
const inside = said.state === "call";
/** What would lead on to another part of the way: it is shown, and nothing comes of it. */
const LEADS_ON: ReadonlySet<string> = new Set(["enter_waiting", "leave_waiting", "give_identity", "ask_for_call"]);

class StandInSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  private seq = 0;

  constructor() {
    queueMicrotask(() => this.onopen?.());
  }

  send(text: string): void {
    const asked = JSON.parse(text) as Asked;
    queueMicrotask(() => this.answer(asked));
  }

  close(): void {
    this.onmessage = null;
  }

  private answer({ type, ref }: Asked): void {
    if (type === "hello" && said.welcome) {
      this.say(said.welcome);
      for (const message of said.messages ?? []) this.tell(message);
    } else if (type === "ping") this.say({ type: "pong" });
    else if (type === "join_call") for (const message of said.joining ?? []) this.tell(message);
    if (ref && !LEADS_ON.has(type)) this.tell({ type: "done", ref });
  }

  private tell(message: object): void {
    this.say({ ...message, seq: ++this.seq });
  }

  private say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** Nobody speaks here: whatever listens whether a microphone is heard is told that this browser cannot. */
const Sound = window.AudioContext;
Object.defineProperty(window, "AudioContext", { configurable: true, value: undefined });

function silence(): MediaStreamTrack[] {
  return new Sound().createMediaStreamDestination().stream.getAudioTracks();
}

const devices = Object.assign(new EventTarget(), {
  getUserMedia: ({ audio, video }: MediaStreamConstraints) =>
    Promise.resolve(new MediaStream([...(audio ? silence() : []), ...(video ? [pictureOf(SELF)] : [])])),
  getDisplayMedia: () => Promise.reject(new DOMException("a preview shows no screen", "NotAllowedError")),
  enumerateDevices: () => Promise.resolve([]),
  getSupportedConstraints: () => ({}),
});
const allowed = Object.assign(new EventTarget(), { state: inside ? "granted" : "prompt" });

Object.defineProperty(window, "WebSocket", { configurable: true, value: StandInSocket });
Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: devices });
Object.defineProperty(navigator, "permissions", { configurable: true, value: { query: () => Promise.resolve(allowed) } });

const page = document.getElementById("visit");
if (page) {
  if (inside) page.dataset["rejoin"] = "";
  for (const leadsOn of ["check", "endedUrl", "homeUrl", "opensIn"]) delete page.dataset[leadsOn];
  settle(page, said.state ?? "");
}
