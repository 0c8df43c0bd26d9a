/**
 * Every text of the desk, in English. Kept apart from the call's (`elements/words.ts`), which consumers load too.
 * `src/vestibule/web/desk_words.py` mirrors this flat list with gettext; a test keeps both equal.
 */
import type { Values } from "../../elements/words";

export const DESK_ENGLISH = {
  // Who waits
  "nobody": "Nobody is waiting",
  "nobody_text": "People show up here as soon as they arrive.",
  "nobody_here": "Nobody waits here now",
  "nobody_found": "Nobody waiting has that name",
  "waiting_one": "1 waiting",
  "waiting_many": "{count} waiting",
  "held_many": "{count} on hold",
  "in_visit_many": "{count} in a visit",
  "longest": "longest {minutes} min",
  "more": "Show {count} more",
  "arrived": "{name} is waiting.",
  "arrived_for": "{name} is waiting for {service}.",
  "late": "{name} has been waiting for {minutes} min.",
  "waits_now": "Arrived just now",
  "waits": "Waiting {minutes} min",
  "waits_hours": "Waiting {hours} h {minutes} min",
  "since": "since {time}",
  "not_waiting": "Not in the waiting room",
  "at": "at {time}",
  "with": "with {provider}",
  "for_anyone": "Whoever is free first",
  "walk_in": "Walk-in",
  "room": "Room",
  "on_hold": "On hold",
  // How they stand
  "forms_done": "Forms done",
  "forms_missing": "Forms missing",
  "devices_ok": "Devices work",
  "devices_unknown": "Devices not checked",
  "device_mic": "No microphone",
  "device_cam": "No camera",
  "device_network": "Network blocked",
  "line_audio": "Line good for sound only",
  "line_phone": "Line too weak, rather call",
  "connection_lost": "Connection lost, place kept",
  "gone": "Closed the page",
  "call_me": "Wants a call: {phone}",
  "identity_asked": "Identity not given",
  "identity_given": "Identity to check",
  "identity_matches": "Identity matches",
  "identity_differs": "Identity differs",
  "identity_confirmed": "Identity confirmed",
  "identity_locked": "Link locked",
  // Where it is held, if not here
  "teams_ready": "In Teams",
  "teams_making": "Teams: being made",
  "teams_late": "Teams: not there yet",
  "teams_failed": "Teams: failed",
  "teams_join": "Join in Teams",
  "teams_new_tab": "opens a new tab",
  "teams_open": "Open",
  "teams_again": "Try again",
  "teams_again_done": "The meeting in Teams is being made once more.",
  "teams_here": "Meet here instead",
  "teams_here_done": "You meet here: whoever is let in joins the call on this page.",
  "teams_place": "Held in",
  "teams_number": "Meeting ID",
  "teams_passcode": "Passcode",
  "let_in": "Let in",
  // What staff do
  "join": "Join",
  "start": "Start",
  "answer": "Answer",
  "message": "Message",
  "message_many": "{count} unanswered",
  "details": "More",
  "admit": "Let in without joining",
  "hold": "Put on hold",
  "back": "Back to the queue",
  "transfer": "Transfer",
  "confirm": "Confirm who they are",
  "unlock": "Unlock the link",
  "telephoned": "I have called",
  "call_now": "Call now",
  "rings": "{phone} is being called.",
  "deny": "Do not let in",
  "close": "Close",
  "cancel": "Go back",
  "refused": "That did not work. Try again.",
  "offline": "Not connected. What you see may be old; trying again…",
  "signed_out": "This page is no longer signed in. Load it again.",
  // One person
  "waits_since": "Waiting since",
  "booked_for": "Booked for",
  "reason": "Reason",
  "seen_by": "Seen by",
  "waits_in": "Waits in",
  "devices": "Devices",
  "checked": "checked {time}",
  "identity": "Identity",
  "open_appointment": "Open the appointment",
  "actions": "Actions",
  // Not letting in
  "deny_title": "Do not let {name} in?",
  "deny_text": "They see this message and cannot come back by themselves.",
  "deny_message": "Message (optional)",
  // Words with somebody who waits
  "message_to": "Message to {name}",
  "prepared": "Prepared texts",
  "prepared_hint": "One tap sends it.",
  "wrote": "New message from {name}",
  // Who is admitted
  "identity_title": "Is this {name}?",
  "identity_text": "Compare what they gave with what you know before you let them in.",
  "identity_yes": "Yes, let in and join",
  "identity_yes_admit": "Yes, let in",
  "identity_yes_only": "Yes, this is {name}",
  "identity_missing": "not given",
  "identity_same": "as booked",
  "identity_other": "differs from the booking",
  "identity_unknown": "nothing to compare with",
  "field_name": "Name",
  "field_birth_date": "Date of birth",
  "field_phone": "Telephone",
  "field_postcode": "Postcode",
  "field_reference": "Reference",
  // Transfer
  "transfer_title": "Transfer {name}",
  "transfer_text": "They keep their place and are told who sees them now.",
  "transfer_to": "To whom",
  "transfer_people": "Providers",
  "transfer_areas": "Groups: whoever is free first",
  "transfer_done": "{name} waits for {to} now.",
  // The bar above the queue
  "show": "Show",
  "everybody": "All waiting areas",
  "only_mine": "Only mine",
  "everyones": "Everyone's",
  "whose": "Whose visits",
  "find": "Find a name",
  "hidden": "{count} more waiting outside of what is shown.",
  "show_all": "Show all",
  "queue_open": "Open",
  "queue_hours": "Closed by its hours",
  "queue_closed": "Closed",
  "queue_closed_until": "Closed until {time}",
  "queue_close": "Close the queue",
  "queue_reopen": "Open the queue",
  "queue_close_title": "Close “{area}”?",
  "queue_close_text": "Nobody new can come in. Everybody already waiting keeps their place.",
  "queue_close_for": "For how long",
  "queue_until_opened": "Until somebody opens it",
  "queue_minutes": "{minutes} minutes",
  "queue_words": "What people who come meanwhile read (optional)",
  "queue_is_closed": "“{area}” takes nobody new.",
  // Providers
  "you": "You",
  "team": "Team",
  "team_away": "{count} away",
  "presence_ready": "Ready",
  "presence_in_visit": "In a visit",
  "presence_away": "Away",
  "step_away": "Step away",
  "step_away_title": "Step away for a moment?",
  "step_away_text": "People waiting for you see that you are away, and your message.",
  "step_away_words": "Message (optional), such as “back at 14:00”",
  "step_away_yes": "Step away",
  "come_back": "I am back",
  "next": "Next: {time} {name}",
  "next_in": "Next: {time} {name}, in {minutes} min",
  "next_none": "Nothing more today",
  "next_waiting": "{name} is already waiting",
  // Alerts
  "sound_on": "Sound on",
  "sound_off": "Sound off",
  "sound_blocked": "This browser keeps the page silent until you use it.",
  "sound_allow": "Turn on the sound",
  "notify_title": "{count} waiting · {business}",
  "notify_wrote": "New message · {business}",
  "notify_ask": "This browser does not show notifications yet.",
  "notify_allow": "Allow notifications",
  "notify_granted": "This browser shows notifications.",
  "notify_denied": "This browser blocks notifications of this page. Allow them in the settings beside the address.",
  "notify_unsupported": "This browser cannot show notifications.",
  "push_off": "This browser does not tell you yet.",
  "push_on": "This browser tells you, also when the desk is closed.",
  "push_turn_on": "Tell me in this browser",
  "push_busy": "One moment…",
  "push_denied": "This browser blocks notifications of this page. Allow them beside the address, then load it again.",
  "push_unsupported": "This browser cannot tell you while the desk is closed. Firefox, Chrome, Edge and Safari of today can.",
  "push_install": "On iPhone and iPad, open the desk, press Share, then “Add to Home Screen”, and open it from there.",
  "push_insecure": "Notifications need a secure address that begins with https. Ask whoever runs this server.",
  "push_failed": "That did not work: the push service of this browser gave no answer. Try again, or in another browser.",
  // The day
  "day_empty": "No visits on this day.",
} as const;

export type DeskKey = keyof typeof DESK_ENGLISH;
export type DeskWords = Readonly<Record<DeskKey, string>>;

/** The words of `given` over the English ones; anything that is not a known key with a text is left out. */
export function deskWordsFrom(given: unknown): DeskWords {
  const words: Record<string, string> = { ...DESK_ENGLISH };
  if (given && typeof given === "object") {
    for (const [key, value] of Object.entries(given)) {
      if (key in DESK_ENGLISH && typeof value === "string" && value !== "") words[key] = value;
    }
  }
  return words as DeskWords;
}

/** The desk's words as this page brings them, in `<script type="application/json" id="desk-words">`. */
export function pageDeskWords(): DeskWords {
  try {
    return deskWordsFrom(JSON.parse(document.getElementById("desk-words")?.textContent || "null"));
  } catch {
    return deskWordsFrom(null); // a broken translation shows English rather than nothing
  }
}

export type Say = (key: DeskKey, values?: Values) => string;

/** `{name}` in the text of a key replaced by `values.name`. */
export function sayer(words: DeskWords): Say {
  return (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
