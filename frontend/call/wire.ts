/** The frames of `docs/reference/visit-protocol.md`, as types. Unknown types and fields are ignored. */

export type RoleName = "consumer" | "helper" | "provider" | "manager";
export type VisitState = "invited" | "arrived" | "waiting" | "on_hold" | "admitted" | "in_call" | "left" | "denied" | "removed";
export type MeetingState = "scheduled" | "open" | "ended" | "cancelled" | "moved";
export type Presence = "away" | "ready" | "in_visit" | "here";
export type IdentityField = "name" | "birth_date" | "phone" | "postcode" | "reference";
/** What somebody may do in the call; the server asks the same table. */
export type RoleInCall = "presenter" | "collaborator" | "attendee" | "consumer";
export type Ability = "send_media" | "share_screen" | "moderate";
export type ReactionKind = "thumbs_up" | "clap" | "heart" | "laugh" | "question" | "wave";
export type MediaFlag = "mic" | "cam" | "screen";
export type Connection = "ok" | "reconnecting" | "gone";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: RoleName;
}

export interface Named {
  readonly slug: string;
  readonly name: string;
}

/** The provider as somebody waiting sees them; `away_words` say why they are away, or until when. */
export interface HostView {
  readonly name: string;
  readonly presence: Presence;
  readonly away_words?: string;
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

/** Whether there is any way to go on by telephone. */
export function offersPhone(meeting: MeetingView | null): boolean {
  return Boolean(meeting?.by_phone?.call_me || meeting?.by_phone?.dial_in);
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
  /** Where else staff may have the call carried; nowhere, while no media server is set up. */
  readonly may_move_to?: readonly string[];
  /** Where the visit is held. Elsewhere there is no call here to join; see `Elsewhere`. */
  readonly held_in?: "here" | "teams";
  /** By what people from outside come in now. */
  readonly join_by?: "own" | "teams_web" | "acs_calling";
  readonly locked: boolean;
  readonly rules: VisitRulesView;
  readonly provider: HostView | null;
  readonly by_phone?: ByPhone;
}

/** The way to a visit that is held elsewhere. `url` is "" until it is `ready`; `problem` is told to staff alone. */
export interface Elsewhere {
  readonly kind: "teams";
  readonly state: "making" | "ready" | "late" | "failed";
  readonly url: string;
  readonly number: string;
  readonly passcode: string;
  readonly problem: string;
}

export interface RosterPerson extends Person {
  readonly join: string;
  readonly order: number;
  readonly media: MediaFlags;
  readonly connection: Connection;
  /** Which backend of the call this person plays over; see `backend`. */
  readonly epoch?: number;
  /** When they raised their hand; null: it is down. */
  readonly hand: string | null;
  readonly role_in_call: RoleInCall;
  readonly abilities: readonly Ability[];
}

export interface VisitRulesView {
  readonly captions: "off" | "browser" | "server";
  readonly chat: boolean;
  readonly files: boolean;
  readonly recording: boolean;
  readonly end_hint_minutes: number;
  /** Media takes the relay only, so that nobody learns the other's network address. */
  readonly hides_addresses: boolean;
  /** Whether backgrounds may be blurred; a server that does not say lets them. */
  readonly blur?: boolean;
  /** Whether people may be invited from outside, by a link of their own. */
  readonly helper_links?: boolean;
  /** Whether of the guests hosts alone may invite, as in a room that a program made. */
  readonly hosts_invite?: boolean;
}

export interface Caption {
  readonly from: string;
  readonly line: number;
  readonly text: string;
  readonly final: boolean;
  readonly spoken: boolean;
}

/** One thing noticed about our side of the call, for support. Words and numbers only. */
export interface CallEvent {
  readonly kind:
    | "state" | "route" | "restart" | "epoch" | "relay_refused" | "sending" | "moved" | "move_failed"
    | "quality" | "device" | "media" | "gesture" | "captions" | "failed";
  readonly ago_ms?: number;
  /** Words for machines, without dots and colons, so that no address gets in. */
  readonly detail?: string;
  readonly about?: string;
  readonly on?: boolean;
  readonly level?: number;
  readonly seconds?: number;
  readonly rtt?: number;
  readonly loss?: number;
}

/** How to reach what carries the call; `url` and `token` for a media server only. */
export interface BackendInfo {
  readonly kind: string;
  readonly room: string;
  readonly epoch: number;
  /** Of a media server; where Microsoft carries the call, of the add-on's script. */
  readonly url?: string;
  readonly token?: string;
  readonly outside?: OutsideCall;
}

/** Where and as whom to join a call that Microsoft carries. */
export interface OutsideCall {
  readonly identity: string;
  /** As the others read it there. */
  readonly name: string;
  readonly locator:
    | { readonly meetingLink: string }
    | { readonly meetingId: string; readonly passcode?: string }
    | { readonly roomId: string };
  /** Address of the meeting for Teams on the web; "" where there is none. */
  readonly elsewhere: string;
}

export type RecordingState = "asking" | "running" | "stopping" | "ready" | "failed" | "refused" | "deleted";

export interface RecordingView {
  readonly id: string;
  readonly state: RecordingState;
  readonly asked_by: string;
  /** Participants who agreed. */
  readonly agreed: readonly string[];
  readonly started_at: string | null;
}

/** A file of a message. Only a ready one has an address; a picture that was drawn anew also a thumbnail. */
export interface AttachmentItem {
  readonly ref: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly state: "checking" | "ready" | "refused" | "quarantined";
  readonly refusal?: "not_a_picture" | "too_many_pixels" | "not_checked" | "infected";
  /** False: the business has no scanner. */
  readonly scanned?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly url?: string;
  readonly thumbnail?: string;
}

export interface ChatMessage {
  readonly id: string;
  readonly number: number;
  readonly from: Person;
  /** Empty for a file without words, and for a message that was taken back. */
  readonly text: string;
  readonly at: string;
  readonly client_id?: string;
  readonly edited_at?: string;
  readonly deleted?: true;
  readonly attachment?: AttachmentItem;
}

/** How files are sent in a thread: where to, and how large they and their parts may be. */
export interface ChatFiles {
  readonly at: string;
  readonly most_bytes: number;
  readonly part_bytes: number;
  readonly accept: string;
}

export interface ChatHistory {
  readonly items: ChatMessage[];
  readonly more: boolean;
  readonly read: number;
  readonly marks: Readonly<Record<string, number>>;
  /** Names, "" for none, of those whom a program added: they are in no call, and read and write here. */
  readonly programs: readonly string[];
  readonly write: boolean;
  readonly files: ChatFiles | null;
}

/** What the server says at `/ws/talk`: a thread outside the call. */
export interface TalkMessages {
  chat: ChatMessage;
  chat_changed: ChatMessage;
  chat_history: ChatHistory;
  chat_programs: { programs: readonly string[] };
  typing: { from: string; name: string; on: boolean };
  read: { from: string; number: number };
}

export interface Notice {
  readonly id: string;
  readonly participant: string;
  readonly from: Person;
  readonly text: string;
  readonly at: string;
  readonly client_id?: string;
  readonly entry?: string;
}

export interface WaitingPerson extends Person {
  readonly state: VisitState;
  readonly since: string;
  readonly devices?: DeviceReport;
  readonly connection: Connection;
  readonly unanswered?: number;
  readonly call_request?: CallRequest | null;
  readonly waiting_since?: string | null;
  readonly identity?: GivenIdentity | null;
}

/** What a consumer gave to be recognised, for staff. `matches`: all of it is what was answered when booking. */
export interface GivenIdentity {
  readonly state: "asked" | "given" | "matches" | "differs" | "confirmed" | "locked";
  readonly asked: readonly IdentityField[];
  readonly given: Readonly<Partial<Record<IdentityField, string>>>;
  readonly differs: readonly IdentityField[];
}

export type SignalData =
  | { readonly kind: "description"; readonly description: RTCSessionDescriptionInit }
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit | null }
  | { readonly kind: "please_restart"; readonly rebuild?: boolean }
  | { readonly kind: "verify"; readonly commit?: string; readonly nonce?: string };

/** What the server says at the visit door; `Welcome`, `pong`, `done`, `error` and `bye` are the socket's own. */
export interface VisitMessages {
  state: { state: VisitState; since: string; sentence?: string; role_in_call: RoleInCall; abilities: Ability[] };
  reaction: { from: string; reaction: ReactionKind };
  muted: { by: string; source: MediaFlag; forced: boolean };
  caption: Caption;
  next_waiting: { count: number; name: string; since: string | null };
  queue: {
    /** null where the area does not tell it. */
    position: number | null;
    ahead: number | null;
    since: string;
    expected_minutes: number | null;
    provider: HostView | null;
    on_hold?: boolean;
    /** How things stand and what to do, translated; "" when there is nothing to say. */
    sentence?: string;
    /** That the provider begins later than booked, translated; "" when nobody said so. */
    late?: string;
  };
  area: {
    name: string;
    title: string;
    text: string;
    media: { src: string; type: string; alternative: string } | null;
    support_phone: string;
  };
  identity: {
    state: "asked" | "given" | "confirmed" | "locked";
    asked: IdentityField[];
    given: IdentityField[];
    tries_left: number;
  };
  moved_to: { area: string; provider: HostView | null; sentence: string };
  meeting: { meeting: MeetingView };
  elsewhere: { elsewhere: Elsewhere | null };
  notice: Notice;
  notices: { participant: string; items: Notice[] };
  ice: { servers: RTCIceServer[]; expires_at: string };
  joined: { join: string; order: number; backend: BackendInfo };
  /** The call moves here: connect while the old one plays, then say `carried`. */
  backend: { backend: BackendInfo; why: "" | "people" | "recording" | "line" | "staff" | "server" };
  recording: { recording: RecordingView | null; possible: boolean; why_not: string };
  roster: { people: RosterPerson[] };
  signal: { from: string; join: string; epoch: number; data: SignalData };
  chat: ChatMessage;
  chat_changed: ChatMessage;
  chat_history: ChatHistory;
  chat_programs: { programs: readonly string[] };
  typing: { from: string; name: string; on: boolean };
  read: { from: string; number: number };
  invited: Invitation;
  colleagues: { people: Colleague[] };
  call_request: { request: CallRequest | null };
  waiting: { people: WaitingPerson[] };
}

/** One appointment, walk-in or visit in a room of the day; `id` names it in `entry_gone`. */
export interface DeskEntry {
  readonly id: string;
  readonly kind: "scheduled" | "walk_in" | "room";
  /** null for a walk-in and a room. */
  readonly appointment: string | null;
  readonly meeting: string | null;
  readonly start: string;
  readonly end: string;
  readonly status: string;
  readonly consumer: string;
  readonly mine: boolean;
  readonly service: Named | null;
  readonly provider: Named | null;
  /** Slug of the waiting area; null when it is not online. */
  readonly area: string | null;
  /** Who will see them: the provider, or whom they were transferred to; null: whoever of the area is free first. */
  readonly host: Named | null;
  readonly reason: string;
  readonly meeting_state: MeetingState | null;
  readonly waiting_since: string | null;
  readonly held: boolean;
  readonly preparation: "none" | "done" | "missing";
  readonly people: readonly WaitingPerson[];
  /** Where it is held, if not here. */
  readonly elsewhere?: Elsewhere | null;
}

export interface DeskArea {
  readonly slug: string;
  readonly name: string;
  readonly is_default: boolean;
  /** Takes walk-ins at this moment. */
  readonly is_open: boolean;
  readonly takes_walk_ins: boolean;
  readonly closed_at: string | null;
  readonly closed_until: string | null;
  readonly closed_words: string;
  readonly amber_minutes: number;
  readonly red_minutes: number;
  readonly identity_fields: readonly IdentityField[];
  /** Slugs. */
  readonly providers: readonly string[];
}

export interface PreparedText {
  readonly id: string;
  readonly text: string;
  readonly area: string | null;
  readonly after_minutes: number | null;
}

export interface DeskProvider extends Named {
  readonly presence: "away" | "ready" | "in_visit";
  readonly away_words: string;
}

export interface DeskAlerts {
  readonly sound: boolean;
  readonly title: boolean;
  readonly desktop: boolean;
  readonly only_mine: boolean;
}

export interface DeskMessages {
  queue: { day: string; entries: DeskEntry[] };
  entry: { entry: DeskEntry };
  entry_gone: { id: string };
  areas: { areas: DeskArea[]; prepared: PreparedText[] };
  providers: { providers: DeskProvider[] };
  /** Something staff should see at once: an identity was guessed at until the link locked. */
  warning: { kind: "locked"; entry: string; participant: string; sentence: string };
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
  readonly participant: Person & {
    readonly staff: boolean;
    readonly state: VisitState;
    readonly role_in_call: RoleInCall;
    readonly abilities: readonly Ability[];
  };
  readonly meeting: MeetingView;
}

export interface TalkWelcome extends WelcomeFrame {
  readonly participant: Person & { readonly staff: boolean };
  readonly meeting: { readonly id: string; readonly title: string; readonly business: string };
}

export interface DeskWelcome extends WelcomeFrame {
  readonly staff: Person;
  readonly business: { readonly slug: string; readonly name: string; readonly timezone: string };
  readonly day: string;
  readonly scope: "mine" | "all";
  readonly areas: readonly DeskArea[];
  readonly prepared: readonly PreparedText[];
  readonly providers: readonly DeskProvider[];
  /** Slug of the provider this member of staff is, if they are one. */
  readonly provider: string | null;
  readonly alerts: DeskAlerts;
  /** Whether a telephone service rings people who asked for it. */
  readonly calls_out: boolean;
}

export interface Bye {
  readonly code: string;
  readonly sentence: string;
  readonly retry: boolean;
  readonly next?: "none" | "book" | "reload" | "call";
}
