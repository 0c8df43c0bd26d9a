/**
 * What we use of Microsoft's calling kit, in types of our own: the kit itself is on no machine but those whose operator
 * fetched it. Names are the kit's; everything else of it is left out.
 */

interface Listening<Events> {
  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): void;
  off<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): void;
}

export interface Changes<Item> {
  readonly added: readonly Item[];
  readonly removed: readonly Item[];
}

export type KitCallState =
  | "None"
  | "Connecting"
  | "Ringing"
  | "EarlyMedia"
  | "Connected"
  | "LocalHold"
  | "RemoteHold"
  | "InLobby"
  | "Disconnecting"
  | "Disconnected";

export interface KitEnd {
  readonly code: number;
  readonly subCode?: number;
}

export interface KitVideo extends Listening<{ isAvailableChanged: void; isReceivingChanged: void }> {
  readonly id: number;
  readonly mediaStreamType: string;
  readonly isAvailable: boolean;
  readonly isReceiving: boolean;
}

interface PersonEvents {
  stateChanged: void;
  isMutedChanged: void;
  isSpeakingChanged: void;
  displayNameChanged: void;
  videoStreamsUpdated: Changes<KitVideo>;
}

export interface KitPerson extends Listening<PersonEvents> {
  readonly displayName?: string;
  readonly state: string;
  readonly isMuted: boolean;
  readonly isSpeaking: boolean;
  readonly videoStreams: readonly KitVideo[];
}

export interface KitLocalStream {
  setMediaStream(source: MediaStream): Promise<void>;
  dispose(): void;
}

export interface KitView {
  readonly target: HTMLElement;
}

export interface KitRenderer {
  createView(options: { scalingMode: "Crop" | "Fit" }): Promise<KitView>;
  dispose(): void;
}

export interface KitCaptions extends Listening<{ CaptionsReceived: KitCaption }> {
  readonly kind: string;
  readonly supportedSpokenLanguages: readonly string[];
  startCaptions(options?: { spokenLanguage: string }): Promise<void>;
  stopCaptions(): Promise<void>;
}

export interface KitCaption {
  /** Of Teams; rooms of Azure say `spokenText` alone. */
  readonly captionText?: string;
  readonly spokenText?: string;
  readonly resultType: string;
  readonly speaker: { readonly displayName?: string };
}

export interface KitNotice extends Listening<{ isRecordingActiveChanged: void; isTranscriptionActiveChanged: void }> {
  readonly isRecordingActive?: boolean;
  readonly isTranscriptionActive?: boolean;
}

export interface KitDiagnostics {
  readonly network: Listening<{ diagnosticChanged: { readonly diagnostic: string; readonly value: number | boolean } }>;
}

export interface KitCaptionsFeature extends Listening<{ CaptionsKindChanged: void }> {
  readonly captions: KitCaptions;
}

interface CallChanges {
  stateChanged: void;
  isMutedChanged: void;
  isScreenSharingOnChanged: void;
  remoteParticipantsUpdated: Changes<KitPerson>;
}

export interface KitCall extends Listening<CallChanges> {
  readonly state: KitCallState;
  readonly callEndReason?: KitEnd;
  readonly isMuted: boolean;
  readonly isScreenSharingOn: boolean;
  readonly remoteParticipants: readonly KitPerson[];
  feature(factory: unknown): unknown;
  hangUp(): Promise<void>;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  startAudio(stream: KitLocalStream): Promise<void>;
  startVideo(stream: KitLocalStream): Promise<void>;
  stopVideo(stream: KitLocalStream): Promise<void>;
  startScreenSharing(stream: KitLocalStream): Promise<void>;
  stopScreenSharing(): Promise<void>;
}

export type KitLocator = { meetingLink: string } | { meetingId: string; passcode?: string } | { roomId: string };

export interface KitJoinOptions {
  audioOptions: { muted: boolean; localAudioStreams?: KitLocalStream[] };
  videoOptions?: { localVideoStreams: KitLocalStream[] };
}

export interface KitAgent {
  join(locator: KitLocator, options: KitJoinOptions): KitCall;
  dispose(): Promise<void>;
}

export interface KitSpeaker {
  readonly id: string;
}

export interface KitDevices {
  readonly isSpeakerSelectionAvailable: boolean;
  getSpeakers(): Promise<readonly KitSpeaker[]>;
  selectSpeaker(speaker: KitSpeaker): Promise<void>;
}

export interface KitClient {
  createCallAgent(credential: KitCredential, options: { displayName: string }): Promise<KitAgent>;
  getDeviceManager(): Promise<KitDevices>;
}

export interface KitCredential {
  dispose(): void;
}

export interface Kit {
  readonly AzureCommunicationTokenCredential: new (options: {
    token: string;
    refreshProactively: boolean;
    tokenRefresher: () => Promise<string>;
  }) => KitCredential;
  readonly CallClient: new () => KitClient;
  readonly Features: Readonly<Record<"Recording" | "Transcription" | "Captions" | "UserFacingDiagnostics", unknown>>;
  readonly LocalAudioStream: new (source: MediaStream) => KitLocalStream;
  readonly LocalVideoStream: new (source: MediaStream) => KitLocalStream;
  readonly VideoStreamRenderer: new (stream: KitVideo) => KitRenderer;
}
