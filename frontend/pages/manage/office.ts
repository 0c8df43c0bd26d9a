/** What the calendar asks of the server: what a change would meet, which starts are free, and to make the change. */
import { clock, type Place } from "./sheet";

export interface Nearest {
  on: string;
  at: string;
  words: string;
}

export interface Verdict {
  ok: boolean;
  said: string;
  title?: string;
  when?: string;
  note?: string;
  button?: string;
  code?: string;
  nearest: Nearest[];
}

export interface Done {
  ok: boolean;
  said: string;
  undo?: Record<string, string | number>;
  nearest: Nearest[];
}

/** Free starts by provider and date, in wall-clock minutes; `step` is the service's, in minutes. */
export interface Starts {
  step: number;
  free: Record<string, Record<string, number[]>>;
}

export class Unreachable extends Error {}

const asFields = (place: Place): Record<string, string> => ({
  on: place.on,
  at: clock(place.minute),
  length: String(place.length),
  provider: place.provider,
});

export class Office {
  constructor(
    private readonly checkUrl: string,
    private readonly startsUrl: string,
    private readonly token: () => string,
  ) {}

  async check(ref: string, place: Place, signal?: AbortSignal): Promise<Verdict> {
    return this.checkFields({ ref, ...asFields(place) }, signal);
  }

  async checkFields(fields: Record<string, string>, signal?: AbortSignal): Promise<Verdict> {
    const answer = await this.read(`${this.checkUrl}?${new URLSearchParams(fields).toString()}`, signal);
    return { nearest: [], ...(answer as Partial<Verdict>) } as Verdict;
  }

  async starts(ref: string, date: string, providers: string[]): Promise<Starts> {
    const query = new URLSearchParams({ ref, date, providers: providers.join(",") });
    return (await this.read(`${this.startsUrl}?${query.toString()}`)) as Starts;
  }

  async change(ref: string, fields: Place | Record<string, string | number>): Promise<Done> {
    const body = new FormData();
    const wanted = "minute" in fields ? asFields(fields as Place) : fields;
    for (const [name, value] of Object.entries(wanted)) body.append(name, String(value));
    body.append("csrfmiddlewaretoken", this.token());
    const how = { method: "POST", body, headers: { Accept: "application/json" } };
    const answer = await this.fetched(`/manage/appointments/${encodeURIComponent(ref)}/time`, how);
    if (!(answer.headers.get("content-type") ?? "").includes("json")) throw new Unreachable();
    return { nearest: [], ...((await answer.json()) as Partial<Done>) } as Done;
  }

  /** The panel of an appointment, as the server drew it. */
  async panel(ref: string): Promise<string> {
    const answer = await this.fetched(`/manage/appointments/${encodeURIComponent(ref)}/time?panel=1`, {});
    if (!answer.ok) throw new Unreachable();
    return answer.text();
  }

  /** The page that is shown, drawn anew. */
  async page(): Promise<Document> {
    const answer = await this.fetched(window.location.href, {});
    if (!answer.ok) throw new Unreachable();
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  private async read(address: string, signal?: AbortSignal): Promise<unknown> {
    const answer = await this.fetched(address, signal ? { signal } : {});
    if (!answer.ok) throw new Unreachable();
    return answer.json();
  }

  private async fetched(address: string, how: RequestInit): Promise<Response> {
    try {
      return await fetch(address, how);
    } catch (failure) {
      if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
      throw new Unreachable();
    }
  }
}
