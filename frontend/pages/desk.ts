/** The desk, live: who waits, since when, and one button to meet them. See `frontend/README.md`. */
import { render } from "lit";
import { DeskRoom } from "../call/desk-room";
import type { DeskEntry, DeskWelcome } from "../call/wire";
import { CommandRefused, ResumableSocket, doorUrl } from "../call/socket";
import { pageWords, setSprite, setZone } from "../elements/page";
import { agendaView, timeOf, type AgendaLook } from "./desk/agenda";
import { Bell, askForNotifications, notificationPermission, notify } from "./desk/alerts";
import { barView, ownView, teamView, type BarActions } from "./desk/bar";
import { Drawer } from "./desk/drawer";
import { EVERYBODY, agendaOf, isMine, linesOf, nextOf, type Around, type Choice, type Lines, type Row } from "./desk/facts";
import { KeyedList } from "./desk/keyed-list";
import { emptyView, nudgesView, summaryWords } from "./desk/notes";
import { closeOver, stayTold } from "./desk/push";
import { rowView } from "./desk/row";
import { pageDeskWords, sayer } from "./desk/words";

const REDRAW_MS = 15_000;
const GATHER_MS = 16; // a burst of news is drawn once
const NEW_FOR_MS = 5000;
const CHOICE_KEY = "vestibule.desk.choice";

class DeskPage {
  private readonly data: DOMStringMap;
  private readonly say = sayer(pageDeskWords());
  private readonly words = pageWords();
  private readonly room: DeskRoom;
  private readonly bell = new Bell(() => this.drawNudges());
  private readonly drawer: Drawer;
  private readonly title = document.title.replace(/^[^·]*·\s*/, "");
  private readonly busy = new Set<string>();
  private readonly fresh = new Set<string>();
  private readonly known = new Set<string>();
  /** About a visit in Teams: before the drawer, which is given it. */
  private readonly teams = {
    again: (meeting: string) => void this.place("make_again", meeting, "teams_again_done"),
    here: (meeting: string) => void this.place("meet_here", meeting, "teams_here_done"),
  };
  private choice: Choice = { area: "", mine: false, name: "", ...kept() };
  private lines: Lines = { waiting: [], held: [] };
  /** Who waits whom the reader wants to be told of, also outside of what is shown. */
  private concerning: readonly Row[] = [];
  private lists: { queue: KeyedList<Row>; held: KeyedList<Row>; agenda: KeyedList<DeskEntry> } | null = null;
  private said = "";
  private due = 0;
  private leaving = false;

  constructor(root: HTMLElement) {
    this.data = root.dataset;
    setSprite(this.data["icons"] ?? "");
    setZone(this.data["zone"] ?? "");
    const day = this.data["day"];
    const hello = () => (day ? { day } : {});
    this.room = new DeskRoom(new ResumableSocket<DeskWelcome>({ url: doorUrl(this.data["door"] ?? "/ws/desk"), hello }));
    this.drawer = new Drawer(root, this.say, this.room, {
      act: (key, command) => this.act(key, command),
      join: (row, confirmed) => void this.join(row, confirmed),
      tell: (words) => this.tell(words),
      mayHost: (entry) => this.mayHost(entry),
      teams: this.teams,
    });
  }

  start(): void {
    this.room.on("reset", () => this.soon());
    this.room.on("entry", () => this.soon());
    this.room.on("house", () => {
      this.drawNudges();
      this.soon();
    });
    this.room.on("words", () => this.drawer.draw());
    this.room.on("status", () => this.status());
    this.room.on("arrived", ({ entry, person }) => this.arrived(entry, person?.name ?? entry.consumer));
    this.room.on("wrote", ({ from, entry }) => this.wrote(from.name, entry));
    this.room.on("warned", ({ sentence }) => this.call(sentence, this.titleWords(1)));
    this.room.socket.on("bye", (bye) => !bye.retry && this.tell(bye.sentence || this.say("signed_out")));
    addEventListener("pagehide", () => (this.leaving = true));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    setInterval(() => this.soon(), REDRAW_MS);
    this.drawNudges();
    void stayTold(this.data["csrf"] ?? "");
    this.room.socket.start();
  }

  // --- drawing --------------------------------------------------------------------------------------------------------

  private soon(): void {
    if (!this.due) this.due = window.setTimeout(() => this.draw(), GATHER_MS);
  }

  private draw(): void {
    this.due = 0;
    // Until the first list is here, what the server rendered is right.
    if (!this.room.day || this.leaving) return;
    this.lists ??= this.makeLists();
    const { around } = this;
    this.lines = linesOf(this.room.entries, this.choice, around);
    const concerned = this.concerning.length;
    this.concerning = linesOf(this.room.entries, EVERYBODY, around).waiting.filter((row) => this.concerns(row.entry));
    const agenda = agendaOf(this.room.entries, this.choice, around);
    if (this.concerning.length < concerned) void closeOver();
    this.lists.queue.show(this.lines.waiting);
    this.lists.held.show(this.lines.held);
    this.lists.agenda.show(agenda);
    this.reveal("desk-held-part", this.lines.held.length > 0);
    this.drawAround(agenda);
    this.drawer.draw();
    this.noticeLate();
    this.status();
    document.title = this.pageTitle();
  }

  private drawAround(agenda: readonly DeskEntry[]): void {
    const count = this.lines.waiting.length + this.lines.held.length;
    const { room, say, around } = this;
    const shown = new Set(this.lines.waiting.map((row) => row.key));
    const hidden = this.concerning.filter((row) => !shown.has(row.key)).length;
    this.fill("desk-bar", barView(say, room, this.choice, { count, hidden, hostsAny: this.data["hosts"] === "any" }, this.barActions));
    // What comes next is true whatever part of the day is looked at.
    const whole = agendaOf(room.entries, EVERYBODY, around);
    const own = room.provider ? whole.filter((entry) => isMine(entry, room.provider, room.areas)) : whole;
    this.fill("desk-own", ownView(say, room, nextOf(own, around), this.barActions));
    this.fill("desk-team", teamView(say, room, this.choice.area));
    this.fill("desk-summary", summaryWords(say, this.lines, agenda));
  }

  private makeLists() {
    const { say } = this;
    const rows = {
      keyOf: (row: Row) => row.key,
      marks: (row: Row) => [row.entry, row.minutes, row.level, this.busy.has(row.key), this.mayHost(row.entry), this.areaName(row.entry)],
      dress: (element: HTMLElement, row: Row) => {
        element.dataset["entry"] = row.key;
        element.classList.toggle("is-new", this.fresh.has(row.key));
      },
      draw: (row: Row) => rowView(row, this.rowLook(row), this.rowActions),
      more: (count: number) => say("more", { count }),
    };
    return {
      queue: new KeyedList<Row>(byId("desk-queue"), { ...rows, empty: () => emptyView(say, this.choice.name, this.lines) }),
      held: new KeyedList<Row>(byId("desk-held"), rows),
      agenda: new KeyedList<DeskEntry>(byId("desk-agenda"), {
        keyOf: (entry) => entry.id,
        marks: (entry) => [entry, timeOf(entry, this.room.now), this.mayHost(entry)],
        dress: (element, entry) => this.dressAgenda(element, entry),
        draw: (entry) => agendaView(entry, this.agendaLook),
        more: (count) => say("more", { count }),
        empty: () => emptyView(say, "", null),
      }),
    };
  }

  private dressAgenda(element: HTMLElement, entry: DeskEntry): void {
    const time = timeOf(entry, this.room.now);
    element.dataset["entry"] = entry.id;
    element.classList.toggle("is-past", time === "past");
    if (time === "now") element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
  }

  private fill(id: string, view: unknown): void {
    const part = document.getElementById(id);
    if (!part) return;
    if (part.dataset["live"] === undefined) {
      part.dataset["live"] = "";
      part.replaceChildren();
    }
    render(view, part);
  }

  private reveal(id: string, shown: boolean): void {
    const part = document.getElementById(id);
    if (part && part.hidden === shown) part.hidden = !shown;
  }

  private get around(): Around {
    return { now: this.room.now, provider: this.room.provider, areas: this.room.areas };
  }

  private rowLook(row: Row) {
    return { say: this.say, busy: this.busy.has(row.key), mayHost: this.mayHost(row.entry), callsOut: this.room.callsOut, areaName: this.areaName(row.entry) };
  }

  private get agendaLook(): AgendaLook {
    return { say: this.say, words: this.words, now: this.room.now, mayHost: (entry) => this.mayHost(entry), visitUrl: (meeting) => this.visitUrl(meeting) };
  }

  /** Where somebody waits is worth a word only when several waiting areas are in sight. */
  private areaName(entry: DeskEntry): string {
    return this.choice.area || this.room.areas.length < 2 ? "" : (this.room.area(entry.area)?.name ?? "");
  }

  private mayHost(entry: DeskEntry): boolean {
    return this.data["hosts"] === "any" || isMine(entry, this.room.provider, this.room.areas);
  }

  private visitUrl(meeting: string): string {
    return (this.data["visitUrl"] ?? "/desk/visit/{meeting}").replace("{meeting}", encodeURIComponent(meeting));
  }

  // --- what staff do --------------------------------------------------------------------------------------------------

  private readonly rowActions = {
    teams: this.teams,
    join: (row: Row) => void this.join(row, false),
    message: (row: Row, person: Row["people"][number]) => this.drawer.talk(row.key, person.id),
    details: (row: Row, person: Row["people"][number]) => this.drawer.person(row.key, person.id),
    telephoned: (person: Row["people"][number]) => void this.act(person.id, () => this.room.person("call_done", person.id)),
    callNow: (person: Row["people"][number]) => void this.callNow(person),
    unlock: (person: Row["people"][number]) => void this.act(person.id, () => this.room.person("unlock", person.id)),
  };

  private readonly barActions: BarActions = {
    choose: (change) => {
      this.choice = { ...this.choice, ...change };
      keep(this.choice);
      this.soon();
    },
    closeQueue: (area) => this.drawer.closeQueue(area),
    openQueue: (area) => void this.act(area.slug, () => this.room.openArea(area.slug)),
    stepAway: () => this.drawer.stepAway(),
    comeBack: () => void this.act("own", () => this.room.comeBack()),
  };

  private async place(command: "make_again" | "meet_here", meeting: string, said: "teams_again_done" | "teams_here_done"): Promise<void> {
    if (await this.act(meeting, () => this.room.place(command, meeting))) this.tell(this.say(said));
  }

  private async callNow({ id, call_request: asked }: Row["people"][number]): Promise<void> {
    const rings = await this.act(id, () => this.room.person("call_now", id));
    if (rings) this.tell(this.say("rings", { phone: asked?.phone ?? "" }));
  }

  /** Lets in everybody of the meeting who waits, and goes there. Who must be confirmed is asked about first. */
  private async join(row: Row, confirmed: boolean): Promise<void> {
    const { meeting } = row.entry;
    if (!meeting) return;
    if (!confirmed && this.drawer.asksWho(row, "join")) return;
    const done = await this.act(row.key, async () => {
      const held = row.people.filter((person) => person.state === "on_hold");
      for (const person of held) await this.room.person("admit", person.id, confirmed ? { confirmed } : {});
      await this.room.start(meeting, confirmed);
    });
    if (done) location.assign(this.visitUrl(meeting));
  }

  private async act(key: string, command: () => Promise<void>): Promise<boolean> {
    this.busy.add(key);
    this.soon();
    try {
      await command();
      return true;
    } catch (error) {
      this.tell((error instanceof CommandRefused && error.sentence) || this.say("refused"));
      return false;
    } finally {
      this.busy.delete(key);
      this.soon();
    }
  }

  // --- what calls out -------------------------------------------------------------------------------------------------

  /** Whether news of this visit concerns the reader: theirs, or everybody's for staff who look after all. */
  private concerns(entry: DeskEntry | undefined): boolean {
    const onlyMine = this.room.alerts.only_mine && this.room.provider !== null;
    return !onlyMine || (entry !== undefined && isMine(entry, this.room.provider, this.room.areas));
  }

  private arrived(entry: DeskEntry, name: string): void {
    this.fresh.add(entry.id);
    setTimeout(() => this.fresh.delete(entry.id), NEW_FOR_MS);
    if (!this.concerns(entry)) return;
    const service = entry.service?.name;
    this.call(service ? this.say("arrived_for", { name, service }) : this.say("arrived", { name }), this.titleWords(1));
  }

  private wrote(name: string, entry: DeskEntry | undefined): void {
    if (this.concerns(entry)) this.call(this.say("wrote", { name }), this.say("notify_wrote", { business: this.title }));
  }

  /** Once for each: a wait has become too long since the page was opened. */
  private noticeLate(): void {
    for (const row of this.concerning) {
      const news = row.level === "late" && !this.known.has(row.key) && row.minutes < 60;
      if (row.level === "late") this.known.add(row.key);
      if (news && this.known.has("")) {
        this.call(this.say("late", { name: row.people[0]!.name, minutes: row.minutes }), this.titleWords(1));
      }
    }
    this.known.add("");
  }

  /** Tell on the page, by sound, and through the system if the page is not in front. */
  private call(words: string, notice: string): void {
    this.tell(words);
    if (this.room.alerts.sound) this.bell.ring();
    if (this.room.alerts.desktop) notify(notice, "");
  }

  private titleWords(least: number): string {
    const count = Math.max(least, this.concerning.length);
    return this.say("notify_title", { count, business: this.title });
  }

  private pageTitle(): string {
    const count = this.concerning.length;
    if (!this.room.alerts.title) return `${this.data["name"] ?? ""} · ${this.title}`;
    const words = count ? (count === 1 ? this.say("waiting_one") : this.say("waiting_many", { count })) : this.say("nobody");
    return `${words} · ${this.title}`;
  }

  private drawNudges(): void {
    const { alerts } = this.room;
    this.fill("desk-nudges", nudgesView(this.say, {
      soundOn: this.bell.isOn,
      blocked: alerts.sound && this.bell.isOn && this.bell.isBlocked,
      asks: alerts.desktop && notificationPermission() === "default",
      toggle: () => {
        this.bell.isOn = !this.bell.isOn;
        if (this.bell.isOn) void this.bell.wake().then(() => this.bell.ring());
        this.drawNudges();
      },
      wake: () => void this.bell.wake().then(() => this.bell.ring()),
      allow: () => void askForNotifications().then(() => this.drawNudges()),
    }));
  }

  private tell(words: string): void {
    this.said = words;
    this.status();
  }

  private status(): void {
    const status = document.getElementById("desk-status");
    if (!status) return;
    const lost = this.room.socket.status === "lost";
    const words = lost ? this.say("offline") : this.said;
    if (status.textContent !== words) status.textContent = words;
    status.toggleAttribute("data-lost", lost);
  }
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the desk's page lacks #${id}`);
  return found;
}

function kept(): Partial<Choice> {
  try {
    const { area, mine } = JSON.parse(localStorage.getItem(CHOICE_KEY) ?? "{}") as Partial<Choice>;
    return { ...(typeof area === "string" ? { area } : {}), ...(typeof mine === "boolean" ? { mine } : {}) };
  } catch {
    return {};
  }
}

function keep({ area, mine }: Choice): void {
  try {
    localStorage.setItem(CHOICE_KEY, JSON.stringify({ area, mine }));
  } catch {
    // storage forbidden: the choice lasts for this page only
  }
}

const root = document.getElementById("desk");
if (root) new DeskPage(root).start();
