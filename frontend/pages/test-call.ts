/** The device check on its own page: the same check as before a visit, and what it found, in words. */
import { html, render } from "lit";
import "../elements/device-check-define";
import { sendReport, serverLine } from "../call/line-check";
import { LocalMedia } from "../call/local-media";
import type { DeviceReport } from "../call/wire";
import { DOOR_ENGLISH } from "../elements/door-words";
import { icon, learnWords, pageWords, setSprite } from "../elements/page";
import { say, type WordKey } from "../elements/words";

type Mark = "ok" | "problem" | "open";
const KEEP_AFTER_MS = 800;
const ICONS: Record<Mark, string> = { ok: "check-circle", problem: "problem", open: "circle" };

/** What was found, one line each; `open` is what was not tried. */
export function findings(report: DeviceReport): readonly (readonly [Mark, WordKey])[] {
  const mic = report.mic === "ok" ? "ok" : "problem";
  const cam = report.cam === "ok" ? "ok" : report.cam === "off" ? "open" : "problem";
  const line = report.network === "blocked" || report.bandwidth === "phone" ? "problem" : report.bandwidth === "video" ? "ok" : "open";
  const speaker = report.speaker === "ok" ? "ok" : report.speaker === "failed" ? "problem" : "open";
  const carries = report.network === "blocked" ? "blocked" : (report.bandwidth ?? "unknown");
  return [
    [cam, `found.cam_${cam}`],
    [mic, report.mic === "silent" ? "found.mic_silent" : `found.mic_${mic}`],
    [speaker, `found.speaker_${speaker}`],
    [line, carries === "blocked" ? "found.line_blocked" : `line_check.${carries}`],
  ];
}

/** How it stands as a whole: nothing in the way, something to know, or something to mend first. */
export function standing(report: DeviceReport): "ready" | "almost" | "not_yet" {
  const marks = findings(report).map(([mark]) => mark);
  if (report.network === "blocked" || report.mic !== "ok") return "not_yet";
  return marks.includes("problem") || marks[0] !== "ok" || report.bandwidth === "audio" ? "almost" : "ready";
}

function run(root: HTMLElement): void {
  const check = root.querySelector("device-check");
  if (!check) return;
  learnWords(DOOR_ENGLISH);
  const words = pageWords();
  const local = new LocalMedia();
  const { check: base = "/test-call", csrf = "" } = root.dataset;
  let timer = 0;
  setSprite(root.dataset["icons"] ?? "");
  check.line = serverLine(base, csrf);
  check.eager = true;
  check.local = local;
  check.closed = root.dataset["closed"] ?? "";
  check.addEventListener("report", (event) => {
    const report = (event as CustomEvent<DeviceReport>).detail;
    // The connection is tried last: before, nothing is final.
    if (report.bandwidth) show(root, report, (key) => say(words, key));
    clearTimeout(timer);
    if ("kept" in root.dataset) timer = window.setTimeout(() => void sendReport(base, csrf, report), KEEP_AFTER_MS);
  });
  addEventListener("pagehide", () => local.stop());
}

function show(root: HTMLElement, report: DeviceReport, text: (key: WordKey) => string): void {
  const panel = root.querySelector<HTMLElement>("#test-verdict");
  const list = root.querySelector<HTMLElement>("#verdict-list");
  if (!panel || !list) return;
  const how = standing(report);
  panel.dataset["standing"] = how;
  panel.querySelector("h2")!.textContent = text(`standing.${how}`);
  panel.querySelector("#verdict-text")!.textContent = text(`standing.${how}_text`);
  list.replaceChildren(
    ...findings(report).map(([mark, key]) => {
      const item = document.createElement("li");
      item.dataset["mark"] = mark;
      render(html`${icon(ICONS[mark])}<span>${text(key)}</span>`, item);
      return item;
    }),
  );
  if (!panel.hidden) return;
  panel.hidden = false;
  panel.setAttribute("role", "status");
}

const root = typeof document === "undefined" ? null : document.getElementById("test-call");
if (root) run(root);
