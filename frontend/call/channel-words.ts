/** What two sides tell each other beside media: lost when the channel is not open. */
export type ChannelWord =
  /** The sender missed something: send it a whole picture. */
  | { readonly t: "key" }
  | { readonly t: "msg"; readonly body: unknown }
  /** The sender stopped, or took up again, sending its picture, so that the sound gets through. */
  | { readonly t: "saving"; readonly on: boolean }
  /** How loud the receiver is heard by the sender of this word. */
  | { readonly t: "level"; readonly level: number }
  /** The sender's line is dear or thin: send it the smallest picture. */
  | { readonly t: "spare"; readonly on: boolean };

/** The word in what arrived; null for heartbeats and for words of a newer page. */
export function wordIn(data: unknown): ChannelWord | null {
  let message: Record<string, unknown>;
  try {
    message = JSON.parse(String(data)) as typeof message;
  } catch {
    return null;
  }
  const { t, on, level, body } = message;
  if (t === "key") return { t };
  if (t === "saving" || t === "spare") return { t, on: on === true };
  if (t === "level" && typeof level === "number") return { t, level: Math.min(1, Math.max(0, level)) };
  return t === "msg" ? { t, body } : null;
}
