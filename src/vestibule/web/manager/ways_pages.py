"""How each part of the work is done: by us, by Microsoft 365, by Azure; the presets, and what follows from it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.experience import capabilities, presets
from vestibule.experience.capabilities import By
from vestibule.experience.possible import Lack, Means
from vestibule.experience.presets import Preset, Row
from vestibule.people import ways
from vestibule.people.errors import Invalid
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, locked, open_to, show
from vestibule.web.manager.visit_rules_page import NotedChoices, noted

MANAGE = (Permission.MANAGE_SETUP,)
LOOKS = {By.US: ("ok", "check-circle"), By.THEM: ("unknown", "external"), By.NOBODY: ("warning", "warning")}


class WayForm(fields.Form):
    """One row: the ways there are, the impossible ones with the reason."""

    def __init__(self, *args: Any, row: Row, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = noted(_("How it is done"), tuple((one.way, one.label, one.text) for one in row.choices))
        field.initial = row.chosen.way
        assert isinstance(field.widget, NotedChoices)
        for one in row.choices:
            if one.lack is not None and not one.is_chosen:
                field.widget.take_away(one.way, f"{one.text} {_('Not possible now: %(why)s') % {'why': one.lack.why}}")
        self.fields["way"] = field


@open_to(Permission.SEE_SETUP)
def matrix(request: StaffRequest) -> HttpResponse:
    """Show what each row uses, what is missing, and what follows for consumers and staff."""
    now = ways.of(request.business.pk)
    rows = presets.rows(request.business)
    named = presets.named(now)
    return show(
        request,
        "ways.html",
        rows=[(row, _mends(request, row.broken), _mends(request, _wish(row))) for row in rows],
        presets=[_pick(one, is_named=one is named) for one in presets.PRESETS],
        wish=_pick(named, is_named=True) if named is not None and any(row.wanted for row in rows) else None,
        areas=[(area, [(one, *LOOKS[one.by]) for one in listed]) for area, listed in capabilities.changed(now)],
    )


@open_to(Permission.SEE_SETUP, change=MANAGE)
def way(request: StaffRequest, row: str) -> HttpResponse:
    """Choose how one row is done."""
    if row not in ways.ROWS:
        raise Http404
    shown = next(one for one in presets.rows(request.business) if one.name == row)
    form = WayForm(request.POST or None, row=shown)
    locked(form, request.actor.may(Permission.MANAGE_SETUP))
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["way"]
        changed = attempt(form, lambda: presets.choose(request.actor, request.business, row, wanted), **{row: "way"})
        if changed is not None:
            return done(request, _("Saved. This is how it is done from now on."), reverse("manage-ways"))
    mends = [(one.label, *mend) for one in shown.choices if (mend := _mends(request, one.lack)) and mend[1]]
    return show(request, "way.html", form=form, row=shown, mends=mends, broken=shown.broken)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def preset(request: StaffRequest, name: str) -> HttpResponse:
    """Show what a preset fills in and what it lacks now; fill it in when posted."""
    try:
        wanted = presets.preset(name)
    except Invalid:
        raise Http404 from None
    if request.method == "POST":
        lacking = presets.choose_preset(request.actor, request.business, name)
        words = _("Saved. What is not possible yet stays as it is here, with the reason.") if lacking else _("Saved.")
        return done(request, words, reverse("manage-ways"))
    means = Means(request.business)
    lacks = {row.name: _mends(request, one.lack) for row, one in presets.missing(request.business, name)}
    table = [(row, presets.LABELS[row, way], lacks.get(row)) for row, way in wanted.ways.items()]
    shown = [
        (_(presets.WHAT[row][0]), _(presets.WHAT[row][1]), _(label), _(text), lack)
        for row, (label, text), lack in table
    ]
    return show(
        request,
        "preset.html",
        title=_(wanted.title),
        text=_(wanted.text),
        rows=shown,
        lacks=sum(one is not None for one in lacks.values()),
        needs=_needs(means, set(wanted.ways.values())),
    )


def _needs(means: Means, used: set[str]) -> list[tuple[str, str, bool, str]]:
    """Return the accounts that ways need: name, what is missing, whether all is there, where."""
    accounts = (
        ("microsoft365", "Microsoft 365", {"bookings", "outlook", "teams"}),
        ("acs", "Azure Communication Services", {"acs_rooms", "acs", "acs_calling"}),
    )
    needed = [(kind, label) for kind, label, ways_of_it in accounts if ways_of_it & used]
    lacks = [(kind, label, means.lacks_account(kind)) for kind, label in needed]
    return [
        (label, lack.why if lack else "", lack is None, reverse("manage-account", args=[kind]))
        for kind, label, lack in lacks
    ]


@dataclass(frozen=True)
class Pick:
    """A preset as it is offered."""

    href: str
    title: str
    text: str
    is_named: bool


def _pick(one: Preset, *, is_named: bool) -> Pick:
    return Pick(reverse("manage-preset", args=[one.name]), _(one.title), _(one.text), is_named)


def _wish(row: Row) -> Lack | None:
    return row.wanted.lack if row.wanted is not None else None


def _mends(request: StaffRequest, lack: Lack | None) -> tuple[str, str] | None:
    """Return why something is missing, and the address that mends it ("" where the reader may not open it)."""
    if lack is None:
        return None
    is_open = bool(lack.page) and request.actor.may(Permission.MANAGE_SETUP)
    return lack.why, reverse(lack.page, args=lack.about) if is_open else ""
