/** Private notes on a page of their own, and after the visit. */
import { keepNotes } from "./visit/private-notes";

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-private-notes]")) keepNotes(form);
