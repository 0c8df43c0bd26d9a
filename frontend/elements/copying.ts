/** Buttons that copy a text shown in a field, such as a link: `<button data-copies="the field's id" data-copied="Copied" hidden>`. */
export function copyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copies]")) {
    const from = document.getElementById(button.dataset["copies"] ?? "");
    if (!(from instanceof HTMLInputElement || from instanceof HTMLTextAreaElement)) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      from.select();
      void navigator.clipboard?.writeText(from.value).then(() => {
        button.textContent = button.dataset["copied"] ?? "";
      });
    });
  }
}
