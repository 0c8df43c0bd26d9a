/** A `chat-panel` tied to a conversation: the same in the call and outside it. */
import { html } from "lit";
import "./chat-panel-define";
import type { Chatting } from "../call/chatting";
import type { Thread, ThreadItem } from "../call/thread";
import { Uploads } from "../call/upload";
import type { Person } from "../call/wire";
import { sizeWords } from "./chat-file";
import type { ProgramsPage } from "./chat-panel";
import { say, type Words } from "./words";

/** What a page knows of a conversation, and what a person can do in it. */
export interface Conversation {
  readonly self: (Person & { readonly staff: boolean }) | null;
  readonly chat: Pick<Chatting, "thread" | "typing" | "markTyping" | "earlier" | "edit" | "takeBack">;
}

/** What the page says about itself: `data-csrf`, and for staff `data-meeting`. */
export function uploadsOf(thread: Thread, words: Words): Uploads {
  const data = document.querySelector<HTMLElement>("[data-csrf]")?.dataset ?? {};
  keepOnPage();
  return new Uploads({
    files: () => thread.files,
    csrf: () => data["csrf"] ?? "",
    meeting: () => data["meeting"] ?? "",
    newKey: () => thread.newKey(),
    words: (code, file) => {
      const most = sizeWords(thread.files?.most_bytes ?? 0);
      return code === "too_large" ? say(words, "file.too_large", { name: file.name, most }) : say(words, "file.failed");
    },
  });
}

/** What a page of staff says about whom programs added: `data-programs` and `data-programs-words`. */
function programsPage(): ProgramsPage | null {
  const { programs: href = "", programsWords: words = "" } = document.querySelector<HTMLElement>("[data-programs]")?.dataset ?? {};
  return href ? { href, words } : null;
}

/** A file dropped beside the panel would open in place of the page, and end a call. */
function keepOnPage(): void {
  for (const name of ["dragover", "drop"] as const) {
    document.addEventListener(name, (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }
}

/** The panel of a conversation. `refused` hears what the server said no to, in its words. */
export function conversationView(
  { self, chat }: Conversation,
  uploads: Uploads,
  words: Words,
  { at = "/uploads", closed = "", refused }: { at?: string; closed?: string; refused: (error: unknown) => void },
) {
  const { thread } = chat;
  const page = programsPage();
  const done = (asked: Promise<void>) => void asked.catch(refused);
  return html`<chat-panel .items=${thread.items} .self=${self?.id ?? ""} .typing=${[...chat.typing.values()]} .programs=${thread.programs} .programsPage=${page} .more=${thread.more}
    .seen=${thread.seen} .changes=${true} .moderates=${self?.staff ?? false} .files=${thread.files} .uploads=${uploads.items} .at=${at}
    .closed=${thread.write ? "" : closed || say(words, "chat.closed")}
    @send=${(event: CustomEvent<string>) => thread.send(event.detail)}
    @retry=${(event: CustomEvent<ThreadItem>) => thread.retry(event.detail)}
    @typing=${(event: CustomEvent<boolean>) => chat.markTyping(event.detail)}
    @earlier=${() => done(chat.earlier())}
    @edit=${({ detail }: CustomEvent<{ item: ThreadItem; text: string }>) => done(chat.edit(detail.item.number, detail.text))}
    @take-back=${(event: CustomEvent<ThreadItem>) => done(chat.takeBack(event.detail.number))}
    @attach=${(event: CustomEvent<File[]>) => uploads.add(event.detail)}
    @retry-upload=${(event: CustomEvent<string>) => uploads.retry(event.detail)}
    @cancel-upload=${(event: CustomEvent<string>) => uploads.cancel(event.detail)}></chat-panel>`;
}

