/** What each line sends at most, and with which codecs. */
import type { Rung } from "./ladder";
import type { TrackSource } from "./session";

interface Limits {
  readonly maxBitrate: number;
  readonly maxFramerate: number;
  readonly scaleResolutionDownBy: number;
  readonly active: boolean;
}

/** A mesh encodes once per person: from three people on each picture gets less. */
export function cameraLimits(others: number, rung: Rung): Limits {
  const crowded = others >= 2;
  const full = { maxBitrate: crowded ? 500_000 : 2_000_000, maxFramerate: crowded ? 15 : 24 };
  if (rung === "full") return { ...full, scaleResolutionDownBy: crowded ? 2 : 1, active: true };
  return { maxBitrate: 150_000, maxFramerate: 12, scaleResolutionDownBy: 4, active: rung !== "audio-only" };
}

export function screenLimits(others: number): Limits {
  const maxBitrate = others >= 2 ? 800_000 : 2_500_000;
  return { maxBitrate, maxFramerate: 15, scaleResolutionDownBy: 1, active: true };
}

type Parameters = RTCRtpSendParameters & { degradationPreference?: string };

/** Apply `limits`; a browser that refuses keeps its own, which is never a reason to fail a call. */
export async function limit(sender: RTCRtpSender, source: TrackSource, limits: Limits): Promise<void> {
  try {
    const parameters = sender.getParameters() as Parameters;
    if (!parameters.encodings.length) return;
    parameters.encodings = parameters.encodings.map((encoding) => ({ ...encoding, ...limits }));
    parameters.degradationPreference = source === "screen" ? "maintain-resolution" : "balanced";
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
