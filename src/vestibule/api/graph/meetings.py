"""Online meetings of somebody here: rooms with a waiting room, joined by a link, or by number and passcode."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.utils.html import escape

from vestibule.api.graph import expressions, odata, users, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.expressions import Compared
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer, Operations
from vestibule.meetings import online, online_door, visit_rules
from vestibule.meetings.models import OnlineMeeting, VisitRules
from vestibule.meetings.online import Attendee, Wish
from vestibule.people.models import Provider

Json = dict[str, Any]
READ = frozenset({"OnlineMeetings.Read.All", "OnlineMeetings.ReadWrite.All"})
WRITE = frozenset({"OnlineMeetings.ReadWrite.All"})
VISITORS = frozenset({"VirtualAppointment.Read.All"})
ROLES = ("attendee", "presenter", "coorganizer", "producer")
SCOPES = ("organizer", "invited", "organization", "organizationExcludingGuests", "organizationAndFederated", "everyone")
HELD = ("organization", "organizationExcludingGuests", "organizer", "invited")
"""What a program may ask for: everybody from outside waits, and staff of the business do not."""
FOUND_BY = {"joinweburl": online.by_address, "joinmeetingidsettings/joinmeetingid": online.by_number}

operations: Operations[Asked] = Operations()
on = users.of_users(operations)


@on("POST", "/onlineMeetings", permissions=WRITE, operation="users.CreateOnlineMeetings")
def create(asked: Asked) -> Answer:
    """Make a meeting."""
    organizer, told = users.user_of(asked), asked.body()
    name = values.text(told.get("externalId"), "externalId", 256)
    row, _is_new = online.make(asked.actor, organizer, _wish(asked, told, is_new=True), external_id=name)
    return _single(asked, row, status=201)


@on("POST", "/onlineMeetings/createOrGet", permissions=WRITE, operation="users.user.onlineMeetings.createOrGet")
def create_or_get(asked: Asked) -> Answer:
    """Make a meeting unless there is one by the name the program gives; the one there is stays as it is."""
    organizer, told = users.user_of(asked), asked.body()
    name = values.text(users.member(told, "externalId"), "externalId", 256)
    if not name:
        raise Fault(400, "BadRequest", "Give an externalId, by which the meeting is found again.", target="externalId")
    row, is_new = online.make(asked.actor, organizer, _wish(asked, told, is_new=True), external_id=name)
    return _single(asked, row, status=201 if is_new else 200)


@on("GET", "/onlineMeetings", permissions=READ, operation="users.ListOnlineMeetings")
def listed(asked: Asked) -> Answer:
    """Find a meeting by its link or its number: there is no list of all, as in Graph."""
    organizer = users.user_of(asked)
    by = _found_by(asked.query.get("$filter", ""))
    if by is None:
        words = "Meetings are found by $filter=JoinWebUrl eq '…' or joinMeetingIdSettings/joinMeetingId eq '…'."
        raise Fault(400, "BadRequest", words, target="$filter")
    find, given = by
    row = find(asked.actor, organizer, given)
    return odata.collection(asked, _context(organizer), [shown(row)] if row is not None else [])


@on("GET", "/onlineMeetings/{meetingId}", permissions=READ, operation="users.GetOnlineMeetings")
def get(asked: Asked) -> Answer:
    """Show a meeting."""
    return _single(asked, found(asked))


@on("PATCH", "/onlineMeetings/{meetingId}", permissions=WRITE, operation="users.UpdateOnlineMeetings")
def change(asked: Asked) -> Answer:
    """Change what is said; the rest stays."""
    row = online.change(asked.actor, found(asked), _wish(asked, asked.body(), is_new=False))
    return _single(asked, row)


@on("DELETE", "/onlineMeetings/{meetingId}", permissions=WRITE, operation="users.DeleteOnlineMeetings")
def remove(asked: Asked) -> Answer:
    """Take a meeting away: its link and its number open nothing any more."""
    online.remove(asked.actor, found(asked))
    return Answer(204)


@on(
    "GET",
    "/onlineMeetings/{meetingId}/getVirtualAppointmentJoinWebUrl()",
    permissions=VISITORS,
    operation="users.item.onlineMeetings.item.getVirtualAppointmentJoinWebUrl.Get",
)
def join_address(asked: Asked) -> Answer:
    """Return the page for people from outside: here everybody's link leads there."""
    return odata.value(asked, "Edm.String", online_door.address_of(found(asked).meeting))


def _found_by(given: str) -> tuple[Callable[..., OnlineMeeting | None], str] | None:
    """Return what finds the meeting that `$filter` names, and by what. Raises Fault for what is no filter at all."""
    if not given.strip():
        return None
    read = expressions.read(given)
    if not isinstance(read, Compared) or read.how != "eq" or not read.value.is_quoted:
        return None
    find = FOUND_BY.get(read.member)
    return (find, read.value.text) if find is not None else None


# --- what is written and read -------------------------------------------------------------------------------------


def shown(row: OnlineMeeting) -> Json:
    """Return a meeting as Graph writes it. What the business' rules decide is told as they decide it."""
    meeting, passcode = row.meeting, online_door.passcode_of(row)
    address = online_door.address_of(meeting)
    return {
        "id": meeting.ref,
        "creationDateTime": values.written_moment(meeting.created_at),
        "startDateTime": values.written_moment(meeting.starts_at),
        "endDateTime": values.written_moment(meeting.ends_at),
        "expiryDateTime": values.written_moment(meeting.closes_at),
        "subject": meeting.title,
        "externalId": row.external_id or None,
        "joinWebUrl": address or None,
        "joinMeetingIdSettings": {
            "isPasscodeRequired": row.needs_passcode,
            "joinMeetingId": str(meeting.number),
            "passcode": passcode or None,
        },
        "joinInformation": _information(address, str(meeting.number), passcode),
        "participants": {
            "organizer": _participant(row.organizer, "presenter"),
            "attendees": _attendees(row),
        },
        "chatInfo": {"threadId": meeting.thread.wire_id, "messageId": "0", "replyChainMessageId": None},
        "lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": False},
        "allowedLobbyAdmitters": "organizerAndCoOrganizersAndPresenters",
        **_rules(visit_rules.of(row.business_id)),
        "videoTeleconferenceId": None,
        "isBroadcast": False,
    }


def _rules(rules: VisitRules) -> Json:
    return {
        "allowedPresenters": "everyone" if rules.consumers_share else "organization",
        "allowMeetingChat": "enabled" if rules.chat else "disabled",
        "allowRecording": rules.recording,
        "allowTranscription": False,
        "recordAutomatically": False,
        "allowAttendeeToEnableCamera": True,
        "allowAttendeeToEnableMic": True,
        "isEntryExitAnnounced": False,
    }


def _participant(provider: Provider, role: str) -> Json:
    identity = {"user": {"id": provider.ref, "displayName": provider.name}}
    return {"upn": users.address_of(provider), "role": role, "identity": identity}


def _attendees(row: OnlineMeeting) -> list[Json]:
    seats = row.meeting.participants.filter(provider__isnull=False).select_related("provider__membership__user")
    ours = {users.address_of(one.provider).casefold(): one.provider for one in seats}
    told = []
    for one in row.attendees:
        provider = ours.get(one["upn"].casefold())
        if provider is not None and provider.pk != row.organizer_id:
            told.append(_participant(provider, one["role"]))
        else:
            told.append({"upn": one["upn"], "role": one["role"], "identity": None})
    return told


def _information(address: str, number: str, passcode: str) -> Json:
    lines = [f'<a href="{escape(address)}">{escape(address)}</a>', f"Meeting ID: {number}"]
    lines += [f"Passcode: {passcode}"] if passcode else []
    return {"contentType": "html", "content": "data:text/html," + quote("<br>".join(lines))}


def _single(asked: Asked, row: OnlineMeeting, *, status: int = 200) -> Answer:
    return odata.single(asked, _context(row.organizer), shown(row), status=status)


def _context(organizer: Provider) -> str:
    return f"users('{organizer.ref}')/onlineMeetings"


def found(asked: Asked) -> OnlineMeeting:
    """Return the meeting that the address of a request names. Raises NotFound, Fault."""
    return online.find(asked.actor, users.user_of(asked), asked.params["meetingId"])


def _wish(asked: Asked, told: Json, *, is_new: bool) -> Wish:
    """Return what a program wants of a meeting. Raises Invalid, Fault for what a meeting here never is."""
    _require_possible(told)
    start, end = (
        values.instant(told[name], name) if told.get(name) is not None else None
        for name in ("startDateTime", "endDateTime")
    )
    if is_new and start is not None and end is None:
        end = start + timedelta(hours=1)
    by_hand = told.get("joinMeetingIdSettings")
    needs = values.an_object(by_hand, "joinMeetingIdSettings").get("isPasscodeRequired") if by_hand else None
    return Wish(
        title=values.text(told["subject"], "subject", 1000)[:160] if "subject" in told else None,
        start=start,
        end=end,
        needs_passcode=values.yes_or_no(needs, "joinMeetingIdSettings/isPasscodeRequired")
        if needs is not None
        else None,
        attendees=_wanted_attendees(asked, told.get("participants")),
    )


def _wanted_attendees(asked: Asked, told: Any) -> list[Attendee] | None:
    """Return the full list of who else takes part; None where nothing is said of it."""
    if not isinstance(told, dict) or told.get("attendees") is None:
        return None
    wanted = []
    for number, one in enumerate(values.objects(told["attendees"], "participants/attendees")):
        field = f"participants/attendees/{number}"
        role = values.choice(one["role"], ROLES, f"{field}/role") if one.get("role") is not None else None
        wanted.append(Attendee(_upn(asked, one, field), role or "attendee"))
    return wanted


def _upn(asked: Asked, told: Json, field: str) -> str:
    upn = values.text(told.get("upn"), f"{field}/upn", 254)
    identity = told.get("identity")
    user = identity.get("user") if isinstance(identity, dict) else None
    if not upn and isinstance(user, dict):
        provider = users.known(asked, str(user.get("id", "")))
        upn = users.address_of(provider) if provider is not None else ""
    if not upn:
        raise Fault(400, "BadRequest", "Name attendees by their address, as upn.", target=f"{field}/upn")
    return upn


def _require_possible(told: Json) -> None:
    """Raise Fault where a program wants what would let people past the waiting room, or record without being asked."""
    lobby = told.get("lobbyBypassSettings")
    if lobby is not None:
        lobby = values.an_object(lobby, "lobbyBypassSettings")
        scope = values.choice(lobby["scope"], SCOPES, "lobbyBypassSettings/scope") if lobby.get("scope") else None
        if scope is not None and scope not in HELD:
            words = "Nobody from outside comes in here before somebody lets them in. Ask for the scope organization."
            raise Fault(400, "BadRequest", words, target="lobbyBypassSettings/scope")
        if lobby.get("isDialInBypassEnabled"):
            words = "Whoever dials in waits here as everybody does."
            raise Fault(400, "BadRequest", words, target="lobbyBypassSettings/isDialInBypassEnabled")
    if told.get("recordAutomatically") is True:
        words = "Nothing is recorded here before staff begin it and everybody is told."
        raise Fault(400, "BadRequest", words, target="recordAutomatically")
