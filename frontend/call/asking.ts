/** Asking for camera and microphone in one question, and telling apart why the answer was no. */
import { browserMedia, DeviceRefused, openDevices, problemOf, type Choice, type DeviceProblem, type Opened } from "./devices";

/** A DeviceProblem, or one of the three faces of "not allowed": by the person, by closing the question, by the system. */
export type Trouble = DeviceProblem | "dismissed" | "system";
export type Kind = "audio" | "video";
type PermissionWord = PermissionState | null;
type Media = (constraints: MediaStreamConstraints) => Promise<MediaStream>;
type Permissions = (kind: Kind) => Promise<PermissionWord>;

export interface Answered {
  readonly stream: MediaStream | null;
  /** Why there is no sound, or no picture; null for what was opened. */
  readonly audio: Trouble | null;
  readonly video: Trouble | null;
}

/** The state of a permission, or null where the browser does not tell. */
export async function permission(kind: Kind): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: (kind === "audio" ? "microphone" : "camera") as PermissionName });
  } catch {
    return null;
  }
}

const browserPermissions: Permissions = async (kind) => (await permission(kind))?.state ?? null;

/** Open both, or what can be opened. Never throws: what could not be opened says why. */
export async function askDevices(
  choice: Choice,
  media: Media = browserMedia,
  permissions: Permissions = browserPermissions,
): Promise<Answered> {
  const errors: Partial<Record<Kind, unknown>> = {};
  const patient = onlyOneQuestion(media, permissions, errors);
  let opened: Opened | null = null;
  let whole: unknown = null;
  try {
    opened = await openDevices(choice, patient);
  } catch (error) {
    whole = error;
  }
  const why = async (kind: Kind, problem: DeviceProblem | null): Promise<Trouble | null> => {
    if (!choice[kind] || (opened && !problem)) return null;
    return troubleOf(problem ?? problemOf(errors[kind] ?? whole), errors[kind] ?? whole, await permissions(kind));
  };
  return {
    stream: opened?.stream ?? null,
    audio: await why("audio", opened?.audioProblem ?? null),
    video: await why("video", opened?.videoProblem ?? null),
  };
}

/** What a refusal means, by the browser's own words and by what it says of the permission. */
export function troubleOf(problem: DeviceProblem, error: unknown, state: PermissionWord): Trouble {
  if (problem !== "denied") return problem;
  const cause = error instanceof DeviceRefused ? error.cause : error;
  const words = String((cause as { message?: string } | null)?.message ?? "");
  if (/dismissed/i.test(words)) return "dismissed";
  // The site may, and still cannot: the system keeps the device from the browser.
  if (/system/i.test(words) || state === "granted") return "system";
  return "denied";
}

/**
 * After a "no" to the question for both, each alone is asked for only where no second question would come up, or
 * where the "no" stood already for the other one: whoever closed a question must not be asked twice more.
 */
function onlyOneQuestion(media: Media, permissions: Permissions, errors: Partial<Record<Kind, unknown>>): Media {
  let refusal: unknown = null;
  return async (constraints) => {
    const kinds = (["audio", "video"] as const).filter((kind) => Boolean(constraints[kind]));
    const [only] = kinds;
    try {
      if (refusal && only && kinds.length === 1 && !(await mayAsk(only, permissions))) throw refusal;
      return await media(constraints);
    } catch (error) {
      if (kinds.length === 2 && problemOf(error) === "denied") refusal = error;
      for (const kind of kinds) errors[kind] = error;
      throw error;
    }
  };
}

async function mayAsk(kind: Kind, permissions: Permissions): Promise<boolean> {
  const [own, other] = [await permissions(kind), await permissions(kind === "audio" ? "video" : "audio")];
  if (own === null || own === "granted") return true;
  return own === "prompt" && other === "denied";
}
