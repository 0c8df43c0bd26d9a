"""Texts of staff for a visit held elsewhere, as in Teams, by the keys of `frontend/elements/elsewhere-host-words.ts`.

A test keeps both lists the same. Braces are filled in by the script and stay as they are.
"""

from django.utils.translation import gettext_noop as _

WORDS = {
    "elsewhere.staff_ready": _("This visit takes place in Microsoft Teams"),
    "elsewhere.staff_ready_text": _("Whoever you let in gets the way to Teams on their page."),
    "elsewhere.staff_making": _("The meeting in Teams is being made"),
    "elsewhere.staff_making_text": _(
        "This takes a minute at most. You can let people in meanwhile: they see that it is being opened."
    ),
    "elsewhere.staff_late": _("The meeting in Teams is not there yet"),
    "elsewhere.staff_failed": _("The meeting in Teams could not be made"),
    "elsewhere.staff_failed_text": _("Try again, or meet here: then the visit goes on in a call on this page."),
    "elsewhere.join": _("Join in Teams"),
    "elsewhere.again": _("Try again"),
    "elsewhere.again_done": _("It is being tried again."),
    "elsewhere.meet_here": _("Meet here instead"),
    "elsewhere.meet_here_why": _("Trouble with Teams?"),
    "elsewhere.who": _("Who comes"),
    "elsewhere.nobody": _("Nobody has come yet."),
    "elsewhere.is_waiting": _("Waiting"),
    "elsewhere.is_in": _("Let in"),
    "elsewhere.is_away": _("Not on the page now"),
    "elsewhere.has_left": _("Finished"),
    "elsewhere.end_text": _("Everybody's page says that the visit is over. Leave the meeting in Teams yourself."),
    "elsewhere.messages_note_staff": _("Read on our pages by whoever was let in. This is not the chat in Teams."),
}
