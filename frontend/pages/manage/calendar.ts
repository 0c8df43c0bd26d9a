/**
 * The calendar with script: appointments are dragged, or moved with arrow keys; what stands in the way is said before
 * anything is saved; a change can be undone. Without script each block is a link to its page, which does the same.
 */
import { Dragging } from "./dragging";
import { Ghost } from "./ghost";
import { type Done, type Nearest, Office, Unreachable } from "./office";
import { Panel } from "./panel";
import { DAY, type Place, Sheet } from "./sheet";

const TOAST_MS = 12_000;

class Calendar {
  private readonly office: Office;
  private readonly ask = document.querySelector<HTMLDialogElement>("#calendar-ask");
  private readonly toasts = document.querySelector<HTMLElement>("[data-toasts]");
  private readonly says = document.querySelector<HTMLElement>("[data-say]");
  private readonly panel: Panel;
  private sheet: Sheet;
  private ghost: Ghost | undefined;
  private stop = new AbortController();

  constructor(root: HTMLElement) {
    const token = (): string => document.querySelector<HTMLInputElement>("#calendar-token input")?.value ?? "";
    this.office = new Office(root.dataset["check"] ?? "", root.dataset["starts"] ?? "", token);
    this.panel = new Panel(this.office, (ref, fields) => this.save(ref, fields), () => this.offline());
    this.sheet = this.attend(root);
  }

  private attend(root: HTMLElement): Sheet {
    this.stop.abort();
    this.stop = new AbortController();
    const sheet = new Sheet(root);
    const signal = this.stop.signal;
    const grip = { lift: (block: HTMLElement) => this.lift(block), drop: (ghost: Ghost) => void this.confirm(ghost) };
    new Dragging(sheet, grip, signal);
    root.addEventListener("keydown", (event) => this.key(event), { signal });
    root.addEventListener("click", (event) => this.open(event), { signal });
    root.addEventListener("focusout", () => this.ghost && !this.ask?.open && this.putBack(), { signal });
    return sheet;
  }

  private lift(block: HTMLElement): Ghost {
    this.putBack();
    this.ghost = new Ghost(this.sheet, this.office, block, (words) => this.say(words));
    return this.ghost;
  }

  private putBack(): void {
    this.ghost?.remove();
    this.ghost = undefined;
  }

  private open(event: MouseEvent): void {
    const block = event.target instanceof Element ? event.target.closest<HTMLElement>(".block[data-ref]") : null;
    if (!block || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void this.panel.open(block.dataset["ref"] ?? "");
  }

  /** Arrow keys move the appointment in focus, Shift makes it longer or shorter, Enter goes on, Escape lets go. */
  private key(event: KeyboardEvent): void {
    const block = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".block[data-ref]") : null;
    if (!block || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && this.ghost) return this.taken(event, () => this.putBack());
    if (event.key === "Enter" && this.ghost?.hasMoved) {
      const ghost = this.ghost;
      return this.taken(event, () => void this.confirm(ghost));
    }
    if (!event.key.startsWith("Arrow")) return;
    this.taken(event, () => {
      const ghost = this.ghost?.block === block ? this.ghost : this.lift(block);
      const wanted = this.stepped(ghost, event);
      if (!wanted) return;
      ghost.show(wanted, false);
      ghost.reveal();
    });
  }

  private taken(event: Event, then: () => void): void {
    event.preventDefault();
    event.stopPropagation();
    then();
  }

  private stepped(ghost: Ghost, event: KeyboardEvent): Place | undefined {
    const place = ghost.place;
    const down = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (down && event.shiftKey) return { ...place, length: Math.min(Math.max(place.length + down * 5, 5), DAY) };
    if (down) return { ...place, minute: Math.min(Math.max(place.minute + down * ghost.step, 0), DAY - 5) };
    const columns = this.sheet.columns;
    const here = this.sheet.columnOf(place);
    const isBack = (event.key === "ArrowLeft") === (document.documentElement.dir !== "rtl");
    const next = here ? columns[columns.indexOf(here) + (isBack ? -1 : 1)] : undefined;
    return next ? this.sheet.inColumn(place, next) : undefined;
  }

  /** Say what would happen and ask; where it cannot be, offer what is free near it. */
  private async confirm(ghost: Ghost): Promise<void> {
    const dialog = this.ask;
    if (!dialog) return;
    try {
      const verdict = await this.office.check(ghost.ref, ghost.place);
      const words = verdict.ok ? [verdict.when, verdict.note] : [verdict.said];
      this.fill(dialog, verdict.title ?? this.toasts?.dataset["conflict"] ?? "", words, verdict.nearest, ghost);
      const yes = dialog.querySelector<HTMLElement>("[data-yes]");
      if (yes) yes.hidden = !verdict.ok;
      if (yes && verdict.button) yes.textContent = verdict.button;
      dialog.showModal();
      (verdict.ok ? yes : dialog.querySelector<HTMLElement>("[data-no]"))?.focus();
      const wanted = await this.answer(dialog, ghost);
      const { ref, block } = ghost;
      this.putBack();
      if (wanted) await this.save(ref, wanted);
      else block.focus();
    } catch (failure) {
      this.putBack();
      if (failure instanceof Unreachable) this.offline();
    }
  }

  private fill(dialog: HTMLDialogElement, title: string, words: (string | undefined)[], nearest: Nearest[], ghost: Ghost): void {
    const heading = dialog.querySelector("h2");
    const body = dialog.querySelector<HTMLElement>("[data-text]");
    if (!heading || !body) return;
    heading.textContent = title;
    body.replaceChildren(
      ...words.filter(Boolean).map((text) => {
        const line = document.createElement("p");
        line.textContent = text ?? "";
        return line;
      }),
    );
    if (!nearest.length) return;
    const list = document.createElement("div");
    list.className = "stack stack--tight";
    const lead = document.createElement("p");
    lead.textContent = this.toasts?.dataset["nearest"] ?? "";
    list.append(lead);
    for (const one of nearest) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--secondary button--wide";
      button.textContent = one.words;
      button.dataset["take"] = JSON.stringify({ on: one.on, at: one.at, length: ghost.place.length, provider: ghost.place.provider });
      list.append(button);
    }
    body.append(list);
  }

  private answer(dialog: HTMLDialogElement, ghost: Ghost): Promise<Place | Record<string, string | number> | undefined> {
    return new Promise((settle) => {
      const listening = new AbortController();
      const end = (wanted: Place | Record<string, string | number> | undefined): void => {
        listening.abort();
        dialog.close();
        settle(wanted);
      };
      const pressed = (event: Event): void => {
        const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
        if (!button) return;
        if ("yes" in button.dataset) end(ghost.place);
        else if (button.dataset["take"]) end(JSON.parse(button.dataset["take"]) as Record<string, string | number>);
        else if ("no" in button.dataset) end(undefined);
      };
      dialog.addEventListener("click", pressed, { signal: listening.signal });
      dialog.addEventListener("cancel", () => end(undefined), { signal: listening.signal });
    });
  }

  /** Make a change; then draw the sheet anew and offer to undo it. A refusal is shown, and nothing is lost. */
  private async save(ref: string, fields: Place | Record<string, string | number>, isUndo = false): Promise<Done | undefined> {
    try {
      const done = await this.office.change(ref, fields);
      if (done.ok) await this.redraw(ref);
      this.toast(done.said, done.ok && !isUndo && done.undo ? () => void this.save(ref, done.undo ?? {}, true) : undefined);
      return done;
    } catch {
      this.offline();
      return undefined;
    }
  }

  private async redraw(ref: string): Promise<void> {
    const fresh = (await this.office.page()).querySelector<HTMLElement>("[data-sheet]");
    const stale = document.querySelector<HTMLElement>("[data-sheet]");
    if (!fresh || !stale) return window.location.reload();
    const { scrollTop, scrollLeft } = this.sheet.scroller;
    stale.replaceWith(fresh);
    const root = fresh.querySelector<HTMLElement>(".week--calendar");
    if (!root) return;
    this.sheet = this.attend(root);
    this.sheet.scroller.scrollTo(scrollLeft, scrollTop);
    this.sheet.blockOf(ref)?.focus({ preventScroll: true });
  }

  private toast(words: string, undo?: () => void): void {
    if (!this.toasts) return;
    const toast = document.createElement("div");
    toast.className = "toast";
    const text = document.createElement("span");
    text.textContent = words;
    toast.append(text);
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--quiet button--small";
      button.textContent = this.toasts.dataset["undo"] ?? "";
      button.addEventListener("click", () => {
        toast.remove();
        undo();
      });
      toast.append(button);
    }
    this.toasts.replaceChildren(toast);
    window.setTimeout(() => !toast.contains(document.activeElement) && toast.remove(), TOAST_MS);
  }

  private offline(): void {
    this.toast(this.toasts?.dataset["offline"] ?? "");
  }

  private say(words: string): void {
    if (this.says) this.says.textContent = words;
  }
}

/** The calendar begins at the present hour, or at the first thing in it. */
function scrollToNow(root: HTMLElement): void {
  const scroller = root.querySelector<HTMLElement>(".week__scroll");
  if (!scroller) return;
  const now = scroller.querySelector<HTMLElement>(".week__now");
  const tops = [...scroller.querySelectorAll<HTMLElement>(now ? ".week__now" : "a.block")].map((one) => one.offsetTop);
  if (tops.length) scroller.scrollTop = Math.max(0, Math.min(...tops) - scroller.clientHeight / 3);
}

/** Bring the calendar of this page to life, if it has one. */
export function startCalendar(): void {
  const root = document.querySelector<HTMLElement>(".week--calendar");
  if (!root) return;
  scrollToNow(root);
  if (document.querySelector("#calendar-ask")) new Calendar(root);
}
