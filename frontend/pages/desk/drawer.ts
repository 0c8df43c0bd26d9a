/** The desk's one dialog: a person, a conversation, or a question; always about one thing, closed by Escape. */
import { nothing, render, type TemplateResult } from "lit";
import "../../elements/chat-panel-define";
import type { DeskRoom } from "../../call/desk-room";
import type { DeskArea, DeskEntry, WaitingPerson } from "../../call/wire";
import { awayQuestion, closeQuestion, denyQuestion, identityQuestion, question, transferQuestion } from "./dialogs";
import { mustConfirm, rowOf, waits, type Row } from "./facts";
import { personView, talkView, type PersonActions } from "./person";
import type { TeamsActions } from "./teams";
import type { Say } from "./words";

export interface DrawerHost {
  readonly act: (key: string, command: () => Promise<void>) => Promise<boolean>;
  readonly join: (row: Row, confirmed: boolean) => void;
  readonly tell: (words: string) => void;
  readonly mayHost: (entry: DeskEntry) => boolean;
  readonly teams: TeamsActions;
}

/** Draws what is shown now; null when what it is about is gone. */
type View = () => TemplateResult | null;

export class Drawer {
  private readonly dialog = document.createElement("dialog");
  private view: View | null = null;

  constructor(
    root: HTMLElement,
    private readonly say: Say,
    private readonly room: DeskRoom,
    private readonly host: DrawerHost,
  ) {
    this.dialog.setAttribute("aria-labelledby", "desk-dialog-title");
    this.dialog.addEventListener("close", () => this.closed());
    root.append(this.dialog);
  }

  draw(): void {
    if (!this.view) return;
    const drawn = this.view();
    if (drawn) render(drawn, this.dialog);
    else this.close();
  }

  /** Everything about one person, and every action. */
  person(key: string, id: string): void {
    this.open("drawer", () => {
      const [row, person] = this.find(key, id);
      if (!row || !person) return null;
      const areaName = this.room.area(row.entry.area)?.name ?? "";
      return personView(this.say, row, person, this.host.mayHost(row.entry), areaName, this.actions(row, person));
    });
  }

  /** The conversation with one person. It stays open when they leave, so that nothing typed is lost. */
  talk(key: string, id: string): void {
    let known = this.find(key, id)[1];
    void this.room.fetchNotices(id).catch(() => undefined);
    this.open("drawer", () => {
      known = this.find(key, id)[1] ?? known;
      if (!known) return null;
      const area = this.room.find(key)?.area ?? null;
      const prepared = this.room.prepared.filter((text) => text.area === null || text.area === area);
      return talkView(this.say, known, this.room.thread(id), this.room.staff?.id ?? "", prepared, this.close);
    });
    this.dialog.querySelector<HTMLElement>("chat-panel")?.focus();
  }

  /** Ask who they are before letting in, if that is not known yet; tells whether it asked. */
  asksWho(row: Row, then: "admit" | "join"): boolean {
    const unsure = row.people.filter((person) => waits(person) && mustConfirm(person));
    if (!unsure.length) return false;
    const yes = () => (then === "join" ? this.host.join(row, true) : void this.admitAll(unsure));
    this.ask(identityQuestion(this.say, unsure, then, yes));
    return true;
  }

  closeQueue(area: DeskArea): void {
    this.ask(closeQuestion(this.say, area, (minutes, text) => {
      void this.host.act(area.slug, () => this.room.closeArea(area.slug, minutes, text))
        .then((done) => done && this.host.tell(this.say("queue_is_closed", { area: area.name })));
    }));
  }

  stepAway(): void {
    this.ask(awayQuestion(this.say, (text) => void this.host.act("own", () => this.room.stepAway(text))));
  }

  private find(key: string, id: string): [Row | null, WaitingPerson | undefined] {
    const entry = this.room.find(key);
    if (!entry) return [null, undefined];
    const around = { now: this.room.now, provider: this.room.provider, areas: this.room.areas };
    const row = rowOf(entry, around);
    return [row, entry.people.find((person) => person.id === id)];
  }

  private actions(row: Row, person: WaitingPerson): PersonActions {
    const act = (command: () => Promise<void>) => void this.host.act(row.key, command);
    return {
      close: this.close,
      callsOut: this.room.callsOut,
      teams: this.host.teams,
      message: () => this.talk(row.key, person.id),
      admit: () => {
        if (this.asksWho({ ...row, people: [person] }, "admit")) return;
        this.close();
        act(() => this.room.person("admit", person.id));
      },
      confirm: () => this.ask(identityQuestion(this.say, [person], "only", () => act(() => this.room.person("confirm_identity", person.id)))),
      transfer: () => this.transfer(row, person),
      deny: () => this.ask(denyQuestion(this.say, person, (text) => act(() => this.room.deny(person.id, text)))),
      simply: (command) => {
        this.close();
        act(() => this.room.person(command, person.id));
      },
    };
  }

  private transfer(row: Row, person: WaitingPerson): void {
    const now = row.entry.host?.slug;
    const to = { providers: this.room.providers.filter((one) => one.slug !== now), areas: this.room.areas };
    this.ask(transferQuestion(this.say, person, to, (kind, slug) => {
      const name = [...to.providers, ...to.areas].find((one) => one.slug === slug)?.name ?? slug;
      void this.host.act(row.key, () => this.room.transfer(person.id, { [kind]: slug }))
        .then((done) => done && this.host.tell(this.say("transfer_done", { name: person.name, to: name })));
    }));
  }

  private async admitAll(people: readonly WaitingPerson[]): Promise<void> {
    for (const person of people) await this.host.act(person.id, () => this.room.person("admit", person.id, { confirmed: true }));
  }

  private ask(asked: Parameters<typeof question>[1]): void {
    // What was typed must not be drawn over by news: a question is drawn once.
    const drawn = question(this.say, asked, this.close);
    this.open("dialog", () => drawn);
    this.dialog.querySelector<HTMLElement>("textarea, select, input, button")?.focus();
  }

  private open(look: "drawer" | "dialog", view: View): void {
    render(nothing, this.dialog);
    this.view = view;
    this.dialog.className = look;
    this.draw();
    if (this.isShowing && !this.dialog.open) this.dialog.showModal();
  }

  private get isShowing(): boolean {
    return this.view !== null;
  }

  private readonly close = (): void => {
    if (this.dialog.open) this.dialog.close();
    else this.closed();
  };

  private closed(): void {
    this.view = null;
    render(nothing, this.dialog);
  }
}
