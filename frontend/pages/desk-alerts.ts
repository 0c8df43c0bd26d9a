/** The page of alerts: asks this browser for notifications, from a press of a button and never before. */
import { html, render } from "lit";
import { askForNotifications, notificationPermission } from "./desk/alerts";
import { PushRefused, around, stateBefore, toldHere, turnOff, turnOn, type PushState, type Site } from "./desk/push";
import { pageDeskWords, sayer, type DeskKey } from "./desk/words";

const say = sayer(pageDeskWords());
const box = document.querySelector<HTMLInputElement>("#id_desktop");
const note = document.getElementById("alerts-notifications");

const WORDS: Record<string, DeskKey> = {
  granted: "notify_granted",
  denied: "notify_denied",
  unsupported: "notify_unsupported",
  default: "notify_ask",
};

function draw(): void {
  if (!note || !box) return;
  note.hidden = !box.checked;
  const permission = notificationPermission();
  const ask = () => void askForNotifications().then(draw);
  render(html`<span>${say(WORDS[permission]!)}</span>
    ${permission === "default" ? html` <button type="button" class="button button--secondary button--small" @click=${ask}>${say("notify_allow")}</button>` : ""}`, note);
}

/** Whether the reader has changed something that is not saved yet. */
let isTouched = false;
document.getElementById("alerts")?.addEventListener("input", () => (isTouched = true));

/** As the server did when the first browser was turned on, so that saving the rest does not undo it. */
function tickBegun(): void {
  const boxes = ["arrived", "late"].map((name) => document.querySelector<HTMLInputElement>(`#id_push_${name}`));
  if (!boxes.some((one) => one?.checked)) for (const one of boxes) if (one) one.checked = true;
}

/** The line that says whether this browser tells its reader, with the button that turns it on. */
class ThisBrowser {
  private state: PushState | "busy" = "busy";
  private failure = "";

  constructor(private readonly line: HTMLElement, private readonly site: Site) {}

  async look(): Promise<void> {
    const before = stateBefore(around());
    const ref = before === null ? await toldHere(this.site).catch(() => null) : null;
    this.show(before ?? (ref ? "on" : "off"));
    for (const row of document.querySelectorAll<HTMLElement>("[data-browser]")) {
      const isHere = row.dataset["browser"] === ref;
      row.querySelector<HTMLElement>("[data-here]")?.toggleAttribute("hidden", !isHere);
      // The push service forgets it first; the server is told by the form itself.
      if (isHere) row.querySelector<HTMLButtonElement>("button[form^='remove-']")?.form?.addEventListener("submit", (event) => void this.leave(event), { once: true });
    }
  }

  private show(state: PushState | "busy"): void {
    this.state = state;
    this.line.dataset["state"] = state;
    render(html`<span>${this.failure || say(`push_${state}`)}</span>
      ${state === "off" ? html` <button type="button" class="button button--secondary button--small" @click=${() => void this.begin()}>${say("push_turn_on")}</button>` : ""}`, this.line);
  }

  private async begin(): Promise<void> {
    if (this.state === "busy") return;
    this.failure = "";
    this.show("busy");
    try {
      await turnOn(this.site);
      if (Notification.permission === "granted" && !isTouched) {
        location.reload(); // the list of browsers is the server's to show
        return;
      }
      if (Notification.permission === "granted") tickBegun();
    } catch (error) {
      this.failure = (error instanceof PushRefused && error.sentence) || say("push_failed");
    }
    await this.look();
  }

  private async leave(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    await turnOff().catch(() => undefined);
    (event.target as HTMLFormElement).submit();
  }
}

box?.addEventListener("change", draw);
draw();

const line = document.getElementById("alerts-browser");
if (line) void new ThisBrowser(line, { csrf: line.dataset["csrf"] ?? "", key: line.dataset["key"] ?? "" }).look();
