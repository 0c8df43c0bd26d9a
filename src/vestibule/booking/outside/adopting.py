"""Importing a business outside into ours: what changed there is brought here, nothing is deleted.

The first time, what has the same name or mailbox is taken to be the same. What somebody changed here stays until the
same thing changes there. Each thing is a transaction of its own, so that an import cut short is simply done again.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import setup
from vestibule.booking.intake import MOST_QUESTIONS
from vestibule.booking.models import SchedulerLink, Service, ServiceProvider, WeeklyHours
from vestibule.booking.outside import links, translating
from vestibule.booking.outside.names import BUSINESS, PROVIDER, QUESTION, SERVICE, Names
from vestibule.booking.outside.plans import Line, Plan, State, changed, joined
from vestibule.booking.ports import TheirService, TheirSetup, TheirStaff
from vestibule.booking.setup import Hours, Offer
from vestibule.booking.setup.values import permit
from vestibule.notifications import reminders
from vestibule.people import audit, turns
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MOST = 500
ASKED = ("id", "type", "label", "required", "choices")
NOT_FIELDS = frozenset({"staff", "questions", "reminders"})


def look(actor: Actor, business: Business) -> Plan:
    """Return what an import would do, and do nothing. Talks to the network."""
    return _run(actor, business, is_real=False)


def adopt(actor: Actor, business: Business) -> Plan:
    """Import what is set up outside, and return what was done. Talks to the network."""
    return _run(actor, business, is_real=True)


def switch_off(actor: Actor, business: Business, kind: str, ref: str) -> str:
    """Switch off a service or a provider that is not there any more, and return the name; appointments stay."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    if "\0" in ref:
        raise NotFound(_("There is no such thing in your business."))
    if kind == SERVICE:
        service = Service.objects.visible_to(actor).filter(ref=ref).first()
        if service is not None:
            return str(setup.retire_service(actor, service).name)
    elif kind == PROVIDER:
        provider = Provider.objects.visible_to(actor).filter(ref=ref).first()
        if provider is not None:
            return str(setup.change_provider(actor, provider, is_active=False).name)
    raise NotFound(_("There is no such thing in your business."))


def _run(actor: Actor, business: Business, *, is_real: bool) -> Plan:
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    link = links.require(business)
    with links.talking(actor, business) as scheduler:
        there = scheduler.setup(link.external_id)
    if len(there.services) > MOST or len(there.staff) > MOST:
        words = _("There are more than %(most)s services or people in this business. So many cannot be brought over.")
        raise Invalid(words % {"most": MOST})
    with writing():
        links.keep_facts(link, there.business)
        links.note(link)
    plan = _Import(actor, business, link, there, is_real=is_real).run()
    if is_real:
        with writing():
            audit.record(
                actor, business.pk, "scheduler.imported", "scheduler", link.ref, summary=link.name, **plan.counts()
            )
    return plan


class _Import:
    """One import. Who is not `is_real` only says what would be done."""

    def __init__(
        self, actor: Actor, business: Business, link: SchedulerLink, there: TheirSetup, *, is_real: bool
    ) -> None:
        self.actor, self.business, self.link, self.there, self.is_real = actor, business, link, there, is_real
        self.names = Names(link)
        self.plan = Plan(is_done=is_real)
        self.providers = {one.ref: one for one in Provider.objects.filter(business=business)}
        self.services = {one.ref: one for one in Service.objects.filter(business=business)}
        self.questions = {one.id.casefold(): one for one in there.questions}
        self.question_ids = self.names.question_ids(there.questions)
        self.taken: set[str] = set()

    def run(self) -> Plan:
        """Go through business, staff and services in turn, then through what is gone."""
        self._business()
        for staff in self.there.staff:
            self._provider(staff)
        for service in self.there.services:
            self._service(service)
        self._gone(PROVIDER, {one.id.casefold() for one in self.there.staff}, self.providers)
        self._gone(SERVICE, {one.id.casefold() for one in self.there.services}, self.services)
        return self.plan

    def _business(self) -> None:
        found = translating.business(self.there.business, self.business)
        ours: dict[str, Any] = {name: getattr(self.business, name) for name in ("timezone", "email", "phone")}
        ours["hours"] = _hours_of(WeeklyHours.objects.filter(business=self.business, provider=None))
        seen = self.names.seen(BUSINESS, self.link.external_id)
        todo = changed(found.values, seen, ours)
        if "timezone" in todo:
            words = _("Your time zone is %(ours)s now and becomes %(theirs)s: all hours are read in it then.")
            found.notes.append(words % {"ours": self.business.timezone, "theirs": found.values["timezone"]})

        def do() -> str:
            fields = {name: found.values[name] for name in todo if name != "hours"}
            if fields:
                self.business = setup.change_business(self.actor, self.business, **fields)
            if "hours" in todo:
                setup.set_hours(self.actor, self.business, _hours(found.values["hours"]))
            return self.business.ref

        name, id = self.there.business.name, self.link.external_id
        self._line(BUSINESS, name, self.business.ref, id, todo, found, do)

    def _provider(self, theirs: TheirStaff) -> None:
        found = translating.provider(theirs, self.there.business.zone or self.business.timezone)
        known = self._known_provider(theirs)
        todo: Sequence[str] = ()
        if known is not None:
            ours = {name: getattr(known, name) for name in ("name", "email", "timezone", "uses_business_hours")}
            own = [] if known.uses_business_hours else _hours_of(known.weekly_hours.filter(schedule=None))
            todo = changed(found.values, self.names.seen(PROVIDER, theirs.id), ours | {"hours": own})
            if not known.is_active:
                found.notes.append(_("It is switched off here, and stays so."))

        def do() -> str:
            fields = {name: found.values[name] for name in todo if name not in ("hours", "uses_business_hours")}
            if known is None:
                fields = {name: value for name, value in found.values.items() if name not in ("hours",)}
                made = setup.add_provider(self.actor, self.business, **fields)
            else:
                made = setup.change_provider(self.actor, known, **fields) if fields else known
            if known is None or {"hours", "uses_business_hours"} & set(todo):
                self._put_hours(made, found.values)
            self.providers[made.ref] = made
            return made.ref

        ref = known.ref if known is not None else ""
        self._line(PROVIDER, found.values["name"], ref, theirs.id, todo, found, do)

    def _put_hours(self, provider: Provider, wanted: dict[str, Any]) -> None:
        if not wanted["uses_business_hours"]:
            setup.set_hours(self.actor, self.business, _hours(wanted["hours"]), provider=provider)
        elif not provider.uses_business_hours:
            setup.follow_business_hours(self.actor, provider)

    def _service(self, theirs: TheirService) -> None:
        found = translating.service(theirs, self.there.business, self.questions, self.question_ids)
        known = self._known_service(theirs, found.values["name"])
        todo: Sequence[str] = ()
        if known is not None:
            todo = changed(found.values, self.names.seen(SERVICE, theirs.id), self._as_theirs(known, found.values))
            if not known.is_active:
                found.notes.append(_("It is switched off here, and stays so."))
            if self._own_questions(known, found.values["questions"], every=True):
                found.notes.append(_("It asks further questions here; those stay."))

        def do() -> str:
            made = self._put_service(known, found.values, todo)
            asked = {one["id"] for one in found.values["questions"]}
            for id, one in self.questions.items():
                if self.question_ids[id] in asked and not self.names.ours(QUESTION, one.id):
                    self.names.keep(QUESTION, self.question_ids[id], one.id, {})
            self.services[made.ref] = made
            return made.ref

        ref = known.ref if known is not None else ""
        self._line(SERVICE, found.values["name"], ref, theirs.id, todo, found, do)

    def _put_service(self, known: Service | None, wanted: dict[str, Any], todo: Sequence[str]) -> Service:
        names = set(todo) if known is not None else set(wanted)
        fields = {name: value for name, value in wanted.items() if name in names - NOT_FIELDS}
        if "price_minor" in fields and wanted["price_minor"] is not None:
            fields["currency"] = wanted["currency"]
        if "questions" in names:
            own = self._own_questions(known, wanted["questions"]) if known is not None else []
            fields["questions"] = self._merged(known, wanted["questions"]) + own
        offers = self._offers(known, wanted["staff"]) if "staff" in names else None
        if known is None:
            made = setup.add_service(self.actor, self.business, offers=offers or (), **fields)
        else:
            made = (
                setup.change_service(self.actor, known, offers=offers, **fields)
                if fields or offers is not None
                else known
            )
        if "reminders" in names:
            self._put_reminders(made, wanted["reminders"], was_known=known is not None)
        return made

    def _put_reminders(self, service: Service, wanted: list[list[Any]], *, was_known: bool) -> None:
        if wanted:
            mails = [reminders.Wanted(side, at, tuple(who), "email", words) for side, at, who, words in wanted]
            reminders.put(self.actor, self.business, mails, service.ref)
        elif was_known:
            reminders.leave_to_business(self.actor, self.business, service.ref)

    def _offers(self, service: Service | None, staff: Sequence[str]) -> list[Offer]:
        """Return who offers a service: whom they name, and of ours whom they do not know."""
        refs = [self.names.ours(PROVIDER, one) for one in staff]
        wanted = {self.providers[ref].pk: self.providers[ref] for ref in refs if ref in self.providers}
        theirs = {self.providers[one.ours].pk for one in self.names.all(PROVIDER) if one.ours in self.providers}
        rows = ServiceProvider.objects.filter(service=service).select_related("provider", "schedule") if service else ()
        kept = {
            one.provider_id: Offer(one.provider, str(one.role), one.group, one.schedule, one.weight)
            for one in rows
            if one.provider_id in wanted or one.provider_id not in theirs
        }
        return [*kept.values(), *(Offer(one) for pk, one in wanted.items() if pk not in kept)]

    def _as_theirs(self, service: Service, wanted: dict[str, Any]) -> dict[str, Any]:
        """Return what a service of ours would be there, to see what differs."""
        ours = {name: getattr(service, name) for name in wanted if name not in NOT_FIELDS}
        known = {one.ours: one.external_id.casefold() for one in self.names.all(PROVIDER)}
        refs = service.offers.values_list("provider__ref", flat=True)
        asked = {one["id"] for one in wanted["questions"]}
        return ours | {
            "staff": sorted(known[ref] for ref in refs if ref in known),
            "questions": [{name: one.get(name) for name in ASKED} for one in service.questions if one["id"] in asked],
            "reminders": sorted(
                [one.side, one.offset_minutes, sorted(one.audiences), one.words]
                for one in reminders.of(self.business, service.ref)
                if one.channel == "email"
            ),
        }

    def _merged(self, service: Service | None, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return their questions with what ours say beyond: a help text, and what staff recognise people by."""
        here = {one["id"]: one for one in service.questions} if service is not None else {}
        merged = []
        for one in wanted:
            more = here.get(one["id"], {})
            same = more.get("type") == one["type"]
            merged.append({name: more[name] for name in ("help", "confirms") if more.get(name) and same} | one)
        return merged

    def _own_questions(
        self, service: Service, wanted: list[dict[str, Any]], *, every: bool = False
    ) -> list[dict[str, Any]]:
        """Return what is asked here and not there; with theirs, no more than a service may ask."""
        asked = {one["id"] for one in wanted}
        own = [one for one in service.questions if one["id"] not in asked]
        return own if every else own[: MOST_QUESTIONS - len(wanted)]

    def _known_provider(self, theirs: TheirStaff) -> Provider | None:
        known = self.providers.get(self.names.ours(PROVIDER, theirs.id))
        if known is None:
            free = [one for one in self.providers.values() if one.is_active and self._is_free(PROVIDER, one.ref)]
            mail, name = theirs.email.strip().casefold(), theirs.name.strip().casefold()
            alike: list[Callable[[Provider], bool]] = [
                lambda one: bool(mail) and one.email.casefold() == mail,
                lambda one: one.name.casefold() == name and (not mail or not one.email),
            ]
            known = next((one for test in alike for one in free if test(one)), None)
        self.taken |= {known.ref} if known is not None else set()
        return known

    def _known_service(self, theirs: TheirService, name: str) -> Service | None:
        known = self.services.get(self.names.ours(SERVICE, theirs.id))
        if known is None:
            free = (one for one in self.services.values() if one.is_active and self._is_free(SERVICE, one.ref))
            known = next((one for one in free if one.name.casefold() == name.casefold()), None)
        self.taken |= {known.ref} if known is not None else set()
        return known

    def _is_free(self, kind: str, ref: str) -> bool:
        return ref not in self.taken and not self.names.theirs(kind, ref)

    def _gone(self, kind: str, there: set[str], ours: dict[str, Any]) -> None:
        for one in self.names.all(kind):
            row = ours.get(one.ours)
            if one.external_id.casefold() not in there and row is not None and row.is_active:
                self.plan.lines.append(Line(kind, row.name, State.GONE, ref=row.ref))

    def _line(
        self,
        kind: str,
        name: str,
        ref: str,
        external_id: str,
        todo: Sequence[str],
        found: translating.Ours,
        do: Callable[[], str],
    ) -> None:
        """Do what is to be done about one thing, if this is no rehearsal, and say so."""
        state = State.NEW if not ref else (State.CHANGED if todo else State.SAME)
        notes = joined(found.notes)
        seen = self.names.seen(kind, external_id)
        is_told = state is State.SAME and seen == seen | found.values and bool(seen)
        if self.is_real and not is_told:
            try:
                with writing():
                    turns.take(self.business.pk)
                    SchedulerLink.objects.select_for_update().get(pk=self.link.pk)
                    ref = do()
                    self.names.keep(kind, ref, external_id, seen | found.values)
            except Refusal as refused:
                state, notes = State.FAILED, joined(refused.sentence, notes)
        self.plan.lines.append(Line(kind, name, state, tuple(todo), notes, ref))


def _hours(stored: Sequence[Sequence[int]]) -> list[Hours]:
    return [Hours(weekday, start, end) for weekday, start, end in stored]


def _hours_of(rows: Any) -> list[list[int]]:
    return sorted([one.weekday, one.start_minute, one.end_minute] for one in rows)
