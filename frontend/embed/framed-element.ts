/**
 * An element that shows a page of the server in a frame. It tells the frame what it was told by its attributes, and the
 * page around what the frame says; it knows nothing else. `docs/reference/embed.md` is the law of both.
 */
import { addressOf, originOf, type Kind } from "./address";
import { read } from "./messages";
import { word } from "./words";

const PATIENCE_MS = 20_000;
/** By then a page that came has said so. */
const AFTER_LOADING_MS = 5_000;
/** Where pages came before, the next is quick to say so. */
const NEXT_PAGE_MS = 1_500;
const NEAR = "600px";
const POWERS = [
  "camera",
  "microphone",
  "display-capture",
  "fullscreen",
  "picture-in-picture",
  "autoplay",
  "clipboard-write",
  "screen-wake-lock",
];
const PERSONAL = ["name", "email", "phone"];
export const ATTRIBUTES = [
  "business",
  "server",
  "language",
  "theme",
  "height",
  "label",
  "service",
  "provider",
  "link",
  ...PERSONAL,
];
const SENTENCES = {
  not_allowed: "The business has not listed this page's origin among those that may show its pages.",
  not_found: "There is no such business at this server: look at the attributes business and server.",
  unreachable: "The server did not answer with a page in time, or this page's policy keeps it out.",
};
type Trouble = keyof typeof SENTENCES;

/** Where there is no document, as on a server that renders pages, importing this does nothing. */
export const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** Text as a style sheet that many elements share; a policy against inline styles has nothing against it. */
export function sharedSheet(text: string): () => CSSStyleSheet {
  let sheet: CSSStyleSheet | undefined;
  return () => {
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(text);
    return sheet;
  };
}

export const languageOf = (element: HTMLElement): string =>
  element.getAttribute("language") ||
  element.closest<HTMLElement>("[lang]")?.lang ||
  document.documentElement.lang ||
  navigator.language;

const sheet = sharedSheet(`
:host{display:grid;min-width:0}
:host([hidden]),[hidden]{display:none!important}
slot,iframe{grid-area:1/1;display:block;min-width:0}
iframe{border:0;border-radius:.5rem;width:100%;height:24rem}
.fixed{height:100%;min-height:20rem}
:host(vestibule-visit:not([height])),:host([height=auto]:is(vestibule-visit)){height:clamp(30rem,85vh,56rem)}
.waits{visibility:hidden}`);

export abstract class FramedElement extends Base {
  static readonly observedAttributes = ATTRIBUTES;
  protected abstract readonly kind: Kind;
  #slot: HTMLSlotElement | undefined;
  #frame: HTMLIFrameElement | undefined;
  #server = "";
  #near: IntersectionObserver | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = false;
  #wasReady = false;
  #loads = 0;
  #isOpened = false;
  #inCall = false;
  #height = 0;

  connectedCallback(): void {
    if (!this.#slot) {
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet()];
      root.append((this.#slot = document.createElement("slot")));
    }
    addEventListener("message", this.#hear);
    if (this.kind === "visit") return this.#begin();
    this.#near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.#begin(), { rootMargin: NEAR });
    this.#near.observe(this);
  }

  /** Moved by `moveBefore`, a frame goes on. */
  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    removeEventListener("message", this.#hear);
    this.#stop();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    const frame = this.#frame;
    if (before === now || !this.#slot || !this.isConnected) return;
    if (name === "height") this.#fit();
    else if (name === "label") frame && (frame.title = this.#title);
    else if (PERSONAL.includes(name)) this.#fill();
    // Whoever is in a call stays in it: what changes is for the next time. Before the frame is near, it is still to begin.
    else if (!this.#inCall && !this.#near && !this.#asked) {
      this.#asked = true;
      queueMicrotask(() => {
        this.#asked = false;
        if (this.isConnected) this.#begin();
      });
    }
  }

  #begin(): void {
    this.#stop();
    const server = (this.#server = originOf(this.getAttribute("server") || import.meta.url));
    const business = this.#said("business");
    if (!server || !business) return void (this.#timer = setTimeout(() => this.#failed("not_found")));
    const frame = (this.#frame = document.createElement("iframe"));
    frame.title = this.#title;
    frame.allow = POWERS.map((power) => `${power} ${server}`).join(";");
    frame.referrerPolicy = "strict-origin";
    frame.part.value = "frame";
    frame.className = "waits";
    frame.addEventListener("load", () => this.#loaded(frame));
    frame.src = addressOf(server, this.kind, {
      business,
      origin: location.origin,
      language: languageOf(this),
      theme: this.#theme,
      service: this.#said("service"),
      provider: this.#said("provider"),
    });
    this.#fit();
    this.#timer = setTimeout(() => void this.#ask(), PATIENCE_MS);
    this.shadowRoot?.append(frame);
  }

  #stop(): void {
    this.#near?.disconnect();
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#near = this.#frame = undefined;
    this.#wasReady = this.#isOpened = this.#inCall = false;
    this.#height = this.#loads = 0;
    this.#show(false);
  }

  readonly #hear = ({ source, origin, data }: MessageEvent): void => {
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#server) return;
    const heard = read(data);
    if (!heard) return;
    if (heard.type === "height") {
      this.#height = heard.pixels;
      this.#fit();
    } else if (heard.type === "loaded") {
      this.#loads--;
    } else if (heard.type === "top") {
      if (this.getBoundingClientRect().top < 0) this.scrollIntoView();
    } else if (heard.type === "escape") {
      if (!this.#inCall && this.parentNode instanceof HTMLDialogElement) this.parentNode.close();
    } else if ("detail" in heard) {
      // Nobody is in a call on a page that was just opened.
      if (/joined|ended|ready/.test(heard.type)) this.#inCall = heard.type === "joined";
      if (heard.type === "ready") this.#ready();
      this.#tell(heard.type, heard.detail);
    }
  };

  #ready(): void {
    clearTimeout(this.#timer);
    this.#wasReady = true;
    this.#show(true);
    this.#fill();
    const link = this.#said("link");
    if (link && this.kind !== "book" && !this.#isOpened) {
      this.#isOpened = true;
      this.#send({ type: "open", link });
    }
  }

  /** Every page of ours says that it has loaded, before or after the browser does. Another is the browser's own error. */
  #loaded(frame: HTMLIFrameElement): void {
    this.#loads++;
    const look = () => {
      if (frame !== this.#frame || this.#loads <= 0) return;
      // Somebody went back to what a browser keeps no copy of: begin again rather than show its error.
      if (this.#wasReady) this.#begin();
      else void this.#ask();
    };
    setTimeout(look, this.#wasReady ? NEXT_PAGE_MS : AFTER_LOADING_MS);
  }

  /** Nobody sees what a frame of another origin shows: ask for the same once more, to say why it is none of ours. */
  async #ask(): Promise<void> {
    const frame = this.#frame;
    if (!frame) return;
    clearTimeout(this.#timer);
    const status = await fetch(frame.src, {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(AFTER_LOADING_MS),
    }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (frame !== this.#frame || this.#wasReady) return;
    this.#failed(status === 403 ? "not_allowed" : status === 404 ? "not_found" : "unreachable");
  }

  #failed(code: Trouble): void {
    this.#show(false);
    this.#tell("failed", { code, message: SENTENCES[code] });
  }

  /** The frame, or what stands inside the element. A frame that comes late is still shown. */
  #show(frame: boolean): void {
    if (this.#slot) this.#slot.hidden = frame;
    this.#frame?.classList.toggle("waits", !frame);
  }

  #fit(): void {
    const frame = this.#frame;
    if (!frame) return;
    // A share of what is around ("100%") is no number of pixels: it stays as tall as its page.
    const given = /^\s*\d+(px)?\s*$/.test(this.#said("height")) ? Number.parseInt(this.#said("height"), 10) : 0;
    const pixels = given || (this.kind === "visit" ? 0 : this.#height);
    frame.classList.toggle("fixed", !given && this.kind === "visit");
    frame.style.height = pixels ? `${Math.max(pixels, 120)}px` : "";
  }

  #fill(): void {
    const given = PERSONAL.map((name) => [name, this.#said(name)]).filter(([, text]) => text);
    if (given.length && this.kind === "book") this.#send({ type: "fill", ...Object.fromEntries(given) });
  }

  #send(message: Record<string, string>): void {
    if (this.#wasReady) this.#frame?.contentWindow?.postMessage({ vestibule: 1, ...message }, this.#server);
  }

  #tell(what: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`vestibule-${what}`, { bubbles: true, composed: true, detail }));
  }

  #said(name: string): string {
    return this.getAttribute(name)?.trim() ?? "";
  }

  get #title(): string {
    return this.#said("label") || word(languageOf(this), this.kind);
  }

  /** As the page around is, unless the element says otherwise: a page that never turns dark holds no dark frame. */
  get #theme(): string {
    const schemes = getComputedStyle(this).colorScheme;
    const own = /dark/.test(schemes) ? (/light/.test(schemes) ? "auto" : "dark") : "light";
    return this.#said("theme") || own;
  }
}
