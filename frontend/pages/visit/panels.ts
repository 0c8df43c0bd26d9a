/** The panel beside the pictures: messages, people, more, devices, statistics. */
import { html, nothing, type TemplateResult } from "lit";
import "../../elements/device-menus-define";
import type { DeviceProblem } from "../../call/devices";
import { icon } from "../../elements/page";
import { morePanel } from "./more";
import { peoplePanel } from "./people";
import type { Scene } from "./scene";
import { statisticsPanel } from "./statistics";

/** What only the whole page can do. */
export interface PageActions {
  readonly turnFull: () => void;
  readonly turnSmall: () => void;
  readonly keys: () => void;
  readonly problemWords: (problem: DeviceProblem) => string;
  readonly chat: () => TemplateResult;
}

const TITLES = { chat: "chat.title", people: "panel.people", more: "panel.more", devices: "media.devices", stats: "panel.stats", notes: "bar.notes" } as const;

export function sidePanel(scene: Scene, page: PageActions) {
  const { panel } = scene;
  if (panel === "none") return nothing;
  const title = scene.t(TITLES[panel]);
  const inner = panel === "devices" || panel === "stats";
  return html`<aside class="call__side" aria-label=${title} data-panel=${panel}>
    <div class="call__side-head">
      ${inner
        ? html`<button type="button" class="button button--quiet button--icon" aria-label=${scene.t("panel.more")}
            @click=${() => scene.open("more")}>${icon("arrow-left")}</button>`
        : nothing}
      <h2>${title}</h2>
      <button type="button" class="button button--quiet button--icon" data-side="close" aria-label=${scene.t("control.close")}
        @click=${() => scene.open(panel)}>${icon("close")}</button></div>
    ${inside(scene, page)}
  </aside>`;
}

function inside(scene: Scene, page: PageActions) {
  const { panel } = scene;
  if (panel === "chat") return page.chat();
  if (panel === "people") return peoplePanel(scene);
  if (panel === "notes") return html`<div class="call__panel">${privateNotes()}</div>`;
  if (panel === "stats") return statisticsPanel(scene);
  return panel === "devices" ? devices(scene, page) : morePanel(scene, page);
}

/** The form the server rendered, moved here while the panel is open: what was typed stays in it. */
function privateNotes(): Element | null {
  kept ??= document.getElementById("private-notes");
  if (kept) kept.hidden = false;
  return kept;
}

let kept: HTMLElement | null = null;

function devices(scene: Scene, { problemWords }: PageActions) {
  const { session } = scene;
  return html`<div class="call__panel"><device-menus .local=${scene.local}
    @speaker=${(event: CustomEvent<string>) => void session.useDevice("audiooutput", event.detail).catch(() => undefined)}
    @refused=${(event: CustomEvent<DeviceProblem>) => scene.tell(problemWords(event.detail))}></device-menus></div>`;
}
