"""How an import from Bookings, or an export to it, is told: each line, and what changes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _t

from vestibule.booking.models import Service
from vestibule.booking.outside.names import PROVIDER, SERVICE
from vestibule.booking.outside.plans import Line, State
from vestibule.people.models import Business, Provider

CHANGES: Mapping[str, str | Promise] = {
    "name": _t("name"),
    "text": _t("words"),
    "description": _t("description"),
    "email": _t("e-mail address"),
    "phone": _t("phone number"),
    "timezone": _t("time zone"),
    "zone": _t("time zone"),
    "hours": _t("hours"),
    "uses_business_hours": _t("hours"),
    "keeps_business_hours": _t("hours"),
    "duration_minutes": _t("length"),
    "minutes": _t("length"),
    "buffer_before_minutes": _t("time before"),
    "before": _t("time before"),
    "buffer_after_minutes": _t("time after"),
    "after": _t("time after"),
    "seats": _t("seats"),
    "visibility": _t("who sees it"),
    "is_hidden": _t("who sees it"),
    "is_online": _t("place"),
    "price_minor": _t("price"),
    "currency": _t("price"),
    "price": _t("price"),
    "interval_minutes": _t("steps"),
    "notice_minutes": _t("notice"),
    "change_notice_minutes": _t("until when it can be changed"),
    "consumers_manage": _t("until when it can be changed"),
    "window_type": _t("how far ahead"),
    "window_days": _t("how far ahead"),
    "window_minutes": _t("how far ahead"),
    "consumer_chooses_provider": _t("who chooses the provider"),
    "availability": _t("when it can be booked"),
    "policy": _t("rules"),
    "staff": _t("who offers it"),
    "questions": _t("questions"),
    "choices": _t("answers"),
    "reminders": _t("reminders"),
}
KINDS: Mapping[str, str | Promise] = {
    "business": _t("Business"),
    "provider": _t("Person"),
    "service": _t("Service"),
    "question": _t("Question"),
}
ORDER = (State.FAILED, State.GONE, State.NEW, State.CHANGED, State.SAME)
BADGES = {
    State.NEW: ("success", "check"),
    State.CHANGED: ("info", "edit"),
    State.SAME: ("", "minus"),
    State.GONE: ("warning", "warning"),
    State.FAILED: ("problem", "problem"),
}


@dataclass(frozen=True)
class Told:
    """A line as it is shown: `badge` is its kind and icon, `href` where ours is looked at ("" : nowhere)."""

    kind: str
    name: str
    state: str
    badge: tuple[str, str]
    words: str
    changes: str
    notes: Sequence[str]
    href: str
    is_gone: bool
    code: str
    ref: str


def lines(business: Business, found: Sequence[Line], *, is_done: bool) -> list[Told]:
    """Return the lines as they are shown: what needs somebody first, what stays as it is last, unless it has notes."""
    slugs = {
        PROVIDER: dict(Provider.objects.filter(business=business).values_list("ref", "slug")),
        SERVICE: dict(Service.objects.filter(business=business).values_list("ref", "slug")),
    }
    told = [_line(one, slugs, is_done) for one in found]
    return sorted(told, key=lambda one: [state.value for state in ORDER].index(one.state))


def _line(one: Line, slugs: Mapping[str, Mapping[str, str]], is_done: bool) -> Told:
    slug = slugs.get(one.kind, {}).get(one.ref, "")
    changes = ", ".join(dict.fromkeys(str(CHANGES.get(name, name)) for name in one.changes))
    return Told(
        kind=str(KINDS[one.kind]),
        name=one.name,
        state=one.state.value,
        badge=BADGES[one.state],
        words=_words(one.state, is_done),
        changes=changes,
        notes=one.notes,
        href=reverse(f"manage-{one.kind}", args=[slug]) if slug else "",
        is_gone=one.state is State.GONE,
        code=one.kind,
        ref=one.ref,
    )


def _words(state: State, is_done: bool) -> str:
    told = {
        State.NEW: _("Made") if is_done else _("New"),
        State.CHANGED: _("Changed") if is_done else _("Changes"),
        State.SAME: _("As it is"),
        State.GONE: _("Not in Bookings any more"),
        State.FAILED: _("Left out"),
    }
    return told[state]
