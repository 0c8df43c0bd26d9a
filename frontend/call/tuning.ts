/** What each line sends at most, and with which codecs. */
import type { Rung, TrackSource } from "./session";

export interface Limits {
  /** A line that carries nothing must say so: browsers reserve bandwidth for every line that might. */
  readonly active: boolean;
  readonly maxBitrate?: number;
  readonly maxFramerate?: number;
  readonly scaleResolutionDownBy?: number;
}

export interface Circumstances {
  /** How many other people get our picture: a mesh encodes once per person, so in a crowd each gets less. */
  readonly others: number;
  readonly active: boolean;
  readonly rung: Rung;
  /** Ours or theirs, the switch for a dear line is on. */
  readonly sparing: boolean;
  /** They pinned us: hands that speak need many pictures a second more than fine ones. */
  readonly smooth?: boolean;
  /** Lines of the picture as the camera makes it; 0 when not known. */
  readonly height: number;
}

const LINES: Record<Rung, number> = { full: 720, medium: 360, small: 180, "audio-only": 180 };
const RATES: Record<Rung, number> = { full: 2_000_000, medium: 700_000, small: 200_000, "audio-only": 200_000 };

/** What `source` sends at most to one person. Bit/s, frames a second, and by how much its sides are divided. */
export function limitsFor(source: TrackSource, now: Circumstances): Limits {
  const { active, sparing } = now;
  const crowded = now.others >= 2;
  if (source === "camera") return sparing ? sparingPicture(now) : picture(now, crowded);
  if (source !== "screen") return { active };
  const maxBitrate = sparing ? 250_000 : crowded ? 800_000 : 2_500_000;
  return { active, maxBitrate, maxFramerate: sparing ? 5 : 15 };
}

function picture({ active, rung, height, smooth }: Circumstances, crowded: boolean): Limits {
  if (smooth && rung !== "audio-only") return smoothPicture(rung, height, active);
  const lines = crowded ? Math.min(LINES.medium, LINES[rung]) : LINES[rung];
  const maxBitrate = crowded ? Math.min(500_000, RATES[rung]) : RATES[rung];
  return { active, maxBitrate, maxFramerate: crowded ? 15 : 24, scaleResolutionDownBy: dividedBy(height, lines) };
}

function smoothPicture(rung: Rung, height: number, active: boolean): Limits {
  const lines = Math.min(LINES.medium, LINES[rung]);
  return { active, maxBitrate: Math.min(1_000_000, RATES[rung]), maxFramerate: 30, scaleResolutionDownBy: dividedBy(height, lines) };
}

function sparingPicture({ active, height }: Circumstances): Limits {
  return { active, maxBitrate: 80_000, maxFramerate: 8, scaleResolutionDownBy: dividedBy(height, LINES.small) };
}

/** Never less than one: a small camera is not blown up. */
function dividedBy(height: number, lines: number): number {
  return Math.max(1, (height || 720) / lines);
}

type Parameters = RTCRtpSendParameters & { degradationPreference?: string };

/** Apply `limits`; a browser that refuses keeps its own, which is never a reason to fail a call. */
export async function limit(sender: RTCRtpSender, source: TrackSource, limits: Limits): Promise<void> {
  try {
    const parameters = sender.getParameters() as Parameters;
    if (!parameters.encodings.length) return;
    parameters.encodings = parameters.encodings.map((encoding) => ({ ...encoding, ...limits }));
    if (source === "screen") parameters.degradationPreference = "maintain-resolution";
    if (source === "camera") parameters.degradationPreference = "balanced";
    await sender.setParameters(parameters);
  } catch {
    // not negotiated yet, or not supported here
  }
}

const ORDER = ["video/vp8", "video/vp9", "video/av1"];

/** VP8 first, as every browser has it; H.264 last, as some Firefox builds lack it. Nothing is left out. */
export function preferCodecs(transceiver: RTCRtpTransceiver): void {
  if (typeof RTCRtpReceiver === "undefined" || typeof transceiver.setCodecPreferences !== "function") return;
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const rank = (type: string) => {
    const place = ORDER.indexOf(type.toLowerCase());
    return place >= 0 ? place : type.toLowerCase() === "video/h264" ? 9 : 5;
  };
  const sorted = [...codecs].sort((a, b) => rank(a.mimeType) - rank(b.mimeType));
  try {
    if (sorted.length) transceiver.setCodecPreferences(sorted);
  } catch {
    // an empty or unknown list: the browser's own order stands
  }
}

type KeyFrames = { readonly encodingOptions: readonly { readonly keyFrame: boolean }[] };
type SetParameters = (parameters: RTCRtpSendParameters, options?: KeyFrames) => Promise<void>;

/**
 * Make the encoder send a whole picture next, so that whoever missed the last ones sees something at once and not after
 * the seconds their browser takes to ask. Putting the same track in again does not do it: Chromium goes on as before.
 */
export async function sendWholePicture(sender: RTCRtpSender): Promise<void> {
  if (!sender.track) return;
  try {
    await askForKeyFrame(sender);
  } catch {
    // The parameters changed meanwhile, or there is no line yet: the other side's browser asks by itself.
  }
}

/** Browsers that do not know the second argument overlook it. Switching the line off and on instead could leave it off. */
function askForKeyFrame(sender: RTCRtpSender): Promise<void> {
  const parameters = sender.getParameters();
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
  return (sender.setParameters.bind(sender) as SetParameters)(parameters, { encodingOptions });
}
