"""Texts of a call that Microsoft carries on our page, by the keys of `frontend/elements/outside-words.ts`.

A test keeps both lists the same. Braces are filled in by the script and stay as they are.
"""

from django.utils.translation import gettext_noop as _

WORDS = {
    "outside.joining": _("Joining the meeting at Microsoft…"),
    "outside.lobby": _("Waiting to be let in by Teams"),
    "outside.lobby_text": _(
        "You are at the door of the meeting. Somebody inside lets you in: keep this page open, you need not "
        "do anything."
    ),
    "outside.carried": _("Carried by Microsoft, not end-to-end encrypted"),
    "outside.recording": _("Recorded in the meeting"),
    "outside.recording_on": _(
        "This meeting is being recorded by whoever holds it. The recording is kept at Microsoft."
    ),
    "outside.recording_off": _("The recording of the meeting has ended."),
    "outside.transcription": _("Written down in the meeting"),
    "outside.transcription_on": _(
        "What is said is being written down by whoever holds the meeting. It is kept at Microsoft."
    ),
    "outside.transcription_off": _("What is said is no longer written down."),
    "outside.captions_show": _("Captions of the meeting"),
    "outside.captions_hide": _("No captions of the meeting"),
    "outside.captions_failed": _("The meeting gives no captions now."),
    "outside.people": _("In the meeting"),
    # How it ended
    "outside.ended.over": _("The meeting is over"),
    "outside.ended.over_text": _(
        "Whoever held it has ended it. If that was too early, you can join again while the visit is open."
    ),
    "outside.ended.denied": _("You were not let in"),
    "outside.ended.denied_text": _("Nobody in the meeting let you in. You can try again, or ask the business."),
    "outside.ended.removed": _("You were taken out of the meeting"),
    "outside.ended.removed_text": _("Please contact the business if you think this is a mistake."),
    "outside.ended.gone": _("This meeting is not there"),
    "outside.ended.gone_text": _(
        "It was moved or taken away at Microsoft. Try again in a minute, or ask the business."
    ),
    "outside.ended.refused": _("Microsoft does not let you in"),
    "outside.ended.refused_text": _(
        "The way in has run out, or the settings of the meeting keep visitors out. Try again, or ask the business."
    ),
    "outside.ended.network": _("Microsoft cannot be reached from here"),
    "outside.ended.network_text": _(
        "Your connection, or a wall of the network you are in, keeps this page from Microsoft’s servers. Try "
        "again, or another network."
    ),
    "outside.ended.failed": _("Joining the meeting did not work"),
    "outside.ended.failed_text": _(
        "Something went wrong at Microsoft’s side or in this browser. Try again, or another browser."
    ),
    "outside.ended.unloaded": _("The call could not be loaded"),
    "outside.ended.unloaded_text": _(
        "The part of this page that joins the meeting did not come. Load the page again; if that does not "
        "help, tell the business."
    ),
    "outside.again": _("Try again"),
    "outside.elsewhere": _("Go on in Teams on the web"),
    "outside.new_tab": _("opens a new tab"),
    "outside.cause": _("For support: {cause}"),
    "outside.finish": _("I am finished"),
}
