import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { VisitMessages } from "../call/wire";
import { PageElement } from "./page";

/** What a business shows to who waits: words, and a picture or a short film of its own. Nothing where it has none. */
export class WaitingContent extends PageElement {
  @property({ attribute: false }) area: VisitMessages["area"] | null = null;

  protected override updated(): void {
    this.hidden = !this.area || !(this.area.title || this.area.text || this.area.media);
  }

  protected override render() {
    const { area } = this;
    if (!area) return nothing;
    const { media } = area;
    const parts = area.text.split(/\n\s*\n/).filter((part) => part.trim());
    return html`<section class="waiting__content panel stack" aria-label=${area.title || area.name}>
      ${area.title ? html`<h2>${area.title}</h2>` : nothing}
      ${media ? this.picture(media) : nothing}
      ${parts.map((part) => html`<p dir="auto">${part}</p>`)}
    </section>`;
  }

  private picture(media: NonNullable<VisitMessages["area"]["media"]>) {
    if (media.type.startsWith("image/")) return html`<img src=${media.src} alt=${media.alternative} loading="lazy">`;
    // Never by itself: somebody may sit in an office, or on a dear line.
    return html`<video src=${media.src} controls playsinline preload="metadata" aria-label=${media.alternative}></video>`;
  }
}
