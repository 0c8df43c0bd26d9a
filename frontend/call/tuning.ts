/** What each line sends at most, and with which codecs. */
import type { TrackSource } from "./session";

interface Limits {
  /** A line that carries nothing must say so: browsers reserve bandwidth for every line that might. */
  readonly active: boolean;
  readonly maxBitrate?: number;
  readonly maxFramerate?: number;
  readonly scaleResolutionDownBy?: number;
}

/** What `source` sends at most to one of `others` people. A mesh encodes once per person: in a crowd each gets less. */
export function limitsFor(source: TrackSource, others: number, active: boolean): Limits {
  const crowded = others >= 2;
  if (source === "camera") {
    const maxBitrate = crowded ? 500_000 : 2_000_000;
    return { active, maxBitrate, maxFramerate: crowded ? 15 : 24, scaleResolutionDownBy: crowded ? 2 : 1 };
  }
  if (source === "screen") return { active, maxBitrate: crowded ? 800_000 : 2_500_000, maxFramerate: 15 };
  return { active };
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
