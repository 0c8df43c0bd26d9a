/** Reading `getStats` reports: one snapshot a second, and what it means for the person in the call. */
import type { QualityLevel, QualityReason, StatsSnapshot } from "./session";

type Row = Record<string, unknown>;
export type Report = Iterable<Row>;

/** Totals of one report, kept to make the next snapshot's rates. */
export interface Totals {
  readonly at: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly samples: number;
  readonly concealed: number;
  readonly freezes: number;
}

const number = (row: Row | undefined, key: string): number => {
  const value = row?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
};

const maybe = (row: Row | undefined, key: string): number | null => {
  const value = row?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
};

const sum = (rows: readonly Row[], key: string): number => rows.reduce((total, row) => total + number(row, key), 0);

const text = (row: Row | undefined, key: string): string => {
  const value = row?.[key];
  return typeof value === "string" ? value : "";
};

export function read(
  participant: string,
  report: Report,
  now: number,
  before: Totals | null,
): { snapshot: StatsSnapshot; totals: Totals } {
  const rows = [...report];
  const byId = new Map(rows.map((row) => [text(row, "id"), row]));
  const inbound = rows.filter((row) => row["type"] === "inbound-rtp");
  const audio = inbound.filter((row) => row["kind"] === "audio");
  const pictures = inbound.filter((row) => row["kind"] === "video");
  const picture = pictures.sort((a, b) => number(b, "framesPerSecond") - number(a, "framesPerSecond"))[0];
  const sent = rows.find((row) => row["type"] === "outbound-rtp" && row["kind"] === "video" && number(row, "bytesSent"));
  const missed = rows.filter((row) => row["type"] === "remote-inbound-rtp").map((row) => number(row, "fractionLost"));
  const pair = chosenPair(rows, byId);
  const totals: Totals = {
    at: now,
    bytes: sum(inbound, "bytesReceived"),
    packets: sum(inbound, "packetsReceived"),
    lost: sum(inbound, "packetsLost"),
    samples: sum(audio, "totalSamplesReceived"),
    concealed: sum(audio, "concealedSamples") - sum(audio, "silentConcealedSamples"),
    freezes: sum(pictures, "freezeCount"),
  };
  const since = before ?? { ...totals, packets: 0, lost: 0, samples: 0, concealed: 0, freezes: 0 };
  const lost = Math.max(0, totals.lost - since.lost);
  const arrived = Math.max(0, totals.packets - since.packets);
  const samples = Math.max(0, totals.samples - since.samples);
  const rtt = maybe(pair, "currentRoundTripTime");
  const jitter = audio.length ? Math.max(...audio.map((row) => number(row, "jitter"))) : null;
  return {
    totals,
    snapshot: {
      participant,
      route: route(pair, byId),
      rtt: rtt === null ? null : rtt * 1000,
      loss: lost + arrived ? lost / (lost + arrived) : 0,
      jitter: jitter === null ? null : jitter * 1000,
      concealed: samples ? Math.max(0, totals.concealed - since.concealed) / samples : 0,
      freezes: Math.max(0, totals.freezes - since.freezes),
      codec: text(byId.get(text(picture, "codecId")), "mimeType"),
      width: number(picture, "frameWidth"),
      height: number(picture, "frameHeight"),
      fps: number(picture, "framesPerSecond"),
      outgoing: maybe(pair, "availableOutgoingBitrate"),
      limitation: text(sent, "qualityLimitationReason") || "none",
      lossSent: Math.max(0, ...missed),
      // The route counts everything, headers and repeats too; the lines only what they carry.
      bytesReceived: number(pair, "bytesReceived") || totals.bytes,
      bytesSent: number(pair, "bytesSent") || sum(rows.filter((row) => row["type"] === "outbound-rtp"), "bytesSent"),
      level: audio.length ? Math.min(1, Math.max(...audio.map((row) => number(row, "audioLevel")))) : null,
      sentWidth: number(sent, "frameWidth"),
      sentHeight: number(sent, "frameHeight"),
      sentFps: number(sent, "framesPerSecond"),
    },
  };
}

/** All that was ever received, in bytes of sound and picture, or of one of them. */
export function arrivedBytes(report: Report, kind?: "audio" | "video"): number {
  const inbound = [...report].filter((row) => row["type"] === "inbound-rtp" && (!kind || row["kind"] === kind));
  return sum(inbound, "bytesReceived");
}

function chosenPair(rows: readonly Row[], byId: ReadonlyMap<string, Row>): Row | undefined {
  const transport = rows.find((row) => row["type"] === "transport" && row["selectedCandidatePairId"]);
  const named = byId.get(text(transport, "selectedCandidatePairId"));
  // Firefox has no transport row but marks the pair itself.
  return named ?? rows.find((row) => row["type"] === "candidate-pair" && (row["selected"] || row["nominated"]));
}

function route(pair: Row | undefined, byId: ReadonlyMap<string, Row>): string {
  const local = byId.get(text(pair, "localCandidateId"));
  const remote = byId.get(text(pair, "remoteCandidateId"));
  if (!local || !remote) return "";
  const protocol = text(local, "relayProtocol") || text(local, "protocol");
  return `${text(local, "candidateType")}/${text(remote, "candidateType")} ${protocol}`;
}

const LIMITS: readonly { level: QualityLevel; loss: number; rtt: number; concealed: number }[] = [
  { level: 4, loss: 0.02, rtt: 200, concealed: 0.02 },
  { level: 3, loss: 0.05, rtt: 350, concealed: 0.05 },
  { level: 2, loss: 0.12, rtt: 600, concealed: 0.12 },
];

/** One word and 0 to 4 bars, as a person would judge the call. `silentFor` in ms since anything arrived. */
export function judge(snapshot: StatsSnapshot, silentFor: number): { level: QualityLevel; reason: QualityReason } {
  if (silentFor >= 5000) return { level: 0, reason: "silence" };
  if (silentFor >= 2000) return { level: 1, reason: "silence" };
  const fits = LIMITS.find(
    ({ loss, rtt, concealed }) =>
      snapshot.loss <= loss && (snapshot.rtt ?? 0) <= rtt && snapshot.concealed <= concealed,
  );
  const level = fits?.level ?? 1;
  if (level < 4) return { level, reason: worst(snapshot) };
  if (snapshot.freezes > 0) return { level: 3, reason: "freezes" };
  if (snapshot.limitation === "cpu") return { level: 3, reason: "cpu" };
  return { level: 4, reason: "none" };
}

function worst(snapshot: StatsSnapshot): QualityReason {
  const loss = Math.max(snapshot.loss, snapshot.concealed) / 0.02;
  const delay = (snapshot.rtt ?? 0) / 200;
  return loss >= delay ? "loss" : "delay";
}
