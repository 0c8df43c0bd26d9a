/**
 * What stands beside the call on a visit's page: the telephone as the way on, bringing somebody in, private notes.
 * The server renders it; anything with `data-opens` opens its dialog, also from within the call.
 */
import { CommandRefused } from "../../call/socket";
import type { VisitRoom } from "../../call/visit-room";
import type { Colleague, Invitation } from "../../call/wire";
import { keepNotes } from "./private-notes";

export class Aside {
  constructor(private readonly room: VisitRoom) {
    document.addEventListener("click", (event) => this.open(event));
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-private-notes]")) keepNotes(form);
    this.askByPhone();
    this.bringIn();
  }

  private open(event: Event): void {
    const opener = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-opens]") : null;
    const dialog = document.getElementById(opener?.dataset["opens"] ?? "");
    if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
    event.preventDefault();
    dialog.showModal();
    if (dialog.id === "bring-in" && this.room.self?.staff) void this.room.askColleagues().catch(() => undefined);
  }

  private askByPhone(): void {
    const form = document.querySelector<HTMLFormElement>("dialog form[data-by-phone]");
    const state = document.querySelector<HTMLElement>("[data-phone-state]");
    if (!form || !state) return;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.askForCall(form, state);
    });
    this.room.on("change", () => {
      if (this.room.callRequest) state.textContent = state.dataset["asked"] ?? "";
    });
  }

  /** Over the socket where there is one; the form's own way works while the socket does not. */
  private async askForCall(form: HTMLFormElement, state: HTMLElement): Promise<void> {
    const given = new FormData(form);
    try {
      if (this.room.socket.status === "open") await this.room.askForCall(String(given.get("phone")));
      else if (!(await fetch(form.action, { method: "POST", body: given })).ok) throw new Error("not taken");
      state.textContent = state.dataset["asked"] ?? "";
    } catch (error) {
      state.textContent = sentence(error) || (state.dataset["lost"] ?? "");
    }
  }

  private bringIn(): void {
    const dialog = document.getElementById("bring-in");
    const form = dialog?.querySelector<HTMLFormElement>("form[data-bring-in]");
    if (!dialog || !form) return;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.invite(form);
    });
    this.room.on("invited", (made) => this.made(dialog, form, made));
    this.room.on("colleagues", (people) => this.listColleagues(dialog, people));
    find(dialog, "[data-bring-copy]").addEventListener("click", (event) => void copy(dialog, event.currentTarget as HTMLElement));
    find(dialog, "[data-bring-another]").addEventListener("click", () => {
      form.hidden = false;
      find(dialog, "[data-bring-made]").hidden = true;
      form.querySelector("input")?.focus();
    });
  }

  private async invite(form: HTMLFormElement): Promise<void> {
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== "")) as Record<string, string>;
    const problem = find(form, "[data-bring-problem]");
    problem.hidden = true;
    try {
      await this.room.invite({ ...given, name: given["name"] ?? "" });
    } catch (error) {
      problem.textContent = sentence(error) || String(error);
      problem.hidden = false;
    }
  }

  private made(dialog: HTMLElement, form: HTMLFormElement, { name, url, told }: Invitation): void {
    const shown = find(dialog, "[data-bring-made]");
    const words = told.map((way) => shown.dataset[way === "email" ? "toldEmail" : "toldSms"] ?? "");
    find(shown, "[data-bring-who]").textContent = name;
    find(shown, "[data-bring-told]").textContent = words.join(" ") || (shown.dataset["toldNone"] ?? "");
    const field = find(shown, "#bring-url") as HTMLInputElement;
    field.value = url;
    form.reset();
    form.hidden = true;
    shown.hidden = false;
    field.select();
  }

  private listColleagues(dialog: HTMLElement, people: readonly Colleague[]): void {
    const list = find(dialog, "[data-colleagues]");
    find(dialog, "[data-no-colleagues]").hidden = people.length > 0;
    list.replaceChildren(...people.map((one) => this.colleague(list, one)));
  }

  private colleague(list: HTMLElement, one: Colleague): HTMLElement {
    const line = document.createElement("li");
    line.className = "cluster cluster--apart";
    const who = document.createElement("span");
    const standing = list.dataset[one.invited ? "invited" : one.presence] ?? "";
    who.textContent = standing ? `${one.name} · ${standing}` : one.name;
    const verbs = document.createElement("span");
    verbs.className = "cluster";
    const button = (word: string, handOver: boolean) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "button button--secondary button--small";
      made.textContent = word;
      made.setAttribute("aria-label", `${word}: ${one.name}`);
      made.addEventListener("click", () => void this.inviteColleague(list, one.provider, handOver));
      verbs.append(made);
    };
    if (!one.invited) button(list.dataset["ask"] ?? "", false);
    button(list.dataset["over"] ?? "", true);
    line.append(who, verbs);
    return line;
  }

  private async inviteColleague(list: HTMLElement, provider: string, handOver: boolean): Promise<void> {
    const state = document.querySelector<HTMLElement>("[data-colleague-state]");
    try {
      await this.room.inviteColleague(provider, handOver);
      if (state) state.textContent = list.dataset["done"] ?? "";
      await this.room.askColleagues();
    } catch (error) {
      if (state) state.textContent = sentence(error);
    }
  }
}

function find(within: HTMLElement, selector: string): HTMLElement {
  return within.querySelector<HTMLElement>(selector)!;
}

function sentence(error: unknown): string {
  return error instanceof CommandRefused ? error.sentence : "";
}

async function copy(dialog: HTMLElement, button: HTMLElement): Promise<void> {
  const field = find(dialog, "#bring-url") as HTMLInputElement;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    find(button, "span").textContent = button.dataset["copied"] ?? "";
  } catch {
    // the link is selected: the keyboard copies it
  }
}
