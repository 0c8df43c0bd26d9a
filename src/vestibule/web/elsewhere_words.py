"""Texts of a visit held elsewhere, as in Teams, by the keys of `frontend/elements/elsewhere-words.ts`, to translate.

A test keeps both lists the same. Braces are filled in by the script and stay as they are.
"""

from django.utils.translation import gettext_noop as _

WORDS = {
    # Whoever was let in
    "elsewhere.ready": _("{provider} is ready for you"),
    "elsewhere.ready_text": _(
        "Your visit takes place in Microsoft Teams. It opens in a new tab; you need neither an account nor a program."
    ),
    "elsewhere.open": _("Open Teams in the browser"),
    "elsewhere.new_tab": _("opens a new tab"),
    "elsewhere.lobby": _("Teams may ask you to wait there for a moment. {provider} lets you in."),
    "elsewhere.opened": _("Your visit is in Microsoft Teams"),
    "elsewhere.opened_text": _(
        "Look for the other tab. Come back to this page when you are finished there, or when something does not work."
    ),
    "elsewhere.open_again": _("Open Teams again"),
    "elsewhere.making_text": _(
        "The meeting in Microsoft Teams is being opened. The way in appears here within a minute or two: keep "
        "this page open."
    ),
    "elsewhere.failed": _("One moment, please"),
    "elsewhere.failed_text": _(
        "The meeting in Microsoft Teams cannot be opened yet. You need not do anything: {provider} sees this too,"
        " and your place is kept. This page tells you how it goes on."
    ),
    "elsewhere.number": _("Meeting ID"),
    "elsewhere.passcode": _("Passcode"),
    "elsewhere.by_number": _("Join with a meeting ID instead"),
    "elsewhere.by_number_text": _("In Teams choose “Join with an ID”, then type these:"),
    "elsewhere.finished": _("I am finished"),
    "elsewhere.give_up": _("I cannot wait any longer"),
    "elsewhere.title_tab": _("In Teams"),
    # The conversation beside it
    "elsewhere.messages": _("Messages with {business}"),
    "elsewhere.messages_note": _(
        "Does something not work? Write here. This is not the chat in Teams: what is written there is not shown here."
    ),
    "elsewhere.messages_note_staff": _("Read on our pages by whoever was let in. This is not the chat in Teams."),
    # Staff
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
}
