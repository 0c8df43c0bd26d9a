"""What staff are told of a join link: what it is, part by part, and why it is refused, each reason for itself."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
KINDS: Mapping[str, Words] = {
    "own_visit": _("A visit here"),
    "teams_link": _("A Microsoft Teams meeting"),
    "teams_meeting_id": _("A Microsoft Teams meeting, by its number"),
    "room": _("A room of Azure Communication Services"),
}
PARTS: Mapping[str, Words] = {
    "thread_id": _("Thread"),
    "message_id": _("Message"),
    "tenant_id": _("Organisation (tenant)"),
    "organizer_id": _("Organiser"),
    "meeting_id": _("Number of the meeting"),
    "passcode": _("Passcode"),
    "cloud": _("Cloud"),
    "room_id": _("Room"),
    "user_id": _("User"),
}
CLOUDS: Mapping[str, Words] = {"gcch": _("US government (GCC High)"), "dod": _("US Department of Defense")}
IN_TEAMS = _("That their visit is in Microsoft Teams, and a button that leads there.")
REASONS: Mapping[str, Words] = {
    "no_locator": _("It says nothing of a meeting: there is no v, meetingURL, meetingId or roomId in it."),
    "not_a_url": _("This is no address. It should begin with https://."),
    "not_absolute": _("The beginning is missing. Put https:// and the host before it."),
    "scheme_not_https": _("It does not begin with https://, so it is not opened."),
    "userinfo_not_allowed": _("There is an @ in its host, by which links pretend to lead elsewhere."),
    "port_not_allowed": _("It names a port, which no real meeting link does."),
    "host_not_allowed": _("It leads to a host that holds no meetings we know."),
    "inner_host_not_allowed": _("A wrapper is around it, and inside is a host that holds no meetings we know."),
    "unknown_redirector": _("It goes through a forwarding service that is not opened. Paste the link it leads to."),
    "wrapper_nesting": _("The same wrapper is around it twice. Paste the link inside."),
    "control_character": _("There are invisible control characters in it. Copy it again, as one line."),
    "too_long": _("It is longer than any meeting link."),
    "not_a_meeting_link": _("It is of Teams, but of no meeting: a chat, a channel or a file."),
    "unknown_teams_path": _("It is of Teams, but its path is none that meetings have. Perhaps a part is missing."),
    "missing_thread": _("The thread of the meeting is missing from it."),
    "bad_thread_id": _("The thread in it is damaged: it should read 19:…@thread.v2."),
    "missing_context": _("Its end, the context, is missing: it was probably cut off at the question mark."),
    "context_not_json": _("The context at its end is damaged or cut off."),
    "missing_organizer": _("The organiser (Oid) is missing from its context."),
    "missing_meeting_id": _("The number of the meeting is missing, or is no number."),
    "teams_consumer_unsupported": _("It is of Teams for private use, which cannot be joined from outside."),
    "live_event_unsupported": _("It is of a live event or town hall, which is watched and not joined."),
    "group_call_unsupported": _("It is of a group call, which has no room that keeps strangers out."),
    "missing_room": _("It has a userId and no roomId."),
    "missing_user": _("It has a roomId and no userId: each person needs a link of their own."),
    "bad_room_id": _("The roomId is no number of a room."),
    "bad_user_id": _("The userId is none of Azure Communication Services: it should read 8:acs:…"),
    "bad_token": _("What stands behind v= is damaged or cut off."),
    "unknown_own_path": _("It is of this server, but opens no visit: it should lead to /visit."),
}
