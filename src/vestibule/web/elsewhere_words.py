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
}
