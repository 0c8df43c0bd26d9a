/** The provider's desk, live: who waits, since when, and one button to meet them. See `frontend/README.md`. */
import { html, nothing, render } from "lit";
import "../elements/chat-panel-define";
import { DeskRoom } from "../call/desk-room";
import { CommandRefused, ResumableSocket, doorUrl } from "../call/socket";
import { playChime } from "../call/speaker";
import type { ThreadItem } from "../call/thread";
import type { DeskEntry, DeskWelcome, WaitingPerson } from "../call/wire";
import { pageWords, setSprite, setZone } from "../elements/page";
import { say, type Values, type WordKey } from "../elements/words";
import { agendaView, queueView, type DeskActions, type DeskLook } from "./desk/view";

const REDRAW_MS = 15_000;
const NEW_FOR_MS = 5000;
const SOUND_KEY = "vestibule.desk.sound";

class DeskPage {
  private readonly data: DOMStringMap;
  private readonly words = pageWords();
  private readonly room: DeskRoom;
  private readonly title = document.title.replace(/^[^·]*·\s*/, "");
  private readonly busy = new Set<string>();
  private readonly fresh = new Set<string>();
  private readonly dialog: HTMLDialogElement;
  private talkingTo: WaitingPerson | null = null;
  private denying: WaitingPerson | null = null;
  private said = "";
  private leaving = false;

  constructor(root: HTMLElement) {
    this.data = root.dataset;
    setSprite(this.data["icons"] ?? "");
    setZone(this.data["zone"] ?? "");
    const day = this.data["day"];
    const hello = () => (day ? { day } : {});
    this.room = new DeskRoom(new ResumableSocket<DeskWelcome>({ url: doorUrl(this.data["door"] ?? "/ws/desk"), hello }));
    this.dialog = document.createElement("dialog");
    this.dialog.addEventListener("close", () => this.closeDialog());
    root.append(this.dialog);
  }

  start(): void {
    this.room.on("change", () => this.draw());
    this.room.on("arrived", ({ entry, person }) => this.arrived(entry, person));
    this.room.on("wrote", ({ from }) => this.wrote(from.name));
    this.room.socket.on("bye", (bye) => !bye.retry && this.tell(bye.sentence || this.say("ended.not_authorised")));
    addEventListener("pagehide", () => (this.leaving = true));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    setInterval(() => this.draw(), REDRAW_MS);
    this.soundSwitch();
    this.room.socket.start();
  }

  private say(key: WordKey, values?: Values): string {
    return say(this.words, key, values);
  }

  private draw(): void {
    // Until the first list is here, what the server rendered is right.
    if (!this.room.day || this.leaving) return;
    this.list("desk-queue", queueView(this.room.waiting, this.look, this.actions));
    this.list("desk-agenda", agendaView(this.room.agenda, this.look));
    this.status();
    this.drawDialog();
    const count = this.room.waiting.length;
    const words = count === 1 ? this.say("desk.one_waiting") : this.say("desk.many_waiting", { count });
    document.title = count ? `${words} · ${this.title}` : `${this.say("desk.nobody")} · ${this.title}`;
  }

  private list(id: string, view: unknown): void {
    const list = document.getElementById(id);
    if (!list) return;
    // What the server rendered makes place for what is live, once.
    if (list.dataset["live"] === undefined) {
      list.dataset["live"] = "";
      list.replaceChildren();
    }
    render(view, list);
  }

  private get look(): DeskLook {
    return {
      words: this.words,
      now: this.room.now,
      visitUrl: (meeting) => (this.data["visitUrl"] ?? "/desk/visit/{meeting}").replace("{meeting}", encodeURIComponent(meeting)),
      busy: this.busy,
      fresh: this.fresh,
    };
  }

  private readonly actions: DeskActions = {
    join: (entry) => void this.join(entry),
    admit: (person) => void this.act(person.id, () => this.room.admit(person.id)),
    deny: (person) => this.open(null, person),
    message: (person) => {
      this.open(person, null);
      void this.room.fetchNotices(person.id).catch(() => undefined);
    },
  };

  /** Lets in everybody of the meeting who waits, and goes there. */
  private async join(entry: DeskEntry): Promise<void> {
    const { meeting } = entry;
    if (!meeting) return;
    const done = await this.act(entry.id, () => this.room.start(meeting));
    if (done) location.assign(this.look.visitUrl(meeting));
  }

  private async act(key: string, command: () => Promise<void>): Promise<boolean> {
    this.busy.add(key);
    this.draw();
    try {
      await command();
      return true;
    } catch (error) {
      this.tell((error instanceof CommandRefused && error.sentence) || this.say("desk.refused"));
      return false;
    } finally {
      this.busy.delete(key);
      this.draw();
    }
  }

  private arrived(entry: DeskEntry, person: WaitingPerson | undefined): void {
    this.fresh.add(entry.id);
    setTimeout(() => this.fresh.delete(entry.id), NEW_FOR_MS);
    this.tell(this.say("desk.arrived", { name: person?.name ?? "", service: (entry.service?.name ?? "") }));
    this.ring();
  }

  private wrote(name: string): void {
    this.tell(this.say("chat.new", { name }));
    this.ring();
  }

  private get soundOn(): boolean {
    try {
      return localStorage.getItem(SOUND_KEY) !== "off";
    } catch {
      return true;
    }
  }

  private ring(): void {
    // Without a tap on the page the browser may refuse; the title tells it too.
    if (this.soundOn) void playChime().catch(() => undefined);
  }

  private soundSwitch(): void {
    const box = document.getElementById("desk-sound") as HTMLInputElement | null;
    if (!box) return;
    box.checked = this.soundOn;
    box.addEventListener("change", () => {
      try {
        localStorage.setItem(SOUND_KEY, box.checked ? "on" : "off");
      } catch {
        // storage forbidden: the choice lasts for this page only
      }
      if (box.checked) this.ring();
    });
  }

  private tell(words: string): void {
    this.said = words;
    this.status();
  }

  private status(): void {
    const status = document.getElementById("desk-status");
    if (!status) return;
    const words = this.room.socket.status === "lost" ? this.say("desk.offline") : this.said;
    if (status.textContent !== words) status.textContent = words;
  }

  private open(talkingTo: WaitingPerson | null, denying: WaitingPerson | null): void {
    this.talkingTo = talkingTo;
    this.denying = denying;
    this.dialog.className = talkingTo ? "drawer" : "dialog";
    this.drawDialog();
    this.dialog.showModal();
    this.dialog.querySelector<HTMLElement>("chat-panel, textarea")?.focus();
  }

  private closeDialog(): void {
    this.talkingTo = this.denying = null;
    this.drawDialog();
  }

  private drawDialog(): void {
    const view = this.talkingTo ? this.talk(this.talkingTo) : this.denying ? this.refuse(this.denying) : nothing;
    render(view, this.dialog);
  }

  private talk(person: WaitingPerson) {
    const thread = this.room.thread(person.id);
    const title = this.say("desk.message_to", { name: person.name });
    this.dialog.setAttribute("aria-label", title);
    return html`<div class="call__side-head"><h2>${title}</h2>
        <button type="button" class="button button--quiet" @click=${() => this.dialog.close()}>${this.say("control.close")}</button></div>
      <chat-panel .items=${thread.items} .self=${this.room.staff?.id ?? ""} .guest=${person.id}
        @send=${(event: CustomEvent<string>) => thread.send(event.detail)}
        @retry=${(event: CustomEvent<ThreadItem>) => thread.retry(event.detail)}></chat-panel>`;
  }

  private refuse(person: WaitingPerson) {
    const title = this.say("desk.deny_title", { name: person.name });
    this.dialog.setAttribute("aria-label", title);
    return html`<div class="dialog__head"><h2>${title}</h2></div>
      <div class="dialog__body"><p>${this.say("desk.deny_text")}</p>
        <div class="field"><label class="field__label" for="deny-text">${this.say("desk.deny_message")}</label>
          <textarea id="deny-text" rows="3" maxlength="1000"></textarea></div></div>
      <div class="dialog__foot">
        <button type="button" class="button button--danger" data-desk="deny-yes" @click=${() => void this.denyNow(person)}>
          ${this.say("desk.deny")}</button>
        <button type="button" class="button button--secondary" @click=${() => this.dialog.close()}>${this.say("control.cancel")}</button>
      </div>`;
  }

  private async denyNow(person: WaitingPerson): Promise<void> {
    const text = this.dialog.querySelector("textarea")?.value.trim() ?? "";
    this.dialog.close();
    await this.act(person.id, () => this.room.deny(person.id, text));
  }
}

const root = document.getElementById("desk");
if (root) new DeskPage(root).start();
