/**
 * Trying the line before a call: is there a way through, and how much passes. Never longer than five seconds: a dead
 * relay gives no error at all, so every step has a time-out of its own.
 */
import type { DeviceReport } from "./wire";

export interface LineSource {
  /** The relay one may try, with credentials; none where no relay is set up or nobody may have it. */
  servers(signal: AbortSignal): Promise<RTCIceServer[]>;
  /** A body that nothing can make smaller. */
  body(signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null>;
}

export interface LineVerdict {
  readonly network: NonNullable<DeviceReport["network"]>;
  readonly bandwidth: NonNullable<DeviceReport["bandwidth"]>;
  /** What passed, in kilobits a second; null when nothing could be measured. It is never tried how much more would. */
  readonly kbps: number | null;
}

export interface Sample {
  readonly kbps: number;
  /** Share of what was sent that did not arrive, 0 to 1. */
  readonly loss: number;
}

const WHOLE_MS = 5000;
const ASK_MS = 1500;
const GATHER_MS = 2500;
/** A slower way may answer first: so long a datagram way has to show up after it. */
const BETTER_MS = 300;
const OPEN_MS = 1500;
const BURST_MS = 1600;
const ENOUGH_MS = 900;
const ENOUGH_KBPS = 1000;
/** So much in the time of a burst is more than a picture needs. */
const ENOUGH_BYTES = 200_000;
const PACE_KBPS = 2000;
const CHUNK = 1100;
const TICK_MS = 20;

/** Below these the picture stutters, and below the second also the sound. Measured with real calls; see docs. */
const VIDEO = { kbps: 300, loss: 0.2 };
const AUDIO = { kbps: 90, loss: 0.28 };

export function bandwidthOf(sample: Sample | null): LineVerdict["bandwidth"] {
  if (!sample) return "unknown";
  if (sample.kbps >= VIDEO.kbps && sample.loss <= VIDEO.loss) return "video";
  return sample.kbps >= AUDIO.kbps && sample.loss <= AUDIO.loss ? "audio" : "phone";
}

/** Which way a relay candidate goes out; browsers say it in different places. */
export function wayOut(candidate: { relayProtocol?: string | null; url?: string | null }): "udp" | "tcp" {
  const said = candidate.relayProtocol ?? /transport=(\w+)/.exec(candidate.url ?? "")?.[1] ?? "udp";
  if ((candidate.url ?? "").startsWith("turns:")) return "tcp";
  return said === "udp" ? "udp" : "tcp";
}

/** Find out how the line is. Resolves always, within five seconds. */
export async function checkLine(source: LineSource): Promise<LineVerdict> {
  const end = performance.now() + WHOLE_MS;
  const left = () => Math.max(0, end - performance.now());
  const servers = await limited(ASK_MS, (signal) => source.servers(signal), []);
  let way: "udp" | "tcp" | null = null;
  let sample: Sample | null = null;
  if (servers.length && typeof RTCPeerConnection === "function") {
    const loop = new RelayLoop(servers);
    try {
      way = await loop.way(Math.min(GATHER_MS, left()));
      if (way) sample = await loop.measure(Math.min(OPEN_MS, left()), left);
    } catch {
      sample = null; // a browser without data channels still gets a verdict by the download
    } finally {
      loop.close();
    }
  }
  if (!sample && left() > 300) sample = await limited(left(), (signal) => download(source, signal), null);
  const network = servers.length ? ({ udp: "direct", tcp: "relay" } as const)[way ?? "udp"] : "unknown";
  return {
    network: servers.length && !way ? "blocked" : network,
    bandwidth: bandwidthOf(sample),
    kbps: sample && Math.round(sample.kbps),
  };
}

/** Two connections of this page to each other, both by way of the relay only. */
class RelayLoop {
  private readonly near: RTCPeerConnection;
  private readonly far: RTCPeerConnection;
  private readonly channel: RTCDataChannel;
  private readonly ways = new Set<"udp" | "tcp">();
  private received = 0;
  private firstAt = 0;
  private lastAt = 0;

  constructor(iceServers: RTCIceServer[]) {
    const relayOnly: RTCConfiguration = { iceServers, iceTransportPolicy: "relay" };
    this.near = new RTCPeerConnection(relayOnly);
    this.far = new RTCPeerConnection(relayOnly);
    const lossy = { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 };
    this.channel = this.near.createDataChannel("line", lossy);
    this.far.createDataChannel("line", lossy).onmessage = (event) => this.count(event.data as ArrayBuffer);
    this.near.onicecandidate = ({ candidate }) => {
      if (candidate?.type === "relay") this.ways.add(wayOut(candidate as { relayProtocol?: string; url?: string }));
      void this.far.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    };
    this.far.onicecandidate = ({ candidate }) => void this.near.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    void this.introduce().catch(() => undefined);
  }

  /** How the relay was reached; null when it was not. */
  async way(atMost: number): Promise<"udp" | "tcp" | null> {
    if (!(await until(() => this.ways.size > 0, atMost))) return null;
    if (!this.ways.has("udp")) await until(() => this.ways.has("udp"), BETTER_MS);
    return this.ways.has("udp") ? "udp" : "tcp";
  }

  /** Send for a moment, no faster than a good picture needs, and see what arrives; null when nothing connects. */
  async measure(opensWithin: number, left: () => number): Promise<Sample | null> {
    if (!(await until(() => this.channel.readyState === "open", opensWithin))) return null;
    const chunk = new Uint8Array(CHUNK);
    crypto.getRandomValues(chunk);
    const began = performance.now();
    let sent = 0;
    const elapsed = () => performance.now() - began;
    while (elapsed() < Math.min(BURST_MS, left())) {
      const due = (elapsed() * PACE_KBPS) / 8 / CHUNK;
      while (sent < due && this.channel.bufferedAmount < 32 * CHUNK) {
        this.channel.send(chunk);
        sent += 1;
      }
      if (elapsed() > ENOUGH_MS && this.kbps() > ENOUGH_KBPS) break;
      await pause(TICK_MS);
    }
    const handedOver = sent - Math.floor(this.channel.bufferedAmount / CHUNK);
    await pause(Math.min(250, left())); // what is under way still counts
    return { kbps: this.kbps(), loss: handedOver > 0 ? Math.max(0, 1 - this.received / handedOver) : 1 };
  }

  close(): void {
    this.near.close();
    this.far.close();
  }

  private kbps(): number {
    const took = this.lastAt - this.firstAt;
    return took > 0 ? ((this.received - 1) * CHUNK * 8) / took : 0;
  }

  private count(_data: ArrayBuffer): void {
    this.received += 1;
    this.lastAt = performance.now();
    this.firstAt ||= this.lastAt;
  }

  private async introduce(): Promise<void> {
    await this.near.setLocalDescription();
    await this.far.setRemoteDescription(this.near.localDescription!);
    await this.far.setLocalDescription();
    await this.near.setRemoteDescription(this.far.localDescription!);
  }
}

/** Read the body until it ends or enough is known; speed counts from the first bytes on. */
async function download(source: LineSource, signal: AbortSignal): Promise<Sample | null> {
  const reader = (await source.body(signal))?.getReader();
  if (!reader) return null;
  let bytes = 0;
  let began = 0;
  let took = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const now = performance.now();
      if (began) bytes += value.byteLength;
      began ||= now;
      took = now - began;
      if (took > BURST_MS || bytes > ENOUGH_BYTES) break;
    }
  } catch {
    // cut off by the time-out: what came until then tells enough
  }
  void reader.cancel().catch(() => undefined);
  if (!began) return null;
  return { kbps: took > 0 ? (bytes * 8) / took : ENOUGH_KBPS, loss: 0 };
}

async function limited<T>(ms: number, task: (signal: AbortSignal) => Promise<T>, otherwise: T): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await task(controller.signal);
  } catch {
    return otherwise;
  } finally {
    clearTimeout(timer);
  }
}

async function until(condition: () => boolean, atMost: number): Promise<boolean> {
  const end = performance.now() + atMost;
  while (!condition()) {
    if (performance.now() >= end) return false;
    await pause(TICK_MS);
  }
  return true;
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** The server of the check at `base` ("/test-call"), as `LineSource`; `csrf` is the page's token. */
export function serverLine(base: string, csrf: string): LineSource {
  return {
    async servers(signal) {
      const answer = await fetch(`${base}/relay`, { method: "POST", headers: { "X-CSRFToken": csrf }, signal });
      return answer.ok ? ((await answer.json()) as { servers: RTCIceServer[] }).servers : [];
    },
    async body(signal) {
      const answer = await fetch(`${base}/line`, { cache: "no-store", signal });
      return answer.ok ? answer.body : null;
    },
  };
}

/** Keep a report with the visit this browser holds. It is no matter to anybody when that fails. */
export async function sendReport(base: string, csrf: string, report: DeviceReport): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(report)) if (typeof value === "string") body.set(name, value);
  await fetch(`${base}/result`, { method: "POST", headers: { "X-CSRFToken": csrf }, body, keepalive: true }).catch(() => undefined);
}
