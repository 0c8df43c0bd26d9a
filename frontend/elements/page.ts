/** What every element needs of the page around it: its words and its icons. Light DOM, so the theme applies. */
import { LitElement, html, nothing, type TemplateResult } from "lit";
import { property } from "lit/decorators.js";
import { ENGLISH, say, wordsFrom, type Values, type WordKey, type Words } from "./words";

let cached: Words | null = null;
let given: unknown = null;

/** The words of this page, read once from `<script type="application/json" id="words">`. */
export function pageWords(): Words {
  if (!cached) {
    const text = document.getElementById("words")?.textContent ?? "";
    try {
      given = text.trim() ? JSON.parse(text) : null;
    } catch {
      given = null; // a broken translation shows English rather than nothing
    }
    cached = wordsFrom(given);
  }
  return cached;
}

/** Add the texts of a part that is loaded later, as the page translates them. */
export function learnWords(english: Readonly<Record<string, string>>): void {
  learned.push(english);
  Object.assign(pageWords(), wordsFrom(given, english));
}

const learned: Readonly<Record<string, string>>[] = [ENGLISH];
let rest: Promise<void> | null = null;

/** Fetch what the page left out of its words, those of the call, once. Where that fails they are English until asked again. */
export function restOfWords(): Promise<void> {
  const url = document.getElementById("words")?.dataset["rest"];
  rest ??= url ? fetchWords(url).catch(() => void (rest = null)) : Promise.resolve();
  return rest;
}

let styles: Promise<unknown> | null = null;

/** Fetch the style sheets that the page left out, named in `data-later-styles`, once; at most they are missing. */
function laterStyles(): Promise<unknown> {
  const urls = document.querySelector<HTMLElement>("[data-later-styles]")?.dataset["laterStyles"]?.split(" ") ?? [];
  styles ??= Promise.all(urls.map(fetchStyles));
  return styles;
}

function fetchStyles(url: string): Promise<void> {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: url });
  return new Promise((done) => {
    link.onload = link.onerror = () => done();
    document.head.append(link);
  });
}

/** Fetch what the page left out before joining: words and style sheets. */
export async function restOfPage(): Promise<void> {
  await Promise.all([restOfWords(), laterStyles()]);
}

async function fetchWords(url: string): Promise<void> {
  const more: unknown = await (await fetch(url)).json();
  given = Object.assign({}, more, given); // what the page brought may be the words of the business itself
  for (const english of learned) Object.assign(pageWords(), wordsFrom(given, english));
}

let sprite = "";

/** Where the icon sprite is; the template says so in `data-icons`. */
export function setSprite(url: string): void {
  sprite = url;
}

/** An icon of the sprite, decorative: the words beside it say what it means. Nothing without a sprite. */
export function icon(name: string): TemplateResult | typeof nothing {
  if (!sprite) return nothing;
  return html`<svg class="icon" aria-hidden="true" focusable="false"><use href="${sprite}#${name}"></use></svg>`;
}

export abstract class PageElement extends LitElement {
  /** Texts by key; a test or an embedding page may set its own. */
  @property({ attribute: false }) words: Words = pageWords();

  /** What the server rendered inside is a placeholder for what script shows. */
  protected override createRenderRoot(): HTMLElement {
    this.replaceChildren();
    return this;
  }

  protected say(key: WordKey, values?: Values): string {
    return say(this.words, key, values);
  }

  protected tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

let zone = "";

/** The zone in which the page gives its times (`data-zone`); without it the browser's own. */
export function setZone(name: string): void {
  zone = name;
}

/** The page's language for dates; plain English writes the day before the month, as the server does. */
export function dateLanguage(): string | undefined {
  const { lang } = document.documentElement;
  return lang === "en" ? "en-GB" : lang || undefined;
}

/** "HH:MM" of an RFC 3339 time, in the page's zone. */
export function clockTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const language = dateLanguage();
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(zone ? { timeZone: zone } : {}) } as const;
  return new Intl.DateTimeFormat(language, options).format(date);
}

/** "Monday 2 March" of an RFC 3339 time, in the page's zone and language; empty for none. */
export function dayName(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const language = dateLanguage();
  const options = { weekday: "long", day: "numeric", month: "long", ...(zone ? { timeZone: zone } : {}) } as const;
  return new Intl.DateTimeFormat(language, options).format(date);
}
