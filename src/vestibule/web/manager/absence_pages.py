"""Somebody is ill: what they have booked in some days, what could become of each, and doing it in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking import bulk
from vestibule.booking.bulk import Action, Choice, Outcome, Proposal
from vestibule.booking.setup import away
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import Provider
from vestibule.people.permissions import Permission
from vestibule.store.clock import from_minute
from vestibule.web import times
from vestibule.web.consumer.starts import instant
from vestibule.web.manager import fields
from vestibule.web.manager.pages import CHANGES_APPOINTMENTS, StaffRequest, open_to, show
from vestibule.web.manager.preview import today_in
from vestibule.web.times import day_bounds

LONGEST_DAYS = 62


class AbsenceForm(fields.Form):
    """Who is away, and on which days."""

    provider = fields.one_of(gettext_lazy("Who is away"), [])
    since = fields.day(gettext_lazy("From"))
    until = fields.day(gettext_lazy("Until"), hint=gettext_lazy("The last day away."))

    def __init__(self, data: QueryDict | None, providers: Sequence[Provider], today: date) -> None:
        super().__init__(data, initial={"since": today, "until": today})
        self.set_choices("provider", [(one.slug, one.name) for one in providers])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and not 0 <= (until - since).days < LONGEST_DAYS:
            words = _("The absence ends on the day it begins or later, and within %(n)s days.")
            self.add_error("until", words % {"n": LONGEST_DAYS})
        return given


class ApplyForm(fields.Form):
    """What counts for all of them."""

    time_off = fields.tick(
        gettext_lazy("Take these days as time off"),
        hint=gettext_lazy("Then nobody books with them in this time."),
    )
    reason = fields.text(
        gettext_lazy("Reason, for those that are cancelled"),
        most=300,
        required=False,
        hint=gettext_lazy("Consumers read it."),
    )


@dataclass(frozen=True)
class Option:
    """One thing that can be done: `value` is what the form sends."""

    value: str
    words: str


@dataclass(frozen=True)
class Row:
    """One appointment with everything that can be done, the suggested thing first."""

    proposal: Proposal
    groups: Sequence[tuple[str, Sequence[Option]]]
    chosen: str

    @property
    def name(self) -> str:
        """What the form calls its choice."""
        return f"do-{self.proposal.appointment.ref}"


@open_to(*CHANGES_APPOINTMENTS)
def absence(request: StaffRequest) -> HttpResponse:
    """Ask who is away; list what they have; do what was chosen and say what came of each."""
    people = _people(request)
    today = today_in(request.business.timezone)
    is_asked = "since" in request.GET
    form = AbsenceForm(request.GET if is_asked else _initial(request, today), people, today)
    may_take_off = request.actor.may(Permission.MANAGE_SETUP) or request.actor.may(Permission.MANAGE_OWN_HOURS)
    apply_form = ApplyForm(request.POST if request.method == "POST" else None, initial={"time_off": may_take_off})
    context: dict[str, Any] = {"form": form, "apply": apply_form, "may_take_off": may_take_off, "is_asked": is_asked}
    if not is_asked:
        form.errors.clear()
        return show(request, "absence.html", status=200, **context)
    if not form.is_valid():
        return show(request, "absence.html", **context)
    provider = next(one for one in people if one.slug == form.cleaned_data["provider"])
    since, until = _stretch(form, request.business.timezone)
    proposals = bulk.proposals(request.actor, provider, since, until)
    context |= {"provider": provider, "since": form.cleaned_data["since"], "until": form.cleaned_data["until"]}
    if request.method == "POST" and apply_form.is_valid():
        return _carry_out(request, provider, (since, until), proposals, apply_form, context)
    rows = [_row(proposal, request.business.timezone, request.POST) for proposal in proposals]
    return show(request, "absence.html", rows=rows, **context)


def _carry_out(
    request: StaffRequest,
    provider: Provider,
    stretch: tuple[datetime, datetime],
    proposals: Sequence[Proposal],
    form: ApplyForm,
    context: dict[str, Any],
) -> HttpResponse:
    """Take the days off first, so that nobody books into them meanwhile; then each appointment by itself."""
    problem = ""
    given = form.cleaned_data
    if given["time_off"] and context["may_take_off"]:
        try:
            away.add_time_off(request.actor, request.business, *stretch, provider=provider, reason=_("Away"))
        except Refusal as refused:
            problem = refused.sentence
    outcomes: list[Outcome] = []
    choices = []
    for proposal in proposals:
        try:
            choices.append(_choice(request, proposal, given["reason"]))
        except Refusal as refused:
            choice = Choice(proposal.appointment, Action.KEEP)
            outcomes.append(Outcome(choice, proposal.appointment, refused))
    outcomes += bulk.carry_out(request.actor, choices)
    done = [one for one in outcomes if one.refusal is None]
    failed = [one for one in outcomes if one.refusal is not None]
    kept = len(proposals) - len(outcomes)
    words = ngettext("%(n)s appointment was changed", "%(n)s appointments were changed", len(done)) % {"n": len(done)}
    context |= {"done": done, "failed": failed, "kept": kept, "title": words, "problem": problem}
    return show(request, "absence_done.html", status=200, took_off=given["time_off"] and not problem, **context)


def _people(request: StaffRequest) -> list[Provider]:
    rows = Provider.objects.visible_to(request.actor)
    if not request.actor.may(Permission.CHANGE_APPOINTMENTS):
        rows = rows.filter(pk=request.actor.provider_id)
    return list(rows.filter(is_active=True))


def _initial(request: StaffRequest, today: date) -> QueryDict:
    query = QueryDict(mutable=True)
    query["provider"] = request.GET.get("provider", "")
    query["since"] = query["until"] = today.isoformat()
    return query


def _stretch(form: AbsenceForm, zone: str) -> tuple[datetime, datetime]:
    days = (form.cleaned_data["until"] - form.cleaned_data["since"]).days + 1
    first, last = day_bounds(form.cleaned_data["since"], zone, days)
    return from_minute(first), from_minute(last)


def _row(proposal: Proposal, zone: str, posted: QueryDict) -> Row:
    groups: list[tuple[str, list[Option]]] = []
    if proposal.colleagues:
        words = _("%(name)s, same time")
        people = [Option(f"with:{one.slug}", words % {"name": one.name}) for one in proposal.colleagues]
        groups.append((_("Somebody else"), people))
    if proposal.times:
        free = [Option(f"at:{times.iso(at)}", times.moment(at, zone)) for at in proposal.times]
        groups.append((_("The same person, another time"), free))
    groups.append((_("Or"), [Option("cancel", _("Cancel it")), Option("keep", _("Leave it for now"))]))
    offered = [option.value for _title, options in groups for option in options]
    usual = offered[0] if proposal.suggested is not Action.KEEP else "keep"
    asked = posted.get(f"do-{proposal.appointment.ref}", "")
    return Row(proposal, groups, asked if asked in offered else usual)


def _choice(request: StaffRequest, proposal: Proposal, reason: str) -> Choice:
    """Return what was chosen for one appointment. Raises Invalid for what is no choice, NotFound for nobody."""
    appointment = proposal.appointment
    what, _sign, which = request.POST.get(f"do-{appointment.ref}", "keep").partition(":")
    if what == "cancel":
        return Choice(appointment, Action.CANCEL, reason=reason)
    if what == "with":
        rows = Provider.objects.visible_to(request.actor).filter(is_active=True)
        colleague = next((one for one in rows if one.slug == which), None)
        if colleague is None:
            raise NotFound(_("This person is not here any more. Load the page again."))
        return Choice(appointment, Action.REASSIGN, provider=colleague)
    if what == "at":
        return Choice(appointment, Action.MOVE, start=instant(which))
    if what != "keep":
        raise Invalid(_("This is not on the list. Choose one that is."), field="do")
    return Choice(appointment, Action.KEEP)
