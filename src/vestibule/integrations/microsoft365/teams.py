"""Meetings in Teams for appointments: made, moved and taken away by Graph, with the business' account.

A meeting is asked for by `createOrGet` with the appointment's meeting as its `externalId`, so that one whose answer was
lost is found again and never made twice: https://learn.microsoft.com/graph/api/onlinemeeting-createorget. That call
takes its time and title alone; who waits in the lobby and who presents is set by a second one. Whoever holds a meeting
cannot be changed: it is taken away and made anew.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

from django.utils.translation import gettext_noop

from vestibule.integrations import entra
from vestibule.integrations.microsoft365.application import GRAPHS, Application
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused
from vestibule.integrations.microsoft365.graph import LARGEST, ONE_REQUEST, Graph, Json, of_user
from vestibule.integrations.outward import MAILBOX, Web
from vestibule.meetings.ports import PlaceError, PlaceMade, PlaceOrder
from vestibule.people.ports import NotConnected

SECONDS = 40.0
VISITORS = "VirtualAppointment.Read.All"
"""The permission to ask for Microsoft's own page for visitors, which not everybody grants."""
PRESENTER = "presenter"
MOST_NAMES = 5
"""How often a meeting is asked for under a new name, when the one it had is taken by a meeting that is gone."""

SETTLES = timedelta(minutes=10)

NO_ACCOUNT = gettext_noop(
    "The account at Microsoft 365 is missing or cannot be used. Whoever sets the business up mends it under Set-up,"
    " Microsoft 365."
)
NOBODY = gettext_noop(
    "Nobody can hold this meeting: the provider has no e-mail address. Enter the one they have in Teams, or name"
    " somebody under Set-up, Microsoft 365."
)
NO_POLICY = gettext_noop(
    "Teams does not let us make meetings for this provider: the permission or the application access policy is missing."
    " Set-up, Microsoft 365 shows what to type; it takes half an hour."
)
UNKNOWN = gettext_noop(
    "Teams knows nobody with the provider’s e-mail address who could hold the meeting. Check how it is written, and"
    " that the person has a licence with Teams."
)
NOT_LET_IN = gettext_noop(
    "Microsoft does not let us in: the secret has expired or was changed. Whoever sets the business up types a new one"
    " under Set-up, Microsoft 365."
)
LIMIT = gettext_noop(
    "Teams asks us to wait: too much was asked at once, or the provider has had the 2,000 meetings of this month. We go"
    " on trying."
)
AWAY = gettext_noop("Teams could not be reached. Nothing is lost; we go on trying.")
REFUSED = gettext_noop(
    "Teams refused to make or change the meeting. Try again, or meet here and tell whoever runs this."
)


class Teams:
    """Holds meetings of one tenant. Nothing of consumers is told but that a meeting takes place."""

    sleep = staticmethod(time.sleep)

    def __init__(self, application: Application, web: Web) -> None:
        self._application, self._web = application, web

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the adapter for a business' account; `allowed` hosts are not Microsoft's. Raises PlaceError."""
        try:
            application = Application.read(access, allowed)
        except NotConnected:
            raise PlaceError(NO_ACCOUNT, permanent=True) from None
        return cls(application, Web(entra.reach(allowed), seconds=ONE_REQUEST, largest=LARGEST))

    def close(self) -> None:
        """Let connections go."""
        self._web.close()

    def put(self, order: PlaceOrder, known: PlaceMade | None) -> PlaceMade:
        """Make the meeting, or bring it to what is ordered; one that was deleted in Teams is made again."""
        organizer = (known.details.get("organizer", "") if known else "") or order.organizer
        organizer = organizer or self._application.organizer
        if not MAILBOX.fullmatch(organizer):
            raise PlaceError(NOBODY, permanent=True, nothing_there=True)
        graph, user = self._graph(), of_user(organizer)
        try:
            meeting = self._changed(graph, _at(user, known.external_id), order) if known is not None else None
            if meeting is None:
                meeting = self._made(graph, user, order)
            place = _place(meeting, organizer, self._consumer_url(graph, user, meeting, known))
            return replace(place, details={**place.details, **_home(place, self._application)})
        except GraphError as failure:
            raise _trouble(failure) from failure

    def take_away(self, known: PlaceMade, organizer: str) -> None:
        """Delete the meeting."""
        organizer = known.details.get("organizer", "") or organizer
        try:
            self._graph().delete(_at(of_user(organizer), known.external_id))
        except GraphError as failure:
            if not failure.is_missing:
                raise _trouble(failure) from failure

    def _graph(self) -> Graph:
        """Return a client with the time there is for one call."""
        return Graph(self._application, self._web, SECONDS, self.sleep)

    def _made(self, graph: Graph, user: str, order: PlaceOrder) -> Json:
        """Return the meeting of an order, made unless it is there; what was deleted in Teams may leave its name taken.

        One that was made just now, and is not there, comes to be there: Graph takes a while to know it everywhere.
        """
        for number in range(1, MOST_NAMES + 1):
            name = order.key if number == 1 else f"{order.key}-{number}"
            made = graph.post(f"{user}/onlineMeetings/createOrGet", {"externalId": name, **_times(order)})
            at = _at(user, _ref(made))
            try:
                meeting = self._changed(graph, at, order)
            except GraphError as failure:
                if not _is_passing(failure):
                    _clear_up(graph, at)
                raise
            if meeting is not None:
                return meeting
            if _is_new(made):
                break
            _clear_up(graph, at)
        raise GraphError("Graph names a meeting that is not there", status=502)

    def _changed(self, graph: Graph, at: str, order: PlaceOrder) -> Json | None:
        """Return a meeting after it was brought to what is ordered; None where it is gone."""
        try:
            try:
                changed = graph.patch(at, _wanted(order))
            except GraphError as failure:
                if failure.status != 400 or not _staff(order):
                    raise
                # Somebody has another address in Teams than with us: whoever is of the organisation may present then.
                changed = graph.patch(at, _wanted(order, by_name=False))
            return changed if changed.get("joinWebUrl") else graph.get(at)
        except GraphError as failure:
            if failure.is_missing:
                return None
            raise

    def _consumer_url(self, graph: Graph, user: str, meeting: Json, known: PlaceMade | None) -> str:
        """Return Microsoft's own page for visitors of this meeting; "" where that cannot be had, which is no error."""
        if known is not None and known.external_id == _ref(meeting):
            return known.details.get("consumer_url", "")
        try:
            if VISITORS not in graph.granted():
                return ""
            return _text(graph.get(f"{_at(user, _ref(meeting))}/getVirtualAppointmentJoinWebUrl()").get("value"))
        except GraphError:
            return ""


def _clear_up(graph: Graph, at: str) -> None:
    """Leave nothing behind that nobody may use as it is. Raises GraphError where that is not known to be done."""
    try:
        graph.delete(at)
    except GraphError as failure:
        if not failure.is_missing:
            raise GraphError(f"what was made could not be taken away: {failure}", status=0) from failure


def _is_new(made: Json) -> bool:
    """Tell whether a meeting was made so lately that it may not be known everywhere, or nobody knows when it was."""
    try:
        at = datetime.fromisoformat(f"{_text(made.get('creationDateTime'))[:19]}+00:00")
    except ValueError:
        return True
    return datetime.fromtimestamp(time.time(), UTC) - at < SETTLES


def _wanted(order: PlaceOrder, *, by_name: bool = True) -> Json:
    """Return what a meeting is to be. Everybody from outside waits in the lobby, also whoever rings in."""
    staff = _staff(order) if by_name else []
    presents = "organizer" if not _staff(order) else "roleIsPresenter"
    return {
        **_times(order),
        "lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": False},
        "allowedPresenters": presents if by_name and order.organizer else "organization",
        "participants": {"attendees": staff},
    }


def _times(order: PlaceOrder) -> Json:
    return {
        "subject": order.title,
        "startDateTime": f"{order.start:%Y-%m-%dT%H:%M:%S}Z",
        "endDateTime": f"{order.end:%Y-%m-%dT%H:%M:%S}Z",
    }


def _staff(order: PlaceOrder) -> list[Json]:
    """Return whoever else of the organisation takes part, by their addresses."""
    there = {order.organizer.casefold()}
    found = []
    for seat in order.seats:
        if MAILBOX.fullmatch(seat.email) and seat.email.casefold() not in there:
            there.add(seat.email.casefold())
            found.append({"upn": seat.email, "role": PRESENTER if seat.role == PRESENTER else "attendee"})
    return found


def _place(meeting: Json, organizer: str, consumer_url: str) -> PlaceMade:
    by_hand, chat = meeting.get("joinMeetingIdSettings"), meeting.get("chatInfo")
    numbers: Json = by_hand if isinstance(by_hand, dict) else {}
    if not _text(meeting.get("joinWebUrl")):
        raise GraphError("Graph did not say how to join the meeting", status=502)
    return PlaceMade(
        external_id=_ref(meeting),
        join_url=_text(meeting["joinWebUrl"]),
        number=_text(numbers.get("joinMeetingId")),
        passcode=_text(numbers.get("passcode")),
        chat=unquote(_text(chat.get("threadId") if isinstance(chat, dict) else "")),
        details={"organizer": organizer} | ({"consumer_url": consumer_url} if consumer_url else {}),
    )


def _home(place: PlaceMade, application: Application) -> dict[str, str]:
    """Return where another Vestibule is that holds the meeting itself; nothing where its link leads elsewhere."""
    there, link = urlsplit(application.graph), urlsplit(place.join_url)
    is_there = application.graph not in GRAPHS.values() and (link.scheme, link.netloc) == (there.scheme, there.netloc)
    return {"home": f"{there.scheme}://{there.netloc}"} if is_there else {}


def _ref(meeting: Json) -> str:
    found = _text(meeting.get("id"))
    if not found:
        raise GraphError("Graph did not say where the meeting stands", status=502)
    return found


def _text(told: Any) -> str:
    return told if isinstance(told, str) and len(told) <= 4000 else ""


def _at(user: str, ref: str) -> str:
    return f"{user}/onlineMeetings/{quote(ref, safe='')}"


def _is_passing(failure: GraphError) -> bool:
    """Tell whether it may be done later as it is; somebody else may have changed the meeting at the same moment."""
    return failure.is_passing or failure.status in (409, 412)


def _trouble(failure: GraphError) -> PlaceError:
    """Return what staff are told of an error: a sentence and, below it, what whoever mends it needs."""
    detail = str(failure) + (f", request {failure.request_id}" if failure.request_id else "")
    if isinstance(failure, SignInRefused) or failure.status == 401:
        words = NOT_LET_IN
    elif failure.status == 429 or failure.code in ("quotaLimitReached", "activityLimitReached"):
        words = LIMIT
    else:
        words = (
            AWAY if _is_passing(failure) else {403: NO_POLICY, 404: UNKNOWN, 410: UNKNOWN}.get(failure.status, REFUSED)
        )
    return PlaceError(
        f"{words}\n{detail}",
        permanent=words not in (AWAY, LIMIT),
        wait=failure.wait.total_seconds() if failure.wait is not None else 0,
        nothing_there=words == UNKNOWN,
    )
