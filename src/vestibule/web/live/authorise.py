"""Who stands behind a socket: the visit's cookie, the staff session, a short ticket, or that of a framed page.

Never the address.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.core import signing
from django.http import HttpRequest
from django.http.request import validate_host

from vestibule.experience import embeds
from vestibule.meetings.models import Meeting, Participant
from vestibule.meetings.waiting import seat_for_staff
from vestibule.people.actors import SESSION_KEY, actor_of_membership
from vestibule.people.errors import Refusal
from vestibule.people.models import Business, CapabilityLink, Membership
from vestibule.people.permissions import Actor, Role
from vestibule.web import languages
from vestibule.web.framed import tickets
from vestibule.web.live.sessions import Staff

VISIT_COOKIE = "vestibule_visit"
OWN_COOKIE = "vestibule_appointment"
"""The cookie of one's own appointment, which browsers send to `/appointment` only."""
VISIT_COOKIE_AGE = timedelta(hours=24)
TICKET_AGE = timedelta(minutes=2)
_VISIT_SALT = "vestibule.visit"
_TICKET_SALT = "vestibule.ticket"


@dataclass(frozen=True)
class Credentials:
    """What a handshake and its hello carried."""

    visit_cookie: str = ""
    session_cookie: str = ""
    ticket: str = ""
    own_cookie: str = ""
    language: str = ""
    """In which a frame is answered; "" for a page that is not in one."""
    frame: tickets.Ticket | None = None
    own_origin: str = ""
    """The ticket of the frame, and the origin of this server, around whose own pages a frame may stand."""


@dataclass(frozen=True)
class Visitor:
    """A seat in a meeting, and the member of staff in it, if it is one: with their provider, if they meet people."""

    seat: str
    meeting: str
    business: Business
    staff: Staff | None = None
    provider_id: int | None = None


def sign_visit(link: CapabilityLink) -> str:
    """Return the value of the `vestibule_visit` cookie for who came by `link`. Set it HttpOnly, SameSite=Lax."""
    return signing.dumps(f"{link.pk}:{link.subject}", salt=_VISIT_SALT)


def read_visit(value: str) -> str | None:
    """Return the participant a `vestibule_visit` cookie names; None if it is false, a day old, or its link revoked.

    A link that has expired still names its participant: what the meeting is like by then says what they see.
    """
    link, _colon, seat_ref = (_signed_text(value, _VISIT_SALT, VISIT_COOKIE_AGE) or "").partition(":")
    if not link.isdecimal():
        return None
    known = CapabilityLink.objects.filter(pk=int(link), subject=seat_ref, revoked_at__isnull=True)
    return seat_ref if known.exists() else None


def ticket_for_seat(seat_ref: str) -> str:
    """Return a ticket (two minutes) with which a page without cookies opens `/ws/visit` for a participant."""
    return signing.dumps(f"seat:{seat_ref}", salt=_TICKET_SALT)


def ticket_for_staff(user_id: int) -> str:
    """Return a ticket (two minutes) with which a page without cookies opens a socket for a member of staff."""
    return signing.dumps(f"user:{user_id}", salt=_TICKET_SALT)


def credentials(scope: Mapping[str, Any], ticket: str = "") -> Credentials:
    """Return what the handshake of `scope` carries, with the hello's `ticket`.

    With a ticket the browser's cookies count for nothing; that of a framed page has its own in it.
    """
    with suppress(tickets.NoTicket):
        return _of_frame(scope, tickets.read(ticket))
    if ticket:
        return Credentials(ticket=ticket)
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                cookies.load(value.decode("latin-1"))
            except CookieError:
                continue
    return Credentials(
        _value(cookies, VISIT_COOKIE),
        _value(cookies, settings.SESSION_COOKIE_NAME),
        ticket,
        _value(cookies, OWN_COOKIE),
    )


def origin_allowed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether a handshake comes from a page of ours: its Origin names this host, or one the settings trust."""
    given = {name: value.decode("latin-1") for name, value in headers}
    origin, host = given.get(b"origin", ""), given.get(b"host", "")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
        own = urlsplit(f"//{host}")
        same = (parts.hostname, _port(parts.port, parts.scheme)) == (own.hostname, _port(own.port, parts.scheme))
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname or not same:
        return False
    return settings.DEBUG or validate_host(_bracketed(parts.hostname), settings.ALLOWED_HOSTS)


def is_still_framed(given: Credentials) -> bool:
    """Tell whether the site around a frame is still one that its business lists; also for what is no frame. Reads the
    database.
    """
    ticket = given.frame
    if ticket is None or ticket.is_app or ticket.origin == given.own_origin:
        return True
    business = Business.objects.filter(slug=ticket.business).first()
    return business is not None and ticket.origin in embeds.origins_of(business)


def visitor(given: Credentials, meeting_ref: str = "") -> Visitor | None:
    """Return whose seat the credentials open, or None. Reads the database; staff get a seat if they have none.

    `meeting_ref` is what staff ask for; a participant's own cookie or ticket counts when it is empty.
    """
    if not is_still_framed(given):
        return None
    if meeting_ref and (user_id := _signed_in(given)[0]) is not None:
        return _staff_visitor(user_id, meeting_ref)
    seat_ref = _seat_of_ticket(given.ticket) if given.ticket else read_visit(given.visit_cookie)
    seat = Participant.objects.select_related("meeting__business").filter(ref=seat_ref).first() if seat_ref else None
    if seat is None or seat.kind == Participant.Kind.PROVIDER:
        return None
    return Visitor(seat.ref, seat.meeting.ref, seat.meeting.business)


def staff(given: Credentials, business_slug: str = "") -> Staff | None:
    """Return the member of staff behind the credentials, or None.

    The business is the named one, else the one chosen in the session, else the first by name.
    """
    user_id, chosen = _signed_in(given)
    if user_id is None:
        return None
    mine = Membership.objects.filter(user_id=user_id, is_active=True).order_by("business__name", "pk")
    if business_slug:
        mine = mine.filter(business__slug=business_slug)
    businesses: list[int] = list(mine.values_list("business_id", flat=True))
    if not businesses:
        return None
    keep = chosen is not None and chosen in businesses and not business_slug
    return Staff(user_id, chosen if keep and chosen is not None else businesses[0])


def staff_of_meeting(given: Credentials, meeting_ref: str) -> Staff | None:
    """Return the signed-in user as staff of the business whose meeting it is, or None; `actor_of` says if they are."""
    user_id, _chosen = _signed_in(given)
    business_id = Meeting.objects.filter(ref=meeting_ref).values_list("business_id", flat=True).first()
    return Staff(user_id, business_id) if user_id is not None and business_id is not None else None


def actor_of(who: Staff) -> Actor | None:
    """Return the actor for a member of staff as the database has it now, or None once they are no longer one."""
    found = (
        Membership.objects.select_related("user", "provider")
        .filter(user_id=who.user_id, business_id=who.business_id, is_active=True, user__is_active=True)
        .first()
    )
    return actor_of_membership(found) if found is not None else None


def roles(people: Collection[Staff]) -> dict[Staff, Role]:
    """Return the role each of `people` has now; whoever works for the business no more is left out."""
    rows = Membership.objects.filter(
        user_id__in={one.user_id for one in people}, is_active=True, user__is_active=True
    ).values_list("user_id", "business_id", "role")
    return {Staff(user, business): Role(role) for user, business, role in rows}


def business_of(who: Staff) -> Business:
    """Return the business a member of staff works in."""
    found: Business = Business.objects.get(pk=who.business_id)
    return found


def _of_frame(scope: Mapping[str, Any], ticket: tickets.Ticket) -> Credentials:
    accepted = b"".join(value for name, value in scope["headers"] if name == b"accept-language").decode("latin-1")
    held = ticket.cookies
    return Credentials(
        held.get(VISIT_COOKIE, ""),
        own_cookie=held.get(OWN_COOKIE, "") if scope.get("path", "").startswith("/appointment/") else "",
        language=languages.heard(held.get(settings.LANGUAGE_COOKIE_NAME, ""), accepted) or settings.LANGUAGE_CODE,
        frame=ticket,
        own_origin=settings.PUBLIC_URL or _origin_of(scope),
    )


def _origin_of(scope: Mapping[str, Any]) -> str:
    """Return the origin a handshake was sent to."""
    host = b"".join(value for name, value in scope["headers"] if name == b"host").decode("latin-1")
    return f"{'https' if scope.get('scheme') in ('https', 'wss') else 'http'}://{host}"


def _staff_visitor(user_id: int, meeting_ref: str) -> Visitor | None:
    meeting = Meeting.objects.select_related("business").filter(ref=meeting_ref).first()
    if meeting is None:
        return None
    who = Staff(user_id, meeting.business_id)
    actor = actor_of(who)
    if actor is None:
        return None
    try:
        seat = seat_for_staff(actor, meeting_ref)
    except Refusal:
        return None
    return Visitor(seat.ref, meeting.ref, meeting.business, who, actor.provider_id)


def _signed_in(given: Credentials) -> tuple[int | None, int | None]:
    """Return the user behind a ticket or session, and the business the session has chosen."""
    if given.ticket:
        text = _signed_text(given.ticket, _TICKET_SALT, TICKET_AGE) or ""
        number = text.removeprefix("user:")
        return (int(number) if text.startswith("user:") and number.isdecimal() else None), None
    if not given.session_cookie:
        return None, None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(given.session_cookie)
    user = get_user(request)
    if not (user.is_authenticated and user.is_active):
        return None, None
    return user.pk, request.session.get(SESSION_KEY)


def _seat_of_ticket(ticket: str) -> str | None:
    text = _signed_text(ticket, _TICKET_SALT, TICKET_AGE) or ""
    return text.removeprefix("seat:") if text.startswith("seat:") else None


def _signed_text(value: str, salt: str, age: timedelta) -> str | None:
    try:
        text = signing.loads(value, salt=salt, max_age=age)
    except (signing.BadSignature, ValueError):
        return None
    return text if isinstance(text, str) else None


def _value(cookies: SimpleCookie, name: str) -> str:
    return cookies[name].value if name in cookies else ""


def _port(port: int | None, scheme: str) -> int:
    return port or (443 if scheme == "https" else 80)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
