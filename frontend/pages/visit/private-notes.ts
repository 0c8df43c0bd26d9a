/** A provider's own notes: the form works by its button; with script it keeps itself and says so. */
import { Autosave, type Kept, type SaveState } from "../../call/autosave";

export function keepNotes(form: HTMLFormElement): Autosave {
  const text = form.elements.namedItem("text") as HTMLTextAreaElement;
  const seen = form.elements.namedItem("seen") as HTMLInputElement;
  const status = form.querySelector<HTMLElement>("[data-note-state]");
  const words: Record<SaveState, string> = {
    saved: form.dataset["saved"] ?? "",
    typing: "",
    saving: form.dataset["saving"] ?? "",
    waiting: form.dataset["unsaved"] ?? "",
    refused: "",
  };

  const send = async (): Promise<Kept> => {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      keepalive: true,
    });
    if (answer.status >= 500) throw new Error(`the server said ${answer.status}`);
    const told = (await answer.json()) as { seen?: string; sentence?: string };
    if (!answer.ok) return { ok: false, sentence: told.sentence ?? "" };
    seen.value = told.seen ?? "";
    return { ok: true };
  };

  const show = () => {
    if (!status) return;
    status.textContent = saver.state === "refused" ? saver.sentence : words[saver.state];
    status.dataset["state"] = saver.state;
  };
  const saver = new Autosave(text.value, send, show);
  form.querySelector<HTMLElement>("[data-note-button]")?.setAttribute("hidden", "");
  text.addEventListener("input", () => saver.typed(text.value));
  text.addEventListener("change", () => void saver.now());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void saver.now();
  });
  addEventListener("pagehide", () => void saver.now());
  addEventListener("online", () => void saver.now());
  return saver;
}
