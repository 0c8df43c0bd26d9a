"""Exporting what is set up here to a business outside: made or changed there, nothing deleted.

What has the same name, mailbox or words there already is taken to be the same, so that an export cut short is simply
done again. Opening a business outside is left to a person: no program is let do it.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking.models import SchedulerLink, Service
from vestibule.booking.outside import handing, links, translating
from vestibule.booking.outside.names import BUSINESS, PROVIDER, QUESTION, SERVICE, Names
from vestibule.booking.outside.plans import Line, Plan, State, joined
from vestibule.booking.ports import TheirQuestion, TheirReminder, TheirService, TheirSetup, TheirStaff
from vestibule.booking.setup.values import permit
from vestibule.notifications import choices, reminders
from vestibule.people import audit, ways
from vestibule.people.errors import Invalid
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MOST = 500
NOT_SAID = frozenset({"id", "sends_texts", "is_whole"})
SAID = {
    BUSINESS: ("hours", "phone", "email"),
    PROVIDER: ("name", "email", "zone", "keeps_business_hours", "hours"),
    QUESTION: ("text", "choices"),
}


def look(actor: Actor, business: Business) -> Plan:
    """Return what an export would do, and do nothing. Talks to the network."""
    return _run(actor, business, is_real=False)


def export(actor: Actor, business: Business) -> Plan:
    """Bring services, staff and questions there, and return what was done. Talks to the network."""
    return _run(actor, business, is_real=True)


def _run(actor: Actor, business: Business, *, is_real: bool) -> Plan:
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    link = links.require(business)
    with links.talking(actor, business) as scheduler:
        there = scheduler.setup(link.external_id)
        made = _Export(business, link, there)
        plan = made.plan(is_done=is_real)
        put = scheduler.put_setup(made.wanted, there) if is_real else None
    if put is not None:
        with writing():
            made.keep(put)
            links.note(link)
            audit.record(
                actor, business.pk, "scheduler.exported", "scheduler", link.ref, summary=link.name, **plan.counts()
            )
    return plan


class _Export:
    """What is wanted there, made of what is here and what is there already."""

    def __init__(self, business: Business, link: SchedulerLink, there: TheirSetup) -> None:
        self.business, self.link, self.there = business, link, there
        self.names = Names(link)
        self.lines: list[Line] = []
        self.refs: dict[str, list[str]] = {PROVIDER: [], SERVICE: [], QUESTION: []}
        self.taken: set[str] = set()
        self.staff: dict[int, TheirStaff] = {}
        self.questions: dict[str, TheirQuestion] = {}
        self.asked: dict[tuple[str, tuple[str, tuple[str, ...]]], str] = {}
        self.wanted = self._setup()

    def plan(self, *, is_done: bool) -> Plan:
        """Return what is done there, line by line."""
        return Plan(self.lines, is_done)

    def keep(self, put: TheirSetup) -> None:
        """Keep what everything is called there now, and that its next import has nothing to change."""
        for one, ref in zip(put.staff, self.refs[PROVIDER], strict=True):
            zone = put.business.zone or self.business.timezone
            self.names.keep(PROVIDER, ref, one.id, translating.provider(one, zone).values)
        for asked, ref in zip(put.questions, self.refs[QUESTION], strict=True):
            self.names.keep(QUESTION, ref, asked.id, {})
        known = {one.id.casefold(): one for one in put.questions}
        ids = self.names.question_ids(put.questions)
        for service, ref in zip(put.services, self.refs[SERVICE], strict=True):
            found = translating.service(service, self.there.business, known, ids)
            self.names.keep(SERVICE, ref, service.id, found.values)

    def _setup(self) -> TheirSetup:
        business = handing.business(self.business, self.link.external_id, self.there.business)
        notes = handing.business_notes(self.business, self.there.business)
        self._line(BUSINESS, self.link.name, business, self.there.business, notes)
        for provider in Provider.objects.filter(business=self.business, is_active=True):
            self._provider(provider)
        rows = Service.objects.filter(business=self.business, is_active=True).select_related("location")
        services = [self._service(one) for one in rows]
        if len(services) > MOST or len(self.staff) > MOST:
            words = _(
                "There are more than %(most)s services or people in this business. So many cannot be brought over."
            )
            raise Invalid(words % {"most": MOST})
        return TheirSetup(business, tuple(services), tuple(self.staff.values()), tuple(self.questions.values()))

    def _provider(self, ours: Provider) -> None:
        mail = ours.email.casefold()
        known = self._known(
            PROVIDER, ours.ref, self.there.staff, lambda one: bool(mail) and one.email.casefold() == mail
        )
        if not ours.email and known is None:
            note = _("Bookings takes nobody without an e-mail address: give one here, then export again.")
            self.lines.append(Line(PROVIDER, ours.name, State.FAILED, (), (note,), ours.ref))
            return
        made = handing.staff(ours, known.id if known else f"?{ours.ref}", known)
        self.staff[ours.pk] = made
        self.refs[PROVIDER].append(ours.ref)
        self._line(PROVIDER, ours.name, made, known, [], ours.ref)

    def _service(self, ours: Service) -> TheirService:
        name = ours.name.casefold()
        known = self._known(SERVICE, ours.ref, self.there.services, lambda one: one.name.casefold() == name)
        offers = list(ours.offers.select_related("provider"))
        notes = handing.service_notes(ours, offers)
        questions = []
        for asked in filter(handing.can_ask, ours.questions):
            id, more = self._question(ours, asked)
            questions.append((id, bool(asked["required"])))
            notes += more
        made = handing.service(
            ours,
            known.id if known else f"?{ours.ref}",
            known,
            people=_in_their_order(
                [self.staff[one.provider_id].id for one in offers if one.provider_id in self.staff], known
            ),
            questions=questions,
            reminders=self._reminders(ours, known),
        )
        self.refs[SERVICE].append(ours.ref)
        self._line(SERVICE, ours.name, made, known, notes, ours.ref)
        return made

    def _question(self, service: Service, asked: dict[str, Any]) -> tuple[str, list[str]]:
        """Return under which id a question is asked there; the same one in two services is asked once."""
        wanted, notes = handing.question(asked, "")
        same = (wanted.text, wanted.choices)
        if (asked["id"], same) not in self.asked:
            ours = asked["id"] if asked["id"] not in self.refs[QUESTION] else f"{service.ref}.{asked['id']}"
            known = self._known(QUESTION, ours, self.there.questions, lambda one: (one.text, one.choices) == same)
            id = known.id if known else f"?{ours}"
            self.asked[asked["id"], same] = id
            self.questions[id] = TheirQuestion(id, *same)
            self.refs[QUESTION].append(ours)
            self._line(QUESTION, wanted.text, self.questions[id], known, [], ours)
        return self.asked[asked["id"], same], notes

    def _reminders(self, ours: Service, known: TheirService | None) -> tuple[TheirReminder, ...]:
        """Return reminders where Bookings is to write; else what stands there: people are reminded once."""
        if str(ways.of(self.business.pk).reminders) != ways.Reminders.BOOKINGS:
            return known.reminders if known else ()
        stored = reminders.of(self.business, ours.ref) or reminders.of(self.business)
        planned = choices.of(self.business).reminders(ours.ref) if not stored else ()
        told = [
            (one.offset_minutes, str(one.side), one.audiences, str(one.words))
            for one in stored
            if one.is_on and one.channel == "email"
        ]
        told += [
            (one.ahead, "before", list(one.audiences), one.words)
            for one in planned
            if one.channel == "email" and one.ahead > 0
        ]
        who = {"consumer": "customer", "provider": "staff"}
        return tuple(
            TheirReminder(
                at if side == "before" else -(at + ours.duration_minutes),
                frozenset(who[one] for one in audiences if one in who),
                words,
            )
            for at, side, audiences, words in told
            if any(one in who for one in audiences)
        )

    def _known(self, kind: str, ours: str, there: Any, is_alike: Any) -> Any:
        """Return what stands there for something of ours: by its name, else by what it is like."""
        id = self.names.theirs(kind, ours).casefold()
        known = next((one for one in there if id and one.id.casefold() == id), None)
        if known is None:
            free = (one for one in there if one.id not in self.taken and not self.names.ours(kind, one.id))
            known = next((one for one in free if is_alike(one)), None)
        self.taken |= {known.id} if known is not None else set()
        return known

    def _line(self, kind: str, name: str, wanted: Any, known: Any, notes: list[str], ref: str = "") -> None:
        said = SAID.get(kind) or tuple(one.name for one in fields(TheirService) if one.name not in NOT_SAID)
        differs = tuple(one for one in said if known is not None and _told(wanted, one) != _told(known, one))
        if kind == BUSINESS:
            differs = tuple(one for one in differs if _told(wanted, one))
        state = State.NEW if known is None else (State.CHANGED if differs else State.SAME)
        self.lines.append(Line(kind, name, state, differs, joined(notes), ref))


def _in_their_order(people: list[str], known: TheirService | None) -> Sequence[str]:
    """Return who offers a service; the same people in another order are no change."""
    same = known is not None and {one.casefold() for one in known.staff} == {one.casefold() for one in people}
    return known.staff if known is not None and same else people


def _told(one: Any, name: str) -> Any:
    value = getattr(one, name)
    if name == "staff":
        return sorted(id.casefold() for id in value)
    if name == "hours" and isinstance(one, TheirStaff) and one.keeps_business_hours:
        return ()  # theirs are named there all the same
    return value
