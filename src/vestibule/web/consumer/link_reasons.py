"""What a person is told about a join link that opens nothing here: what happened, and what to do next."""

from django.utils.translation import gettext as _

CUT_OFF = frozenset(
    {
        "not_a_url",
        "not_absolute",
        "control_character",
        "too_long",
        "bad_token",
        "missing_thread",
        "bad_thread_id",
        "missing_context",
        "context_not_json",
        "missing_organizer",
        "missing_meeting_id",
        "missing_room",
        "missing_user",
        "bad_room_id",
        "bad_user_id",
    }
)
NOT_A_MEETING = frozenset(
    {
        "not_a_meeting_link",
        "unknown_teams_path",
        "live_event_unsupported",
        "group_call_unsupported",
        "teams_consumer_unsupported",
        "unknown_own_path",
    }
)


def sentence(result: str, reason: str | None) -> str:
    """Return what to say of a link that `meetings.visit_links` read as `result`, for `reason` if it is invalid.

    Not for visits here and meetings of Teams, which have pages of their own.
    """
    if result == "rooms":
        return _("This link is for a video room that this page cannot open.")
    if reason in CUT_OFF:
        return _("A part of the link is missing or was changed on its way. Copy the whole of it from your message.")
    if reason in NOT_A_MEETING:
        return _("The link is real, but it does not lead to a visit. Look for the one that says “Join”.")
    if reason == "no_locator":
        return _("You need the link from your mail or text message.")
    return _("This link leads to an address we do not know, so we did not open it. Use the one from your own message.")
