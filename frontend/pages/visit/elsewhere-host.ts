/** What staff see of a visit that is held elsewhere: the way there, who comes, and what to do when it could not be made. */
import { html, nothing } from "lit";
import type { Elsewhere, WaitingPerson } from "../../call/wire";
import { ELSEWHERE_HOST_ENGLISH } from "../../elements/elsewhere-host-words";
import { icon, learnWords } from "../../elements/page";
import type { WordKey } from "../../elements/words";
import { byNumber, type Drawing } from "./elsewhere-way";

learnWords(ELSEWHERE_HOST_ENGLISH);

const LOOKS = {
  ready: { kind: "info", sign: "external" },
  making: { kind: "info", sign: "hourglass" },
  late: { kind: "warning", sign: "warning" },
  failed: { kind: "problem", sign: "problem" },
} as const;

export class HostPart {
  constructor(private readonly drawing: Drawing) {}

  view(way: Elsewhere | null) {
    if (!way) return nothing;
    const trouble = way.state === "failed" || way.state === "late";
    return html`${this.standing(way)}
      ${way.state === "ready"
        ? html`<div class="actions"><a class="button button--large" href=${way.url} target="_blank" rel="noopener noreferrer" data-elsewhere-open>
            ${icon("camera")} ${this.t("elsewhere.join")} ${icon("external")}<span class="visually-hidden"> (${this.t("elsewhere.new_tab")})</span></a></div>`
        : nothing}
      ${trouble ? this.remedies() : nothing}
      ${this.people()}
      ${way.state === "ready" ? byNumber(way, this.t) : nothing}
      ${trouble ? nothing : html`<details class="fold"><summary>${this.t("elsewhere.meet_here_why")}</summary>${this.remedies()}</details>`}
      ${this.end()}`;
  }

  private get t() {
    return this.drawing.t;
  }

  private standing({ state, problem }: Elsewhere) {
    const { kind, sign } = LOOKS[state];
    const text = state === "failed" || state === "late" ? "elsewhere.staff_failed_text" : `elsewhere.staff_${state}_text`;
    return html`<div class="banner banner--${kind}" role="status" data-standing=${state}>${icon(sign)}
      <div class="banner__text"><strong>${this.t(`elsewhere.staff_${state}` as WordKey)}</strong>
        ${problem ? html`<p dir="auto">${problem}</p>` : nothing}
        <p>${this.t(text as WordKey)}</p></div></div>`;
  }

  private remedies() {
    const { room, attempt } = this.drawing;
    return html`<div class="cluster">
      <button type="button" class="button button--secondary" data-elsewhere="again"
        @click=${() => attempt(() => room.place("make_again"), this.t("elsewhere.again_done"))}>${icon("refresh")} ${this.t("elsewhere.again")}</button>
      <button type="button" class="button button--secondary" data-elsewhere="here"
        @click=${() => attempt(() => room.place("meet_here"))}>${icon("camera")} ${this.t("elsewhere.meet_here")}</button>
    </div>`;
  }

  /** Who waits, was let in or is finished; whoever never came is of no concern yet. */
  private people() {
    const people = this.drawing.room.waiting.filter((person) => person.state !== "invited");
    return html`<section class="stack stack--tight" aria-labelledby="elsewhere-who">
      <h2 id="elsewhere-who">${this.t("elsewhere.who")}</h2>
      ${people.length
        ? html`<ul class="lines">${people.map((person) => this.line(person))}</ul>`
        : html`<p class="soft">${this.t("elsewhere.nobody")}</p>`}
    </section>`;
  }

  private line(person: WaitingPerson) {
    const { room, attempt } = this.drawing;
    const waits = person.state === "waiting" || person.state === "on_hold";
    return html`<li data-person=${person.id} data-state=${person.state}><span dir="auto">${person.name}<small>${this.how(person)}</small></span>
      ${waits
        ? html`<button type="button" class="button button--small" data-elsewhere="admit"
            @click=${() => attempt(() => room.admit(person.id))}>${icon("door-open")} ${this.t("desk.admit")}<span class="visually-hidden">: ${person.name}</span></button>`
        : nothing}</li>`;
  }

  private how({ state, connection }: WaitingPerson): string {
    if (state === "waiting" || state === "on_hold") return this.t("elsewhere.is_waiting");
    if (state === "admitted" || state === "in_call") {
      return this.t("elsewhere.is_in") + (connection === "gone" ? ` · ${this.t("elsewhere.is_away")}` : "");
    }
    return state === "left" ? this.t("elsewhere.has_left") : this.t("status.arrived");
  }

  private end() {
    const { room, attempt } = this.drawing;
    const dialog = (event: Event) => (event.currentTarget as HTMLElement).closest("[data-end]")!.querySelector("dialog")!;
    return html`<div class="actions" data-end><button type="button" class="button button--secondary" data-elsewhere="end"
        @click=${(event: Event) => dialog(event).showModal()}>${icon("hang-up")} ${this.t("control.end")}</button>
      <dialog class="dialog" aria-labelledby="elsewhere-end">
        <div class="dialog__head"><h2 id="elsewhere-end">${this.t("control.end_title")}</h2></div>
        <div class="dialog__body"><p>${this.t("elsewhere.end_text")}</p></div>
        <div class="dialog__foot">
          <button type="button" class="button button--danger" data-elsewhere="end-yes" @click=${() => attempt(() => room.endForAll())}>${this.t("control.end_yes")}</button>
          <button type="button" class="button button--secondary" @click=${(event: Event) => dialog(event).close()}>${this.t("control.cancel")}</button>
        </div></dialog></div>`;
  }
}
