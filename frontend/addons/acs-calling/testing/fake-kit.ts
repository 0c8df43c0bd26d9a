/** Microsoft's calling kit as far as we use it, doing what a test says. Typed by our own description of it. */
import type {
  Changes,
  Kit,
  KitAgent,
  KitCall,
  KitCallState,
  KitCaption,
  KitCaptions,
  KitClient,
  KitDevices,
  KitEnd,
  KitJoinOptions,
  KitLocalStream,
  KitLocator,
  KitPerson,
  KitRenderer,
  KitSpeaker,
  KitVideo,
} from "../kit";

type Listener = (detail: never) => void;

class Source {
  private readonly listeners = new Map<string, Set<Listener>>();

  on(event: string, listener: Listener): void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
  }
  off(event: string, listener: Listener): void {
    this.listeners.get(event)?.delete(listener);
  }
  say(event: string, detail?: unknown): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(detail as never);
  }
  get heard(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

export class FakeVideo extends Source implements KitVideo {
  readonly id = 1;
  isAvailable = true;
  isReceiving = false;
  constructor(readonly mediaStreamType = "Video") {
    super();
  }
  show(on: boolean): void {
    this.isAvailable = on;
    this.say("isAvailableChanged");
  }
}

export class FakePerson extends Source implements KitPerson {
  state = "Connected";
  isMuted = false;
  isSpeaking = false;
  videoStreams: FakeVideo[] = [];
  constructor(public displayName: string) {
    super();
  }
  become(state: string): void {
    this.state = state;
    this.say("stateChanged");
  }
  add(video: FakeVideo): FakeVideo {
    this.videoStreams.push(video);
    this.say("videoStreamsUpdated", { added: [video], removed: [] } satisfies Changes<KitVideo>);
    return video;
  }
}

export class FakeStream implements KitLocalStream {
  disposed = false;
  constructor(public media: MediaStream) {}
  setMediaStream(media: MediaStream): Promise<void> {
    this.media = media;
    return Promise.resolve();
  }
  dispose(): void {
    this.disposed = true;
  }
}

export class FakeCaptions extends Source implements KitCaptions {
  readonly kind = "TeamsCaptions";
  readonly supportedSpokenLanguages = ["en-us", "en-gb", "de-de"];
  started: string | undefined;
  refuses = false;
  startCaptions(options?: { spokenLanguage: string }): Promise<void> {
    if (this.refuses) return Promise.reject(new Error("refused"));
    this.started = options?.spokenLanguage ?? "";
    return Promise.resolve();
  }
  stopCaptions(): Promise<void> {
    this.started = undefined;
    return Promise.resolve();
  }
  hear(caption: KitCaption): void {
    this.say("CaptionsReceived", caption);
  }
}

class Feature extends Source {
  isRecordingActive = false;
  isTranscriptionActive = false;
  captions = new FakeCaptions();
  readonly network = new Source();
}

export class FakeCall extends Source implements KitCall {
  state: KitCallState = "Connecting";
  callEndReason?: KitEnd;
  isMuted: boolean;
  isScreenSharingOn = false;
  remoteParticipants: FakePerson[] = [];
  readonly done: string[] = [];
  readonly features = { Recording: new Feature(), Transcription: new Feature(), Captions: new Feature(), UserFacingDiagnostics: new Feature() };

  constructor(
    readonly locator: KitLocator,
    readonly options: KitJoinOptions,
  ) {
    super();
    this.isMuted = options.audioOptions.muted;
  }
  feature(factory: unknown): unknown {
    return this.features[factory as keyof FakeCall["features"]];
  }
  become(state: KitCallState): void {
    this.state = state;
    this.say("stateChanged");
  }
  end(code: number, subCode?: number): void {
    this.callEndReason = { code, ...(subCode === undefined ? {} : { subCode }) };
    this.become("Disconnected");
  }
  meet(...people: FakePerson[]): void {
    this.remoteParticipants.push(...people);
    this.say("remoteParticipantsUpdated", { added: people, removed: [] });
  }
  part(person: FakePerson): void {
    this.remoteParticipants = this.remoteParticipants.filter((one) => one !== person);
    this.say("remoteParticipantsUpdated", { added: [], removed: [person] });
  }
  hangUp(): Promise<void> {
    return this.noted("hangUp", () => (this.state = "Disconnected"));
  }
  mute(): Promise<void> {
    return this.noted("mute", () => (this.isMuted = true));
  }
  unmute(): Promise<void> {
    return this.noted("unmute", () => (this.isMuted = false));
  }
  startAudio(): Promise<void> {
    return this.noted("startAudio");
  }
  startVideo(): Promise<void> {
    return this.noted("startVideo");
  }
  stopVideo(): Promise<void> {
    return this.noted("stopVideo");
  }
  startScreenSharing(): Promise<void> {
    return this.noted("startScreenSharing", () => this.shares(true));
  }
  stopScreenSharing(): Promise<void> {
    return this.noted("stopScreenSharing", () => this.shares(false));
  }
  shares(on: boolean): void {
    this.isScreenSharingOn = on;
    this.say("isScreenSharingOnChanged");
  }
  private noted(what: string, then: () => unknown = () => undefined): Promise<void> {
    this.done.push(what);
    then();
    return Promise.resolve();
  }
}

export class FakeRenderer implements KitRenderer {
  static readonly made: FakeRenderer[] = [];
  disposed = false;
  constructor(readonly stream: KitVideo) {
    FakeRenderer.made.push(this);
  }
  createView(): Promise<{ target: HTMLElement }> {
    return Promise.resolve({ target: new FakeElement() as unknown as HTMLElement });
  }
  dispose(): void {
    this.disposed = true;
  }
}

/** As much of an element as a picture is put beside. */
export class FakeElement {
  className = "";
  readonly style = { display: "" };
  readonly attributes = new Map<string, string>();
  next: FakeElement | null = null;
  removed = false;
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }
  after(element: FakeElement): void {
    this.next = element;
  }
  remove(): void {
    this.removed = true;
  }
}

/** A kit of its own for each test; what it was asked is in its fields. */
export class FakeKit {
  readonly calls: FakeCall[] = [];
  readonly credentials: { token: string; refresh: () => Promise<string>; disposed: boolean }[] = [];
  names: string[] = [];
  agentsGone = 0;
  speaker = "";
  refuses: unknown = null;

  get call(): FakeCall {
    const last = this.calls.at(-1);
    if (!last) throw new Error("nobody joined");
    return last;
  }

  get kit(): Kit {
    const self = this;
    class Client implements KitClient {
      createCallAgent(_credential: unknown, { displayName }: { displayName: string }): Promise<KitAgent> {
        if (self.refuses) return Promise.reject(self.refuses);
        self.names.push(displayName);
        return Promise.resolve({
          join: (locator, options) => {
            const call = new FakeCall(locator, options);
            self.calls.push(call);
            return call;
          },
          dispose: () => Promise.resolve(void (self.agentsGone += 1)),
        });
      }
      getDeviceManager(): Promise<KitDevices> {
        const speakers: KitSpeaker[] = [{ id: "speaker:one" }, { id: "speaker:two" }];
        return Promise.resolve({
          isSpeakerSelectionAvailable: true,
          getSpeakers: () => Promise.resolve(speakers),
          selectSpeaker: ({ id }) => Promise.resolve(void (self.speaker = id)),
        });
      }
    }
    class Credential {
      private readonly kept;
      constructor({ token, tokenRefresher }: { token: string; tokenRefresher: () => Promise<string> }) {
        this.kept = { token, refresh: tokenRefresher, disposed: false };
        self.credentials.push(this.kept);
      }
      dispose(): void {
        this.kept.disposed = true;
      }
    }
    return {
      AzureCommunicationTokenCredential: Credential,
      CallClient: Client,
      Features: { Recording: "Recording", Transcription: "Transcription", Captions: "Captions", UserFacingDiagnostics: "UserFacingDiagnostics" },
      LocalAudioStream: FakeStream,
      LocalVideoStream: FakeStream,
      VideoStreamRenderer: FakeRenderer,
    };
  }
}
