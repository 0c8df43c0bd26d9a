/** An own colour: the browser's picker beside the field, each saying what the other was told; either chooses "own". */
const WHOLE = /^#?[0-9a-f]{6}$/i;

export function startColours(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-own-colour]")) {
    const picker = part.querySelector<HTMLInputElement>("input[type=color]");
    const field = part.querySelector<HTMLInputElement>("input[type=text]");
    const choice = part.querySelector<HTMLInputElement>("input[type=radio]");
    if (!picker || !field || !choice) continue;
    const follow = (): void => {
      const colour = field.value || field.placeholder;
      if (WHOLE.test(colour)) picker.value = `#${colour.replace("#", "").toLowerCase()}`;
    };
    field.addEventListener("input", () => {
      choice.checked = true;
      follow();
    });
    picker.addEventListener("input", () => {
      choice.checked = true;
      field.value = picker.value;
    });
    follow();
    picker.hidden = false;
  }
}
