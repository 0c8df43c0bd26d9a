/**
 * What pages with menus and dialogs share. Every page works without it: a menu then stays open until its
 * summary is pressed again, and a button with `data-opens` should be a link to a page that asks the same.
 */

/** A button names the dialog it opens: `<button type="button" data-opens="cancel-dialog">`. */
function openDialog(event: Event): void {
  const opener = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-opens]") : null;
  const dialog = opener?.dataset["opens"] ? document.getElementById(opener.dataset["opens"]) : null;
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  dialog.showModal();
}

function closeMenus(except: EventTarget | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!(except instanceof Node && menu.contains(except))) menu.open = false;
  }
}

function leaveMenu(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  closeMenus(null);
  menu?.querySelector("summary")?.focus();
}

document.documentElement.classList.add("js");
document.addEventListener("click", openDialog);
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", leaveMenu);

export {};
