/** Opening cameras and microphones, and saying in our own words why one could not be opened. */

export type DeviceProblem = "denied" | "none" | "in-use" | "overconstrained" | "aborted" | "insecure" | "unknown";

/** Why a device could not be opened. `problem` chooses the words; `cause` is the browser's own error. */
export class DeviceRefused extends Error {
  constructor(
    readonly problem: DeviceProblem,
    override readonly cause: unknown,
  ) {
    super(`device refused: ${problem}`);
    this.name = "DeviceRefused";
  }
}

const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: "denied",
  PermissionDeniedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  DevicesNotFoundError: "none",
  NotReadableError: "in-use",
  TrackStartError: "in-use",
  OverconstrainedError: "overconstrained",
  ConstraintNotSatisfiedError: "overconstrained",
  AbortError: "aborted",
};

export function problemOf(error: unknown): DeviceProblem {
  if (error instanceof DeviceRefused) return error.problem;
  const name = (error as { name?: string } | null)?.name ?? "";
  return PROBLEMS[name] ?? "unknown";
}

export interface RememberedDevice {
  readonly id: string;
  readonly label: string;
}

export interface Choice {
  readonly audio: boolean;
  readonly video: boolean;
  readonly audioId?: string | undefined;
  readonly videoId?: string | undefined;
  /** Off = "original sound" for music or a stethoscope: no echo cancelling, no noise suppression. */
  readonly speechProcessing?: boolean;
}

export interface Opened {
  readonly stream: MediaStream;
  /** What was asked for and could not be had, though the other could. */
  readonly audioProblem: DeviceProblem | null;
  readonly videoProblem: DeviceProblem | null;
}

type GetUserMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

/** The browser's `getUserMedia`, or a refusal that says the page is not served over HTTPS. */
export const browserMedia: GetUserMedia = (constraints) => {
  // Absent on plain HTTP: say "this page is not secure", not "undefined is not a function".
  const devices = (globalThis.navigator as Navigator | undefined)?.mediaDevices as MediaDevices | undefined;
  if (!devices) return Promise.reject(new DeviceRefused("insecure", null));
  return devices.getUserMedia(constraints);
};

export function audioConstraints(id?: string, speechProcessing = true): MediaTrackConstraints {
  return {
    ...(id ? { deviceId: { exact: id } } : {}),
    echoCancellation: speechProcessing,
    noiseSuppression: speechProcessing,
    autoGainControl: speechProcessing,
  };
}

/** Towards the person, or away from them. */
export type Facing = "user" | "environment";

export function videoConstraints(id?: string, facing?: Facing): MediaTrackConstraints {
  return {
    ...(id ? { deviceId: { exact: id } } : {}),
    ...(facing ? { facingMode: { ideal: facing } } : {}),
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 24, max: 30 },
  };
}

function constraintsOf(choice: Choice, withIds: boolean): MediaStreamConstraints {
  return {
    audio: choice.audio && audioConstraints(withIds ? choice.audioId : undefined, choice.speechProcessing ?? true),
    video: choice.video && videoConstraints(withIds ? choice.videoId : undefined),
  };
}

async function openOnce(choice: Choice, media: GetUserMedia): Promise<MediaStream> {
  try {
    return await media(constraintsOf(choice, true));
  } catch (error) {
    const remembered = (choice.audio && choice.audioId) || (choice.video && choice.videoId);
    const problem = problemOf(error);
    // A remembered device that was unplugged must not stop anybody: take whichever is there.
    if (remembered && (problem === "overconstrained" || problem === "none")) {
      try {
        return await media(constraintsOf(choice, false));
      } catch (second) {
        throw new DeviceRefused(problemOf(second), second);
      }
    }
    throw new DeviceRefused(problem, error);
  }
}

/**
 * Open what `choice` asks for, in one request so that there is one question; if that fails, each kind alone.
 * A missing camera or microphone never stops the other.
 *
 * Raises DeviceRefused if nothing could be opened: `denied` wins over other reasons, as only it can be undone here.
 */
export async function openDevices(choice: Choice, media: GetUserMedia = browserMedia): Promise<Opened> {
  try {
    return { stream: await openOnce(choice, media), audioProblem: null, videoProblem: null };
  } catch (error) {
    if (!(choice.audio && choice.video) || problemOf(error) === "insecure") throw error;
    const audio = await openOnce({ ...choice, video: false }, media).catch((reason: unknown) => problemOf(reason));
    const video = await openOnce({ ...choice, audio: false }, media).catch((reason: unknown) => problemOf(reason));
    if (typeof audio === "string" && typeof video === "string") {
      throw new DeviceRefused(audio === "denied" || video === "denied" ? "denied" : audio, error);
    }
    const tracks = [audio, video].flatMap((part) => (typeof part === "string" ? [] : part.getTracks()));
    const stream = typeof audio === "string" ? (video as MediaStream) : audio;
    for (const track of tracks) if (!stream.getTracks().includes(track)) stream.addTrack(track);
    return {
      stream,
      audioProblem: typeof audio === "string" ? audio : null,
      videoProblem: typeof video === "string" ? video : null,
    };
  }
}

/** The id to ask for: the same id if it is still there, else a device with the same label, else undefined. */
export function matchDevice(
  remembered: RememberedDevice | null,
  devices: readonly Pick<MediaDeviceInfo, "deviceId" | "label">[],
): string | undefined {
  if (!remembered) return undefined;
  const byId = devices.find((device) => device.deviceId === remembered.id);
  const found = byId ?? devices.find((device) => device.label !== "" && device.label === remembered.label);
  return found?.deviceId;
}

const PREFIX = "vestibule.device.";

/** The devices this person chose last time, kept in this browser only. */
export class DeviceMemory {
  constructor(private readonly store: Pick<Storage, "getItem" | "setItem"> | null = safeStorage()) {}

  recall(kind: MediaDeviceKind): RememberedDevice | null {
    try {
      const text = this.store?.getItem(PREFIX + kind);
      const value = text ? (JSON.parse(text) as Partial<RememberedDevice>) : null;
      return value && typeof value.id === "string" ? { id: value.id, label: String(value.label ?? "") } : null;
    } catch {
      return null; // unreadable or forbidden storage means nothing is remembered, never a failed visit
    }
  }

  remember(kind: MediaDeviceKind, device: RememberedDevice): void {
    try {
      this.store?.setItem(PREFIX + kind, JSON.stringify({ id: device.id, label: device.label }));
    } catch {
      // storage full or forbidden: the choice lasts for this page only
    }
  }
}

function safeStorage(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

/** Every device of `kind` that has an id; before permission browsers give one nameless entry, which is left out. */
export async function listDevices(kind: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (!media) return [];
  const all = await media.enumerateDevices();
  return all.filter((device) => device.kind === kind && device.deviceId !== "");
}

/** Whether this browser can share a screen at all; phones cannot. */
export function canShareScreen(): boolean {
  const media = (globalThis.navigator as Navigator | undefined)?.mediaDevices as MediaDevices | undefined;
  return typeof media?.getDisplayMedia === "function";
}

/** Phones and tablets of Apple: opening the camera alone silences the microphone, so both are opened together. */
export function opensTogether(): boolean {
  const here = globalThis.navigator as (Navigator & { readonly userAgent?: string }) | undefined;
  const name = here?.userAgent ?? "";
  // A tablet pretends to be a computer, but one with a touch screen.
  return /iPhone|iPad|iPod/.test(name) || (name.includes("Macintosh") && (here?.maxTouchPoints ?? 0) > 1);
}
