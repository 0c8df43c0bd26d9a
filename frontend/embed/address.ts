/** Where a frame begins. Nothing about a person ever stands in it. */
export type Kind = "book" | "visit" | "survey";

/** What a server may be told in an address, by the names of the attributes. */
export interface Wishes {
  readonly business: string;
  readonly origin: string;
  readonly language: string;
  readonly theme: string;
  readonly service: string;
  readonly provider: string;
}

/** The origin of a web address, "" for anything else. */
export function originOf(address: string | null): string {
  try {
    const { protocol, origin } = new URL(address ?? "");
    return /^https?:$/.test(protocol) ? origin : "";
  } catch {
    return "";
  }
}

/** The address that begins a frame at `server`, in the browser's own time zone. */
export function addressOf(server: string, kind: Kind, { business, ...wishes }: Wishes): string {
  const url = new URL(`/embed/${encodeURIComponent(business)}/${kind}`, server);
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const [name, text] of Object.entries({ ...wishes, timezone })) if (text) url.searchParams.set(name, text);
  return url.href;
}
