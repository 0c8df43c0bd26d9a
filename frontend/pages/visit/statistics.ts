/** How the call travels, in figures a supporter asks for; copied as JSON. */
import { html, nothing } from "lit";
import type { StatsSnapshot } from "../../call/session";
import { icon } from "../../elements/page";
import type { Scene } from "./scene";

export function statisticsPanel(scene: Scene) {
  const people = [...scene.session.participants.values()];
  return html`<div class="call__panel">
    <p class="call__hint">${scene.t("stats.text")}</p>
    ${people.map((person) => {
      const snapshot = scene.session.stats.get(person.id);
      return snapshot ? figures(scene, person.name, snapshot) : nothing;
    })}
    ${people.length ? nothing : html`<p>${scene.t("stats.nobody")}</p>`}
    <p><button type="button" class="button button--secondary" data-stats="copy" @click=${() => void copy(scene)}>
      ${icon("copy")} ${scene.t("stats.copy")}</button></p>
  </div>`;
}

function figures(scene: Scene, name: string, at: StatsSnapshot) {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const size = (width: number, height: number, fps: number) => (width ? `${width} × ${height}, ${Math.round(fps)} fps` : "–");
  const time = (ms: number | null) => (ms === null ? "–" : `${Math.round(ms)} ms`);
  const rows: [Parameters<Scene["t"]>[0], string][] = [
    ["stats.carried", scene.session.kind],
    ["stats.route", at.route || "–"],
    ["stats.rtt", time(at.rtt)],
    ["stats.jitter", time(at.jitter)],
    ["stats.loss", percent(at.loss)],
    ["stats.loss_sent", percent(at.lossSent)],
    ["stats.picture", size(at.width, at.height, at.fps)],
    ["stats.sent", size(at.sentWidth, at.sentHeight, at.sentFps)],
    ["stats.codec", at.codec || "–"],
    ["stats.freezes", String(at.freezes)],
    ["stats.limit", at.limitation],
  ];
  return html`<section class="stack"><h3 dir="auto">${name}</h3>
    <dl class="call__figures">${rows.map(([key, value]) => html`<div><dt>${scene.t(key)}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

/** Everything a supporter needs and nothing that names a person or an address. */
export function report(scene: Scene): string {
  const { session, room, journal, local } = scene;
  const settings = (source: "microphone" | "camera") => {
    const track = local.track(source);
    return track ? { label: track.label, ...track.getSettings(), deviceId: undefined, groupId: undefined } : null;
  };
  const known = {
    at: new Date(Date.now() + room.clockOffset).toISOString(),
    meeting: room.meeting?.id,
    participant: room.self?.id,
    browser: navigator.userAgent,
    carried_by: session.kind,
    state: session.state,
    sending: session.sending,
    data: session.dataUse,
    devices: { microphone: settings("microphone"), camera: settings("camera") },
    people: Object.fromEntries(session.stats),
    history: journal.all,
  };
  return JSON.stringify(known, null, 2);
}

async function copy(scene: Scene): Promise<void> {
  try {
    await navigator.clipboard.writeText(report(scene));
    scene.tell(scene.t("stats.copied"));
  } catch {
    scene.tell(scene.t("stats.copy_failed"));
  }
}
