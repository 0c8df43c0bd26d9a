/** Peer connections that negotiate by the standard's rules and carry nothing: enough to prove who offers when. */

interface Line {
  readonly kind: string;
}

interface Sdp {
  readonly id: number;
  readonly generation: number;
  readonly lines: readonly Line[];
}

const write = (sdp: Sdp): string => `${JSON.stringify(sdp)}\na=fingerprint:sha-256 ${hex(sdp.id)}\n`;
const parse = (text: string): Sdp => JSON.parse(text.split("\n")[0]!) as Sdp;
const hex = (id: number): string => `${id.toString(16).padStart(2, "0").toUpperCase()}:AA`;

/** The wire between all fake connections of one test. */
export class FakeNetwork {
  up = true;
  readonly made: FakeConnection[] = [];
  private nextId = 1;

  readonly connection = (): RTCPeerConnection => {
    const made = new FakeConnection(this, this.nextId++);
    this.made.push(made);
    return made as unknown as RTCPeerConnection;
  };

  get open(): FakeConnection[] {
    return this.made.filter((one) => one.signalingState !== "closed");
  }
}

class FakeSender {
  replaced: (object | null)[] = [];
  wholePictures = 0;
  constructor(public track: object | null) {}
  replaceTrack(track: object | null): Promise<void> {
    this.track = track;
    this.replaced.push(track);
    return Promise.resolve();
  }
  getParameters() {
    return { encodings: [] };
  }
  setParameters(_parameters: object, options?: { encodingOptions?: object[] }): Promise<void> {
    if (options?.encodingOptions) this.wholePictures += 1;
    return Promise.resolve();
  }
}

class FakeTransceiver {
  direction: string;
  readonly sender: FakeSender;
  readonly receiver: { track: { kind: string; from: number } };
  constructor(owner: number, trackOrKind: object | string, direction: string) {
    const kind = typeof trackOrKind === "string" ? trackOrKind : (trackOrKind as { kind: string }).kind;
    this.sender = new FakeSender(typeof trackOrKind === "string" ? null : trackOrKind);
    this.receiver = { track: { kind, from: owner } };
    this.direction = direction;
  }
}

class FakeChannel {
  readyState = "connecting";
  bufferedAmount = 0;
  onmessage: ((event: { data: string }) => void) | null = null;
  onopen: (() => void) | null = null;
  constructor(private readonly owner: FakeConnection) {}
  send(data: string): void {
    this.owner.partner()?.channel?.onmessage?.({ data });
  }
}

export class FakeConnection {
  signalingState: RTCSignalingState = "stable";
  connectionState = "new";
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  channel: FakeChannel | null = null;
  generation = 0;
  configurations: RTCConfiguration[] = [];
  /** The next remote description is refused, as Chromium refuses one with the wrong DTLS role. */
  refuseNext = false;
  encryption = "connected";
  offers = 0;
  rollbacks = 0;
  onicecandidate: ((event: { candidate: null }) => void) | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  onsignalingstatechange: (() => void) | null = null;
  ontrack: ((event: { transceiver: FakeTransceiver; track: object }) => void) | null = null;
  private readonly transceivers: FakeTransceiver[] = [];
  private remoteId: number | null = null;
  private stable: { local: RTCSessionDescriptionInit | null; remote: RTCSessionDescriptionInit | null } = {
    local: null,
    remote: null,
  };

  constructor(
    private readonly network: FakeNetwork,
    readonly id: number,
  ) {}

  createDataChannel(): FakeChannel {
    this.channel = new FakeChannel(this);
    this.needNegotiation();
    return this.channel;
  }

  addTransceiver(trackOrKind: object | string, { direction }: { direction: string }): FakeTransceiver {
    const made = new FakeTransceiver(this.id, trackOrKind, direction);
    this.transceivers.push(made);
    this.needNegotiation();
    return made;
  }

  getSenders(): { transport: { state: string; iceTransport?: object } }[] {
    return [{ transport: { state: this.encryption } }];
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configurations.push(configuration);
  }

  restartIce(): void {
    this.generation += 1;
    this.needNegotiation();
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map());
  }

  addIceCandidate(): Promise<void> {
    return Promise.resolve();
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    this.refuseIfClosed();
    const answering = this.signalingState === "have-remote-offer";
    const lines = this.transceivers.map(({ receiver }) => ({ kind: receiver.track.kind }));
    const sdp = write({ id: this.id, generation: this.generation, lines });
    this.localDescription = { type: answering ? "answer" : "offer", sdp };
    if (!answering) this.offers += 1;
    this.enter(answering ? "stable" : "have-local-offer");
    this.onicecandidate?.({ candidate: null });
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    this.refuseIfClosed();
    if (this.refuseNext) {
      this.refuseNext = false;
      throw new DOMException("wrong DTLS role", "InvalidAccessError");
    }
    if (description.type === "answer" && this.signalingState !== "have-local-offer") {
      throw new DOMException("no offer to answer", "InvalidStateError");
    }
    if (description.type === "offer" && this.signalingState === "have-local-offer") {
      this.rollbacks += 1;
      this.localDescription = this.stable.local;
    }
    this.remoteDescription = description;
    const sdp = parse(description.sdp!);
    this.remoteId = sdp.id;
    sdp.lines.slice(this.transceivers.length).forEach(({ kind }) => {
      this.transceivers.push(new FakeTransceiver(this.id, kind, "recvonly"));
    });
    for (const transceiver of this.transceivers) this.ontrack?.({ transceiver, track: transceiver.receiver.track });
    this.enter(description.type === "answer" ? "stable" : "have-remote-offer");
  }

  close(): void {
    this.signalingState = "closed";
    this.connectionState = "closed";
    if (this.channel) this.channel.readyState = "closed";
  }

  /** The other end, while both have negotiated with each other and the network carries. */
  partner(): FakeConnection | null {
    const other = this.network.made.find((one) => one.id === this.remoteId);
    if (!this.network.up || !other || other.remoteId !== this.id || other.signalingState === "closed") return null;
    return this.signalingState === "closed" ? null : other;
  }

  private enter(state: RTCSignalingState): void {
    this.signalingState = state;
    if (state === "stable") {
      this.stable = { local: this.localDescription, remote: this.remoteDescription };
      this.join();
    }
    queueMicrotask(() => this.onsignalingstatechange?.());
  }

  private join(): void {
    const other = this.partner();
    if (!other || other.signalingState !== "stable") return;
    for (const end of [this, other]) {
      if (end.connectionState === "connected") continue;
      end.connectionState = "connected";
      queueMicrotask(() => end.onconnectionstatechange?.());
      if (end.channel) {
        end.channel.readyState = "open";
        queueMicrotask(() => end.channel?.onopen?.());
      }
    }
  }

  private needNegotiation(): void {
    queueMicrotask(() => {
      if (this.signalingState === "stable") this.onnegotiationneeded?.();
    });
  }

  private refuseIfClosed(): void {
    if (this.signalingState === "closed") throw new DOMException("closed", "InvalidStateError");
  }
}
