/** A file in a conversation: a picture to look at, or a card that says what it is and how it stands. */
import { html, nothing } from "lit";
import type { UploadItem } from "../call/upload";
import type { AttachmentItem } from "../call/wire";
import { icon } from "./page";
import type { Values, WordKey } from "./words";

export type Say = (key: WordKey, values?: Values) => string;

const WHY: Record<string, WordKey> = {
  not_a_picture: "file.not_a_picture",
  too_many_pixels: "file.too_many_pixels",
  not_checked: "file.not_checked",
  infected: "file.infected",
};
/** Side of a thumbnail on the page; the pictures are twice as large. */
const SHOWN = 320;

/** "320 kB", "1.4 MB" in the page's language. */
export function sizeWords(bytes: number): string {
  const [amount, unit] = bytes < 1_000_000 ? [Math.max(1, Math.round(bytes / 1000)), "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  const language = document.documentElement.lang || undefined;
  return new Intl.NumberFormat(language, { style: "unit", unit: unit as string, maximumFractionDigits: 1 }).format(amount as number);
}

/** Where the reader's page asks for a file: their cookie may be sent to a part of the site only. */
export function addressAt(at: string, address: string): string {
  return address.replace(/^\/uploads/, at);
}

export function fileView(file: AttachmentItem, at: string, say: Say, open: (file: AttachmentItem) => void) {
  if (file.thumbnail && file.url && file.state === "ready") return picture(file, at, say, open);
  const wrong = file.state === "refused" || file.state === "quarantined";
  const address = file.url && addressAt(at, file.url);
  const name = address ? html`<a href=${address} download dir="auto">${file.name}</a>` : html`<span dir="auto">${file.name}</span>`;
  return html`<div class="file ${wrong ? "file--wrong" : ""}" data-file=${file.state}>
    ${icon(wrong ? "warning" : "file")}
    <div class="file__text">${name}<span class="file__note">${note(file, say)}</span></div>
  </div>`;
}

function picture(file: AttachmentItem, at: string, say: Say, open: (file: AttachmentItem) => void) {
  const { width = SHOWN, height = SHOWN } = file;
  const scale = Math.min(1, SHOWN / Math.max(width, height));
  return html`<button type="button" class="picture" data-file="ready" aria-label=${say("file.open", { name: file.name })} @click=${() => open(file)}>
    <img src=${addressAt(at, file.thumbnail!)} alt="" width=${Math.round(width * scale)} height=${Math.round(height * scale)} loading="lazy">
  </button>
  ${file.scanned === false ? html`<span class="file__note">${say("file.not_scanned")}</span>` : nothing}`;
}

function note(file: AttachmentItem, say: Say): string {
  if (file.state === "checking") return say("file.checking");
  if (file.state !== "ready") return say(WHY[file.refusal ?? ""] ?? "file.not_checked");
  const size = sizeWords(file.size);
  return file.scanned === false ? `${size} · ${say("file.not_scanned")}` : size;
}

/** A file on its way, with what may be done about it. */
export function uploadView(item: UploadItem, say: Say, retry: (key: string) => void, cancel: (key: string) => void) {
  const percent = Math.floor((item.sent / Math.max(1, item.size)) * 100);
  const failed = item.state === "failed" || item.state === "refused";
  const words = failed ? item.reason : item.state === "offline" ? say("file.offline") : say("file.sending", { percent });
  return html`<li class="file ${failed ? "file--wrong" : ""}" data-upload=${item.state}>
    ${icon(failed ? "warning" : "upload")}
    <div class="file__text"><span dir="auto">${item.name}</span>
      ${failed ? nothing : html`<progress max="100" value=${percent} aria-label=${say("file.progress", { name: item.name })}></progress>`}
      <span class="file__note" role=${failed ? "alert" : nothing}>${words}</span></div>
    ${item.state === "failed"
      ? html`<button type="button" class="button button--quiet button--small" @click=${() => retry(item.key)}>${say("check.again")}</button>`
      : nothing}
    <button type="button" class="button button--quiet button--icon" aria-label=${say(failed ? "file.forget" : "file.cancel", { name: item.name })}
      @click=${() => cancel(item.key)}>${icon("close")}</button>
  </li>`;
}
