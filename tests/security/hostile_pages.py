"""Everything that shows what a business wrote: pages of consumers and staff, files, messages, as somebody gets them.

Pages are found by the lists of addresses, so that a page that is new is looked at, or asks here for what it is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

from django.test import Client
from django.urls import URLPattern, reverse

from tests.booking.factories import INES, at, book, holder_of, wish_for
from tests.factories import manager_of
from tests.security import hostile
from tests.web.framed.frame import Frame, allow
from tests.web.manager import things
from tests.web.manager.office import Office, make_office
from vestibule.booking import lifecycle, links, requests, waitlist
from vestibule.booking.models import Appointment, Service
from vestibule.booking.wishes import Contact
from vestibule.calendars import feeds
from vestibule.experience import parcel, survey
from vestibule.experience.models import SurveyQuestion
from vestibule.experience.preview import State
from vestibule.integrations import mime
from vestibule.meetings import areas, notes
from vestibule.meetings.models import Meeting, Participant, VisitNote
from vestibule.notifications import content, own_words
from vestibule.notifications.models import OutboxMessage
from vestibule.people import links as capability
from vestibule.people import rates
from vestibule.people.actors import actor_of_membership
from vestibule.people.models import Business, CapabilityLink
from vestibule.people.permissions import PUBLIC, Role
from vestibule.store import clock
from vestibule.web.consumer.urls import urlpatterns as of_consumers
from vestibule.web.conversations.urls import urlpatterns as of_conversations
from vestibule.web.manager.experience import steps
from vestibule.web.manager.urls import urlpatterns as of_managers
from vestibule.web.provider.urls import urlpatterns as of_providers

TUESDAY = timedelta(days=1)


@dataclass
class Stage:
    """A business whose every text is a payload, in the middle of a day's work."""

    office: Office
    addresses: dict[str, str]
    visited: Appointment
    booked: Appointment
    asked: Appointment
    note: VisitNote
    waits: str
    seats: dict[str, Participant] = field(default_factory=dict)

    @property
    def business(self) -> Business:
        return Business.objects.get(pk=self.office.business.pk)


def make_stage(published: hostile.Told, drafted: hostile.Told | None) -> Stage:
    """Publish one document, and have another as the draft over it."""
    rates.forget_all()
    office = make_office()
    about = things.fill(office)
    owner = actor_of_membership(office.staff[Role.OWNER])
    hostile.publish(owner, office.business, published)
    if drafted is not None:
        hostile.load(owner, office.business, drafted)
    office.visit = Service.objects.get(pk=office.visit.pk)
    request = Service.objects.get(business=office.business, slug="on-request")
    given = {"answers": {"reason": "My back", "q_choice": office.visit.questions[2]["choices"][0]}}
    helped = lifecycle.book(PUBLIC, wish_for(office.visit, at("11:00") + TUESDAY, helpers=(INES,), **given))
    visited = book(office.visit, at("13:00") + TUESDAY)
    asked = book(request, at("14:00") + TUESDAY)
    _spread_news(office, request)
    contact = Contact("Wanda Wait", "wanda@example.org", "+41795550199")
    entry = waitlist.join(PUBLIC, office.visit, contact, first=date(2030, 3, 4), last=date(2030, 3, 8))
    assert visited.meeting is not None
    note = notes.send(owner, visited.meeting.ref, "Drink more water.")
    _lived_through(visited)
    seats = {one.kind: one for one in Participant.objects.filter(meeting=visited.meeting)}
    _answered(seats["consumer"], seats["provider"])
    questions = SurveyQuestion.objects.filter(business=office.business, is_active=True)
    for name in ("survey-question", "survey-move", "survey-remove"):
        about.arguments[name] = [questions[0].ref]
    found = dict(_managers(about)) | dict(_more_of_managers(office, list(questions)))
    return Stage(office, found, visited, helped, asked, note, entry.ref, seats)


def _spread_news(office: Office, request: Service) -> None:
    """Let there be a message of each kind that booking makes."""
    moved = book(office.visit, at("15:00") + TUESDAY)
    lifecycle.move(holder_of(moved), moved, at("16:00") + TUESDAY)
    lifecycle.cancel(holder_of(moved), Appointment.objects.get(pk=moved.pk))
    declined = book(request, at("15:00") + TUESDAY)
    requests.decline(manager_of(office.business), declined, reason="We are full.")


def _lived_through(visited: Appointment) -> None:
    """Let a visit be over."""
    then = at("13:00") + TUESDAY
    seats = Participant.objects.filter(meeting=visited.meeting)
    seats.update(arrived_at=then, admitted_at=then, joined_at=then, state=Participant.State.LEFT)
    Meeting.objects.filter(appointment=visited).update(state=Meeting.State.ENDED, ended_at=then)


def _answered(*seats: Participant) -> None:
    """Let everybody answer what they were asked, with the first of what can be chosen."""
    for seat in seats:
        given = {}
        for one in survey.asked_of(seat):
            scores = list(survey.SCORES.get(survey.Kind(one.kind), ()))
            chosen = (one.choices[0]["id"],) if one.choices else ()
            words = "=HYPERLINK(1)" if one.asks_comment or one.kind == "text" else ""
            given[one.ref] = survey.Given(scores[-1] if scores else None, chosen, words)
        survey.answer(seat, given)


# --- pages of staff ---------------------------------------------------------------------------------------------------


def _managers(about: things.Things) -> Iterator[tuple[str, str]]:
    for pattern in of_managers:
        name = str(pattern.name)  # type: ignore[union-attr]  # none is an include
        if name not in things.ONLY_POST | {"manage-appointment-file"}:  # that is a file which somebody sent
            yield (
                name.replace("words-mail", "words mail").replace("experience-mail", "experience mail"),
                about.address(name),
            )


def _more_of_managers(office: Office, asked: list[SurveyQuestion]) -> Iterator[tuple[str, str]]:
    """Yield pages that are about one of several things: each of them."""
    slugs = [office.visit.slug, "on-request"]
    for slug in slugs:
        yield f"service {slug}", reverse("manage-service", args=[slug])
        yield f"questions of {slug}", reverse("manage-service-questions", args=[slug])
    for one in office.visit.questions:
        yield f"question {one['id']}", reverse("manage-question", args=[office.visit.slug, one["id"]])
        yield f"drafted {one['id']}", reverse("manage-experience-question", args=[office.visit.slug, one["id"]])
    for one in asked:
        yield f"asked {one.kind} of {one.audience}", reverse("manage-survey-question", args=[one.ref])
    yield "survey of providers", reverse("manage-survey") + "?audience=provider"
    yield "survey in German", reverse("manage-survey") + "?language=de"
    yield "results as JSON", reverse("manage-results-file", args=["json"])
    for step in steps.offered():
        yield f"step {step.slug}", step.href
    for state in State:
        shown = "a mail" if state is State.MAIL else str(state)
        yield f"preview of {shown}", reverse("manage-experience-preview", args=[state.value])
    yield "texts step in German", reverse("manage-experience-step", args=["texts"]) + "?language=de"
    for kind, audience, channel in own_words.kinds():
        name = "manage-words-mail" if channel == "email" else "manage-words-edit"
        shown = "mail" if channel == "email" else "words"
        yield f"{shown} of {kind} to {audience}", reverse(name, args=[kind, audience, channel, "en"])


def of_staff(stage: Stage) -> Iterator[tuple[str, Any]]:
    """Yield every page and file of the office and the desk."""
    client = stage.office.as_(Role.OWNER)
    for name, address in stage.addresses.items():
        rates.forget_all()
        yield name, client.get(address)
    provider = stage.office.as_(Role.PROVIDER)
    meeting = stage.seats["consumer"].meeting.ref
    about: dict[str, list[Any]] = {
        "desk-push-test": ["none"],
        "desk-push-remove": ["none"],
        "desk-door": ["admit", "none"],
    }
    about |= {"desk-note-pdf": [meeting, stage.note.ref], "desk-recording": ["none"], "desk-recording-delete": ["none"]}
    about |= {"desk-program-remove": [meeting, 0]}
    for name, address in _with_arguments([*of_providers, *of_conversations], about, [meeting]):
        yield name, provider.get(address)
    yield "account", provider.get(reverse("account"))


def _with_arguments(patterns: Any, about: dict[str, list[Any]], usual: list[Any]) -> Iterator[tuple[str, str]]:
    for one in patterns:
        assert isinstance(one, URLPattern)
        assert one.name is not None
        needs = one.pattern.regex.groups
        given = about.get(one.name, usual if needs == len(usual) else [])
        assert len(given) == needs, f"{one.name} needs to know what it is about: name it here"
        yield one.name, reverse(one.name, args=given)


# --- pages of consumers -----------------------------------------------------------------------------------------------


def of_everybody(stage: Stage) -> Iterator[tuple[str, Any]]:
    """Yield every page that consumers can come to: strangers', and those behind each link, at each point of the way."""
    slug, service = stage.business.slug, stage.office.visit.slug
    start = f"{at('09:00') + 2 * TUESDAY:%Y-%m-%dT%H:%M:%SZ}"
    about: dict[str, list[Any]] = {name: [slug, service] for name in _OF_A_SERVICE}
    about |= {"book": [slug], "walk-in": [slug], "walk-in-area": [slug, areas.find(stage.business.pk, "").slug]}
    about |= {"waiting-media": ["none"], "appointment-document": ["none"], "appointment-document-remove": ["none"]}
    about |= {"appointment-helper-remove": [0], "appointment-other": ["none"]}
    about |= {"appointment-note-pdf": [stage.note.ref], "visit-note-pdf": [stage.note.ref]}
    pages = list(_with_arguments(of_consumers, about, []))
    stranger = Client()
    for name, address in pages:
        rates.forget_all()
        yield f"a stranger at {name}", stranger.get(f"{address}?start={start}" if name == "book-details" else address)
    yield "details that lack something", stranger.post(reverse("book-details", args=[slug, service]), {"start": start})
    yield "no such service", stranger.get(f"/book/{slug}/nothing")
    yield "a service on request", stranger.get(f"/book/{slug}/on-request")
    yield "in German", Client().get(f"/book/{slug}?language=de")
    for whose, appointment in (("visited", stage.visited), ("booked", stage.booked), ("asked", stage.asked)):
        holder = _holder(appointment, "manage")
        yield f"{whose} just now", holder.get("/appointment?booked=1")
        for name, address in pages:
            if name.startswith("appointment"):
                yield f"{whose} at {name}", holder.get(address)
    waiting = _waiting(stage)
    for name, address in pages:
        if name.startswith("waitlist"):
            yield f"waiting at {name}", waiting.get(address)
    yield from _of_a_visit(stage, [one for one in pages if one[0].startswith(("visit", "test-call"))])


_OF_A_SERVICE = ("book-time", "book-hold", "book-details", "book-repeat", "book-waitlist")


def _holder(appointment: Appointment, which: str) -> Client:
    found = links.addresses(Appointment.objects.get(pk=appointment.pk))
    client = Client()
    client.get(_local(getattr(found, which)))
    return client


def _local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def _waiting(stage: Stage) -> Client:
    client = Client()
    client.get(waitlist_address(stage))
    return client


def waitlist_address(stage: Stage) -> str:
    """Return where somebody sees their place on the waitlist."""
    return f"/waitlist?v={capability.token(CapabilityLink.objects.filter(subject=stage.waits).latest('pk'))}"


def _of_a_visit(stage: Stage, pages: list[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    client = _holder(stage.booked, "visit")
    yield "too early", client.get("/visit")
    before = clock.now()
    clock.set_to(stage.booked.start - timedelta(minutes=4))
    for name, address in pages:
        yield f"in time at {name}", client.get(address)
    guest = Participant.objects.filter(meeting=stage.booked.meeting, kind=Participant.Kind.CONSUMER)
    guest.update(state=Participant.State.DENIED)
    yield "turned away", client.get("/visit")
    guest.update(state=Participant.State.INVITED)
    clock.set_to(stage.booked.end + timedelta(hours=10))
    yield "missed", client.get("/visit")
    over = _holder(stage.visited, "visit")
    for name, address in pages:
        rates.forget_all()
        yield f"over at {name}", over.get(address)
    yield "an answer that lacks something", over.post("/visit/ended", {})
    clock.set_to(before)


def framed(stage: Stage) -> Iterator[tuple[str, Any]]:
    """Yield the pages as another site has them in a frame."""
    allow(stage.business)
    book_ = f"/book/{stage.business.slug}"
    of_a_service = [f"{book_}/{stage.office.visit.slug}{step}" for step in ("", "/details", "/waitlist")]
    frame = Frame(stage.business)
    yield "in a frame", frame.answer
    for path in (*of_a_service, f"{book_}/on-request", f"{book_}/nothing", f"/walk-in/{stage.business.slug}"):
        yield f"in a frame at {path}", frame.open(path)
    for kind, appointment in (("visit", stage.booked), ("survey", stage.visited)):
        frame = Frame(stage.business, kind)
        yield f"in a frame of a {kind}", frame.answer
        link = _local(links.addresses(Appointment.objects.get(pk=appointment.pk)).visit)
        yield (
            f"in a frame with a {kind}",
            frame.send(f"/embed/{stage.business.slug}/{kind}", {"link": f"http://testserver{link}"}),
        )


# --- what leaves ------------------------------------------------------------------------------------------------------


def mails() -> Iterator[tuple[str, bytes]]:
    """Yield every mail of the outbox as it travels."""
    for row, tokens in _rows(OutboxMessage.Channel.EMAIL):
        made = content.mail(row, tokens, clock.now())
        yield (
            f"{row.kind} to {row.facts.get('audience')}",
            mime.message(made, sender="office@vestibule.example", host="vestibule.example").as_bytes(policy=mime.WIRE),
        )


def text_messages() -> Iterator[tuple[str, str]]:
    """Yield the words of every text message of the outbox."""
    for row, tokens in _rows(OutboxMessage.Channel.SMS):
        yield row.kind, content.sms(row, tokens, clock.now()).body


def _rows(channel: str) -> Iterator[tuple[OutboxMessage, Any]]:
    rows = list(OutboxMessage.objects.filter(channel=channel).order_by("pk"))
    tokens = content.tokens_for(rows, clock.now())
    return ((row, tokens) for row in rows if row.kind != "sign_in")


def subscribed(stage: Stage) -> Iterator[tuple[str, Any]]:
    """Yield the calendars that people subscribe to."""
    owner = manager_of(stage.business, role=Role.OWNER)
    for name, whose in (("of the business", stage.business), ("of a provider", stage.office.ada)):
        address = feeds.give(owner, whose)
        yield name, Client().get(urlsplit(address).path)


def parts_of(wire: bytes) -> Iterator[tuple[str, str]]:
    """Yield the readable parts of a mail, by their kind; the subject as plain text."""
    read = message_from_bytes(wire, policy=policy.default)
    yield "text/plain", str(read["Subject"])
    for part in read.walk():
        if part.get_content_maintype() == "text":
            content_ = part.get_payload(decode=True)
            yield part.get_content_type(), content_.decode() if isinstance(content_, bytes) else ""


def html_of_mails() -> Iterator[tuple[str, str]]:
    """Yield the HTML of every mail of the outbox."""
    for name, wire in mails():
        yield from ((name, text) for kind, text in parts_of(wire) if kind == "text/html")


def packed(stage: Stage) -> dict[str, bytes]:
    """Return the files of the zip that is taken away."""
    with ZipFile(BytesIO(parcel.pack(manager_of(stage.business, role=Role.OWNER), stage.business))) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith(".whl")}
