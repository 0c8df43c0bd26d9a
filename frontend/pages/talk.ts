/** An appointment's conversation on a page of its own: the server's list and form become a live panel. */
import { render } from "lit";
import { CommandRefused, ResumableSocket, doorUrl } from "../call/socket";
import { TalkRoom } from "../call/talk-room";
import type { TalkWelcome } from "../call/wire";
import { conversationView, uploadsOf } from "../elements/conversation";
import { again, ticket } from "../elements/going";
import { pageWords, setSprite, setZone } from "../elements/page";
import { say } from "../elements/words";

function start(root: HTMLElement): void {
  const data = root.dataset;
  const words = pageWords();
  setSprite(data["icons"] ?? "");
  setZone(data["zone"] ?? "");
  const meeting = data["meeting"];
  const room = new TalkRoom(
    new ResumableSocket<TalkWelcome>({ url: doorUrl(data["door"] ?? "/ws/talk"), hello: () => ({ ...ticket(), ...(meeting ? { meeting } : {}) }) }),
  );
  const uploads = uploadsOf(room.chat.thread, words);
  const status = note(root);
  let ready = false;
  let due = false;

  const refused = (error: unknown) => {
    status.textContent = (error instanceof CommandRefused && error.sentence) || say(words, "chat.refused");
    status.hidden = false;
  };
  const draw = () => {
    due = false;
    if (!ready) return;
    render(conversationView(room, uploads, words, { at: data["at"] ?? "/uploads", refused }), root);
    if (document.visibilityState === "visible") room.chat.markRead();
  };
  const soon = () => {
    if (due) return;
    due = true;
    queueMicrotask(draw);
  };
  // Until the history is here, what the server rendered is right.
  room.socket.on("message", (frame) => {
    if (frame.type !== "chat_history" || ready) return;
    ready = true;
    root.replaceChildren();
  });
  room.on("change", () => {
    if (room.socket.status === "open") status.hidden = true;
    soon();
  });
  room.on("over", (bye) => {
    status.textContent = bye.sentence;
    status.hidden = false;
  });
  uploads.on("change", soon);
  document.addEventListener("visibilitychange", soon);
  addEventListener("pagehide", () => room.socket.close());
  addEventListener("pageshow", (event) => event.persisted && again());
  room.socket.start();
}

function note(root: HTMLElement): HTMLElement {
  const made = document.createElement("p");
  made.className = "banner banner--warning";
  made.setAttribute("role", "status");
  made.hidden = true;
  root.before(made);
  return made;
}

const root = document.getElementById("talk");
if (root) start(root);
