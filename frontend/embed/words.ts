/** The few words that are outside of the frame: how it is called, and how its dialog is closed. */
import type { Kind } from "./address";

// book, visit, survey, close
const WORDS: Readonly<Record<string, string>> = {
  en: "Book an appointment|Video visit|How was it?|Close",
  de: "Termin buchen|Videogespräch|Wie war es?|Schließen",
  fr: "Prendre rendez-vous|Visite vidéo|Comment cela s’est-il passé ?|Fermer",
  es: "Reservar una cita|Visita por vídeo|¿Cómo ha ido?|Cerrar",
  pt: "Marcar uma consulta|Visita por vídeo|Como correu?|Fechar",
  it: "Prenota un appuntamento|Visita in video|Com’è andata?|Chiudi",
  nl: "Afspraak maken|Videogesprek|Hoe ging het?|Sluiten",
  pl: "Umów wizytę|Wizyta wideo|Jak było?|Zamknij",
  ar: "احجز موعدًا|زيارة بالفيديو|كيف كانت؟|إغلاق",
};
const PLACES = ["book", "visit", "survey", "close"];

/** A word in `language` (as browsers write it, "pt-BR"), in English where it is none of ours. */
export function word(language: string, which: Kind | "close"): string {
  const words = WORDS[language.slice(0, 2).toLowerCase()] ?? WORDS["en"] ?? "";
  return words.split("|")[PLACES.indexOf(which)] ?? "";
}
