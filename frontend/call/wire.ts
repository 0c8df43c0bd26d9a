/** The frames of `docs/reference/visit-protocol.md`, as types. Unknown types and fields are ignored. */

export type RoleName = "consumer" | "helper" | "provider" | "manager";
export type VisitState = "invited" | "arrived" | "waiting" | "admitted" | "in_call" | "left" | "denied" | "removed";
export type MeetingState = "scheduled" | "open" | "ended" | "cancelled" | "moved";
export type Presence = "away" | "ready" | "in_visit" | "here";
export type Connection = "ok" | "reconnecting" | "gone";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: RoleName;
}

export interface MediaFlags {
  readonly mic: boolean;
  readonly cam: boolean;
  readonly screen: boolean;
}

export interface DeviceReport {
  readonly mic?: "ok" | "denied" | "missing" | "busy" | "silent" | "off" | "unknown";
  readonly cam?: "ok" | "denied" | "missing" | "busy" | "silent" | "off" | "unknown";
  readonly speaker?: "ok" | "failed" | "unknown";
  readonly network?: "direct" | "relay" | "blocked" | "unknown";
  /** What the line is good for. */
  readonly bandwidth?: "video" | "audio" | "phone" | "unknown";
  readonly browser?: "chrome" | "edge" | "firefox" | "safari" | "ios" | "android" | "other";
  /** When it was reported; given by the server. */
  readonly at?: string;
}

/** How a visit may go on by telephone; "" where the business has no number to dial in. */
export interface ByPhone {
  readonly dial_in: string;
  readonly code: string;
  readonly call_me: boolean;
}

/** Somebody waits to be telephoned. */
export interface CallRequest {
  readonly phone: string;
  readonly asked_at: string;
}

/** Another provider who may be brought into the visit. */
export interface Colleague {
  readonly provider: string;
  readonly name: string;
  readonly presence: Presence;
  readonly invited: boolean;
}

/** What came of `invite`; the address is shown this once. */
export interface Invitation {
  readonly participant: string;
  readonly name: string;
  readonly url: string;
  readonly expires_at: string;
  readonly told: readonly ("email" | "sms")[];
}

export interface MeetingView {
  readonly id: string;
  readonly state: MeetingState;
  readonly title: string;
  readonly business: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly backend: string;
  readonly max_in_call: number;
  readonly provider: { readonly name: string; readonly presence: Presence } | null;
  readonly by_phone?: ByPhone;
}

export interface RosterPerson extends Person {
  readonly join: string;
  readonly order: number;
  readonly media: MediaFlags;
  readonly connection: Connection;
}

export interface ChatMessage {
  readonly id: string;
  readonly number: number;
  readonly from: Person;
  readonly text: string;
  readonly at: string;
  readonly client_id?: string;
}

export interface Notice {
  readonly id: string;
  readonly participant: string;
  readonly from: Person;
  readonly text: string;
  readonly at: string;
  readonly client_id?: string;
  readonly appointment?: string;
}

export interface WaitingPerson extends Person {
  readonly state: VisitState;
  readonly since: string;
  readonly devices?: DeviceReport;
  readonly connection: Connection;
  readonly unanswered?: number;
  readonly call_request?: CallRequest | null;
}

export type SignalData =
  | { readonly kind: "description"; readonly description: RTCSessionDescriptionInit }
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit | null }
  | { readonly kind: "please_restart"; readonly rebuild?: boolean }
  | { readonly kind: "verify"; readonly commit?: string; readonly nonce?: string };

/** What the server says at the visit door; `Welcome`, `pong`, `done`, `error` and `bye` are the socket's own. */
export interface VisitMessages {
  state: { state: VisitState; since: string; sentence?: string };
  queue: {
    position: number;
    ahead: number;
    since: string;
    expected_minutes: number | null;
    provider: { name: string; presence: Presence };
  };
  meeting: { meeting: MeetingView };
  notice: Notice;
  notices: { participant: string; items: Notice[] };
  ice: { servers: RTCIceServer[]; expires_at: string };
  joined: { join: string; order: number; backend: { kind: string; [more: string]: unknown } };
  roster: { people: RosterPerson[] };
  signal: { from: string; join: string; epoch: number; data: SignalData };
  chat: ChatMessage;
  chat_history: { items: ChatMessage[]; more: boolean; read: number };
  typing: { from: string; on: boolean };
  read: { from: string; number: number };
  invited: Invitation;
  colleagues: { people: Colleague[] };
  call_request: { request: CallRequest | null };
  waiting: { people: WaitingPerson[] };
}

export interface DeskEntry {
  readonly appointment: string;
  readonly meeting: string | null;
  readonly start: string;
  readonly end: string;
  readonly status: string;
  readonly consumer: string;
  readonly mine: boolean;
  readonly service: { readonly slug: string; readonly name: string };
  readonly provider: { readonly slug: string; readonly name: string };
  readonly meeting_state: MeetingState | null;
  readonly waiting_since: string | null;
  readonly people: readonly WaitingPerson[];
}

export interface DeskMessages {
  queue: { day: string; entries: DeskEntry[] };
  entry: { entry: DeskEntry };
  entry_gone: { appointment: string };
  notice: Notice;
  notices: { participant: string; items: Notice[] };
}

export interface WelcomeFrame {
  readonly session: string;
  readonly resumed: boolean;
  readonly seq: number;
  readonly server_time: string;
  readonly ping_seconds?: number;
  readonly grace_seconds?: number;
}

export interface VisitWelcome extends WelcomeFrame {
  readonly participant: Person & { readonly staff: boolean; readonly state: VisitState };
  readonly meeting: MeetingView;
}

export interface DeskWelcome extends WelcomeFrame {
  readonly staff: Person;
  readonly business: { readonly slug: string; readonly name: string; readonly timezone: string };
  readonly day: string;
  readonly scope: "mine" | "all";
}

export interface Bye {
  readonly code: string;
  readonly sentence: string;
  readonly retry: boolean;
}
