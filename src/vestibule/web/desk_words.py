"""Texts of the desk, by the keys that `frontend/pages/desk/words.ts` gives them, for translation.

Apart from the call's texts, which consumers load too. A test keeps both lists the same. Braces are filled in by the
script and stay as they are.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

WORDS = {
    # Who waits
    "nobody": _("Nobody is waiting"),
    "nobody_text": _("People show up here as soon as they arrive."),
    "nobody_here": _("Nobody waits here now"),
    "nobody_found": _("Nobody waiting has that name"),
    "waiting_one": _("1 waiting"),
    "waiting_many": _("{count} waiting"),
    "held_many": _("{count} on hold"),
    "in_visit_many": _("{count} in a visit"),
    "longest": _("longest {minutes} min"),
    "more": _("Show {count} more"),
    "arrived": _("{name} is waiting."),
    "arrived_for": _("{name} is waiting for {service}."),
    "late": _("{name} has been waiting for {minutes} min."),
    "waits_now": _("Arrived just now"),
    "waits": _("Waiting {minutes} min"),
    "waits_hours": _("Waiting {hours} h {minutes} min"),
    "since": _("since {time}"),
    "not_waiting": _("Not in the waiting room"),
    "at": _("at {time}"),
    "with": _("with {provider}"),
    "for_anyone": _("Whoever is free first"),
    "walk_in": _("Walk-in"),
    "on_hold": _("On hold"),
    # How they stand
    "forms_done": _("Forms done"),
    "forms_missing": _("Forms missing"),
    "devices_ok": _("Devices work"),
    "devices_unknown": _("Devices not checked"),
    "device_mic": _("No microphone"),
    "device_cam": _("No camera"),
    "device_network": _("Network blocked"),
    "line_audio": _("Line good for sound only"),
    "line_phone": _("Line too weak, rather call"),
    "connection_lost": _("Connection lost, place kept"),
    "gone": _("Closed the page"),
    "call_me": _("Wants a call: {phone}"),
    "identity_asked": _("Identity not given"),
    "identity_given": _("Identity to check"),
    "identity_matches": _("Identity matches"),
    "identity_differs": _("Identity differs"),
    "identity_confirmed": _("Identity confirmed"),
    "identity_locked": _("Link locked"),
    # What staff do
    "join": _("Join"),
    "start": _("Start"),
    "answer": _("Answer"),
    "message": _("Message"),
    "message_many": _("{count} unanswered"),
    "details": _("More"),
    "admit": _("Let in without joining"),
    "hold": _("Put on hold"),
    "back": _("Back to the queue"),
    "transfer": _("Transfer"),
    "confirm": _("Confirm who they are"),
    "unlock": _("Unlock the link"),
    "telephoned": _("I have called"),
    "call_now": _("Call now"),
    "rings": _("{phone} is being called."),
    "deny": _("Do not let in"),
    "close": _("Close"),
    "cancel": _("Go back"),
    "refused": _("That did not work. Try again."),
    "offline": _("Not connected. What you see may be old; trying again…"),
    "signed_out": _("This page is no longer signed in. Load it again."),
    # One person
    "waits_since": _("Waiting since"),
    "booked_for": _("Booked for"),
    "reason": _("Reason"),
    "seen_by": _("Seen by"),
    "waits_in": _("Waits in"),
    "devices": _("Devices"),
    "checked": _("checked {time}"),
    "identity": _("Identity"),
    "open_appointment": _("Open the appointment"),
    "actions": _("Actions"),
    # Not letting in
    "deny_title": _("Do not let {name} in?"),
    "deny_text": _("They see this message and cannot come back by themselves."),
    "deny_message": _("Message (optional)"),
    # Words with somebody who waits
    "message_to": _("Message to {name}"),
    "prepared": _("Prepared texts"),
    "prepared_hint": _("One tap sends it."),
    "wrote": _("New message from {name}"),
    # Who is admitted
    "identity_title": _("Is this {name}?"),
    "identity_text": _("Compare what they gave with what you know before you let them in."),
    "identity_yes": _("Yes, let in and join"),
    "identity_yes_admit": _("Yes, let in"),
    "identity_yes_only": _("Yes, this is {name}"),
    "identity_missing": _("not given"),
    "identity_same": _("as booked"),
    "identity_other": _("differs from the booking"),
    "identity_unknown": _("nothing to compare with"),
    "field_name": _("Name"),
    "field_birth_date": _("Date of birth"),
    "field_phone": _("Telephone"),
    "field_postcode": _("Postcode"),
    "field_reference": _("Reference"),
    # Transfer
    "transfer_title": _("Transfer {name}"),
    "transfer_text": _("They keep their place and are told who sees them now."),
    "transfer_to": _("To whom"),
    "transfer_people": _("Providers"),
    "transfer_areas": _("Groups: whoever is free first"),
    "transfer_done": _("{name} waits for {to} now."),
    # The bar above the queue
    "show": _("Show"),
    "everybody": _("All waiting areas"),
    "only_mine": _("Only mine"),
    "everyones": _("Everyone's"),
    "whose": _("Whose visits"),
    "find": _("Find a name"),
    "hidden": _("{count} more waiting outside of what is shown."),
    "show_all": _("Show all"),
    "queue_open": _("Open"),
    "queue_hours": _("Closed by its hours"),
    "queue_closed": _("Closed"),
    "queue_closed_until": _("Closed until {time}"),
    "queue_close": _("Close the queue"),
    "queue_reopen": _("Open the queue"),
    "queue_close_title": _("Close “{area}”?"),
    "queue_close_text": _("Nobody new can come in. Everybody already waiting keeps their place."),
    "queue_close_for": _("For how long"),
    "queue_until_opened": _("Until somebody opens it"),
    "queue_minutes": _("{minutes} minutes"),
    "queue_words": _("What people who come meanwhile read (optional)"),
    "queue_is_closed": _("“{area}” takes nobody new."),
    # Providers
    "you": _("You"),
    "team": _("Team"),
    "team_away": _("{count} away"),
    "presence_ready": _("Ready"),
    "presence_in_visit": _("In a visit"),
    "presence_away": _("Away"),
    "step_away": _("Step away"),
    "step_away_title": _("Step away for a moment?"),
    "step_away_text": _("People waiting for you see that you are away, and your message."),
    "step_away_words": _("Message (optional), such as “back at 14:00”"),
    "step_away_yes": _("Step away"),
    "come_back": _("I am back"),
    "next": _("Next: {time} {name}"),
    "next_in": _("Next: {time} {name}, in {minutes} min"),
    "next_none": _("Nothing more today"),
    "next_waiting": _("{name} is already waiting"),
    # Alerts
    "sound_on": _("Sound on"),
    "sound_off": _("Sound off"),
    "sound_blocked": _("This browser keeps the page silent until you use it."),
    "sound_allow": _("Turn on the sound"),
    "notify_title": _("{count} waiting · {business}"),
    "notify_wrote": _("New message · {business}"),
    "notify_ask": _("This browser does not show notifications yet."),
    "notify_allow": _("Allow notifications"),
    "notify_granted": _("This browser shows notifications."),
    "notify_denied": _(
        "This browser blocks notifications of this page. Allow them in the settings beside the address."
    ),
    "notify_unsupported": _("This browser cannot show notifications."),
    "push_off": _("This browser does not tell you yet."),
    "push_on": _("This browser tells you, also when the desk is closed."),
    "push_turn_on": _("Tell me in this browser"),
    "push_busy": _("One moment…"),
    "push_denied": _(
        "This browser blocks notifications of this page. Allow them beside the address, then load it again."
    ),
    "push_unsupported": _(
        "This browser cannot tell you while the desk is closed. Firefox, Chrome, Edge and Safari of today can."
    ),
    "push_install": _(
        "On iPhone and iPad, open the desk, press Share, then “Add to Home Screen”, and open it from there."
    ),
    "push_insecure": _("Notifications need a secure address that begins with https. Ask whoever runs this server."),
    "push_failed": _(
        "That did not work: the push service of this browser gave no answer. Try again, or in another browser."
    ),
    # The day
    "day_empty": _("No visits on this day."),
}


def translated() -> dict[str, str]:
    """Return the texts of the language now active, without those that are as in English."""
    words = {key: gettext(text) for key, text in WORDS.items()}
    return {key: text for key, text in words.items() if text != WORDS[key]}
