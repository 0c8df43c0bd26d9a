/** What is worth a word during a call: who knocks, who raised a hand, the lock, the time, devices, a weak line. */
import type { CallState } from "../../call/session";
import { playChime } from "../../call/speaker";
import type { WaitingPerson } from "../../call/wire";
import type { TileQuality } from "../../elements/video-tile";
import { recordingNews } from "./recording";
import type { Scene } from "./scene";
import { minutesLeft } from "./top";

/** A bad line is told once it lasted, and not again and again. */
const WEAK_SECONDS = 6;
const WEAK_AGAIN_MS = 60_000;

export class News {
  private knocked = new Set<string>();
  private hands = new Set<string>();
  private wasLocked: boolean;
  private nextTold = "";
  private recordingTold = "";
  private endTold = false;
  private weakFor = 0;
  private weakToldAt = -Infinity;

  constructor(
    private readonly scene: Scene,
    private readonly unmute: () => void,
  ) {
    this.wasLocked = scene.room.meeting?.locked ?? false;
  }

  get atTheDoor(): readonly WaitingPerson[] {
    return this.scene.room.waiting.filter((person) => person.state === "waiting");
  }

  /** Listens until each of the answers is called. */
  listen(): (() => void)[] {
    const { scene } = this;
    const { room, keeper } = scene;
    return [
      room.on("change", () => this.changed()),
      keeper.on("talkingWhileMuted", () => this.talksMuted()),
      keeper.on("fellBack", ({ source, label }) => this.device(source, "fell back", scene.t("say.fell_back", { label }))),
      keeper.on("gone", ({ source }) =>
        this.device(source, "lost", scene.t(source === "microphone" ? "control.lost_microphone" : "control.lost_camera")),
      ),
      keeper.on("interrupted", ({ source }) => this.device(source, "interrupted", scene.t(`say.interrupted_${source}`))),
      keeper.on("restored", ({ source }) => this.device(source, "restored", scene.t("say.restored"))),
      keeper.on("blurEnded", ({ reason }) => {
        scene.journal.note({ kind: "device", detail: `blur ended: ${reason}` });
        // What could not be had today is wished for next time; what is too much for this computer is not.
        if (reason === "processor") scene.prefer({ blur: false });
        const show = { label: scene.t("say.blur_show"), run: () => void scene.attempt(() => scene.session.setCam(true)) };
        scene.tell(scene.t(`say.blur_${reason}`), show);
      }),
      keeper.on("stuck", ({ source }) => this.device(source, "stuck", scene.t("say.stuck"))),
      keeper.on("offer", ({ label, use }) =>
        scene.tell(scene.t("say.offer", { label }), { label: scene.t("say.offer_use"), run: () => void scene.attempt(use) }),
      ),
    ];
  }

  /** Once a second: the line and the time. `taken`: a line is shown already. */
  second(state: CallState, qualities: ReadonlyMap<string, TileQuality>, taken: boolean): void {
    this.watchLine(state, qualities, taken);
    const left = minutesLeft(this.scene);
    const hint = this.scene.room.meeting?.rules.end_hint_minutes ?? 0;
    if (this.endTold || left === null || left <= 0 || left > hint) return;
    this.endTold = true;
    this.scene.announce(this.scene.t("time.ends", { minutes: left }));
  }

  private changed(): void {
    const { room } = this.scene;
    this.listenAtTheDoor();
    const raised = room.roster.filter((person) => person.hand !== null);
    for (const { id, name } of raised) {
      if (!this.hands.has(id) && id !== room.self?.id) this.scene.announce(this.scene.t("hand.raised", { name }));
    }
    this.hands = new Set(raised.map((person) => person.id));
    const locked = room.meeting?.locked ?? false;
    if (locked !== this.wasLocked) this.scene.announce(this.scene.t(locked ? "say.locked" : "say.unlocked"));
    this.wasLocked = locked;
    const next = room.nextWaiting?.name ?? "";
    if (next && next !== this.nextTold) this.scene.announce(this.scene.t("next.said", { name: next }));
    this.nextTold = next;
    const recording = recordingNews(this.scene, this.recordingTold);
    this.recordingTold = recording.key;
    if (recording.words && recording.shown) this.scene.tell(recording.words);
    if (recording.words) this.scene.announce(recording.words);
  }

  /** Whoever comes to the waiting room during a call is heard once, and seen until they are let in. */
  private listenAtTheDoor(): void {
    const fresh = this.atTheDoor.find((person) => !this.knocked.has(person.id));
    this.knocked = new Set(this.atTheDoor.map((person) => person.id));
    if (!fresh) return;
    this.scene.announce(this.scene.t("call.knocks", { name: fresh.name }));
    void playChime().catch(() => undefined);
  }

  private talksMuted(): void {
    const { scene } = this;
    const touch = matchMedia("(hover: none)").matches;
    scene.tell(scene.t(touch ? "say.talking_muted_touch" : "say.talking_muted"), { label: scene.t("say.unmute"), run: this.unmute });
  }

  private device(source: string, detail: string, words: string): void {
    this.scene.journal.note({ kind: "device", detail: `${source} ${detail}` });
    this.scene.tell(words);
  }

  /** A bad line that lasts is told, with what helps, to the side that has it. */
  private watchLine(state: CallState, qualities: ReadonlyMap<string, TileQuality>, taken: boolean): void {
    const { scene } = this;
    const bad = [...qualities].filter(([, { level }]) => level === 1 || level === 2);
    this.weakFor = bad.length && state === "connected" ? this.weakFor + 1 : 0;
    if (this.weakFor < WEAK_SECONDS || Date.now() - this.weakToldAt < WEAK_AGAIN_MS || taken) return;
    this.weakToldAt = Date.now();
    const id = bad.sort(([, a], [, b]) => a.level - b.level)[0]?.[0] ?? "";
    const figures = scene.session.stats.get(id);
    const everyone = bad.length > 1 && bad.length === scene.session.participants.size;
    if (!everyone && (figures?.loss ?? 0) >= (figures?.lossSent ?? 0)) {
      scene.tell(scene.t("say.their_line", { name: scene.session.participants.get(id)?.name ?? "" }));
      return;
    }
    const run = () => void scene.attempt(() => scene.session.setLowBandwidth(true));
    const words = scene.t("say.your_line", { tip: scene.t("say.tip_wifi") });
    if (scene.session.lowBandwidth) scene.tell(words);
    else scene.tell(words, { label: scene.t("line.save"), run });
  }
}
