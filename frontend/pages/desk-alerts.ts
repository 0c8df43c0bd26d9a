/** The page of alerts: asks this browser for notifications, from a press of a button and never before. */
import { html, render } from "lit";
import { askForNotifications, notificationPermission } from "./desk/alerts";
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

box?.addEventListener("change", draw);
draw();
