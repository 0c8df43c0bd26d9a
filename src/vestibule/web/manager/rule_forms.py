"""Booking rules as forms: of a business, of a service that follows it or has its own, of one provider."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import ProviderRules, Service
from vestibule.booking.setup import rule_groups
from vestibule.people.models import Business
from vestibule.web.manager import fields, rule_words
from vestibule.web.manager.fields import Words, in_units, words

PERIODS = (
    ("day", gettext_lazy("a day")),
    ("week", gettext_lazy("a week")),
    ("month", gettext_lazy("a month")),
    ("year", gettext_lazy("a year")),
)
SCOPES = (("staff", gettext_lazy("Count each provider apart")), ("service", gettext_lazy("Count everybody together")))
MINUTES = gettext_lazy("minutes")

TITLES: dict[str, tuple[Words, Words]] = {
    "grid": (gettext_lazy("When appointments start"), gettext_lazy("Which times consumers are offered.")),
    "buffers": (gettext_lazy("Time kept free"), gettext_lazy("Before and after each appointment; nobody is told.")),
    "notice": (
        gettext_lazy("Booking at short notice"),
        gettext_lazy("How late a consumer may still book. Staff may at any time."),
    ),
    "change_notice": (
        gettext_lazy("Moving and cancelling"),
        gettext_lazy("How late a consumer may still change what is booked. Staff may at any time."),
    ),
    "window": (gettext_lazy("How far ahead"), gettext_lazy("Later times are not offered to consumers yet.")),
    "limits": (
        gettext_lazy("How many are taken"),
        gettext_lazy("The most that is taken of a service in a period. Empty: no limit."),
    ),
    "open_bookings": (
        gettext_lazy("How many one consumer may have"),
        gettext_lazy("Appointments of one service still ahead, told apart by e-mail address and telephone."),
    ),
    "approval": (
        gettext_lazy("Approval"),
        gettext_lazy("A request keeps its time until somebody answers, or until it runs out."),
    ),
    "lateness": (
        gettext_lazy("When nobody comes"),
        gettext_lazy("After this long the appointment is noted as missed, and a link to book again is sent."),
    ),
    "choice": (gettext_lazy("Who is met"), gettext_lazy("If they may not choose, consumers see times only.")),
}

FIELDS_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "grid": (("interval_minutes", "alignment"), ("align_step_minutes", "alignment_timezone")),
    "buffers": (("buffer_before_minutes", "buffer_after_minutes"),),
    "notice": (("notice", "notice_unit"),),
    "change_notice": (("change_notice", "change_notice_unit"),),
    "window": (
        ("window_type",),
        ("window_days", "window_business_days"),
        ("window_from", "window_to"),
        ("window_minutes",),
    ),
    "limits": (*((f"max_{period}", f"minutes_{period}") for period, _w in PERIODS), ("scope",)),
    "open_bookings": (("max_open_per_consumer",),),
    "approval": (("needs_approval",), ("approval", "approval_unit")),
    "lateness": (("no_show_after_minutes",),),
    "choice": (("consumer_chooses_provider",), ("prefers_known_provider",)),
}
"""The rows in which a group's questions stand."""

ONLY_FOR = {
    "window_days": "rolling_days rolling_available_days",
    "window_from": "range",
    "window_minutes": "rolling_minutes",
}
IN_MINUTES = {
    "interval_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "align_step_minutes",
    "window_minutes",
    "no_show_after_minutes",
}
NAMES = {
    "notice_minutes": "notice",
    "change_notice_minutes": "change_notice",
    "approval_minutes": "approval",
    "limits": "max_day",
}
"""Which question of the form stands for which field of a service."""


@dataclass(frozen=True)
class Cell:
    """One question: how wide it stands, and its unit."""

    field: BoundField
    size: str = ""
    suffix: Words = ""


@dataclass(frozen=True)
class Row:
    """Questions beside each other, shown for some answers of the booking window only."""

    cells: Sequence[Cell]
    values: str = ""


@dataclass(frozen=True)
class Group:
    """One group of rules on the page. `business` says what the business' rule is; `follow` is the box to take it."""

    key: str
    title: Words
    hint: Words
    rows: Sequence[Row]
    has_errors: bool
    is_long: bool
    business: str = ""
    follows: bool = False


class RuleFields(fields.Form):
    """Every question about booking rules."""

    interval_minutes = fields.number(gettext_lazy("A start every"), least=1, most=24 * 60)
    alignment = fields.one_of(
        gettext_lazy("Starts are counted"),
        words(Service.Alignment.choices),
        hint=gettext_lazy("“By the clock” means 09:00, 09:30 …, even when work begins at 09:10."),
    )
    align_step_minutes = fields.number(
        gettext_lazy("Rounded up to"),
        most=24 * 60,
        least=1,
        required=False,
        hint=gettext_lazy("Only after the appointment before. Empty: a fitting step."),
    )
    alignment_timezone = fields.zone(
        gettext_lazy("Zone of the grid"), required=False, empty=gettext_lazy("The provider's own")
    )
    buffer_before_minutes = fields.number(gettext_lazy("Kept free before"), most=24 * 60)
    buffer_after_minutes = fields.number(gettext_lazy("Kept free after"), most=24 * 60)
    notice = fields.number(gettext_lazy("Book at least this long before"), most=10_000)
    notice_unit = fields.one_of(gettext_lazy("Unit"), words(fields.UNITS))
    change_notice = fields.number(gettext_lazy("Move or cancel at least this long before"), most=10_000)
    change_notice_unit = fields.one_of(gettext_lazy("Unit"), words(fields.UNITS))
    window_type = fields.one_of(gettext_lazy("How far ahead it can be booked"), words(Service.Window.choices))
    window_days = fields.number(gettext_lazy("Days ahead"), most=1100, required=False)
    window_business_days = fields.tick(gettext_lazy("Count Monday to Friday only"))
    window_minutes = fields.number(gettext_lazy("Minutes ahead"), required=False)
    window_from = fields.day(gettext_lazy("First date"), required=False)
    window_to = fields.day(gettext_lazy("Last date"), required=False)
    scope = fields.one_of(gettext_lazy("How limits count"), words(SCOPES), radio=True)
    max_open_per_consumer = fields.number(
        gettext_lazy("Appointments ahead"),
        least=1,
        most=1000,
        required=False,
        hint=gettext_lazy("Of each service. Empty: any number."),
    )
    needs_approval = fields.tick(gettext_lazy("Somebody approves each request"))
    approval = fields.number(gettext_lazy("A request waits for"), least=1, most=10_000)
    approval_unit = fields.one_of(gettext_lazy("Unit"), words(fields.UNITS))
    no_show_after_minutes = fields.number(
        gettext_lazy("Noted as missed after"),
        least=1,
        most=24 * 60,
        required=False,
        hint=gettext_lazy("From the start on. Empty: staff note it by hand."),
    )
    consumer_chooses_provider = fields.tick(gettext_lazy("Consumers may choose a person"))
    prefers_known_provider = fields.tick(gettext_lazy("Returning consumers see their person first"))

    follows: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for period, words_ in PERIODS:
            self.fields[f"max_{period}"] = fields.number(
                _("Appointments %(period)s") % {"period": words_}, least=1, most=10_000, required=False
            )
            self.fields[f"minutes_{period}"] = fields.number(
                _("Booked minutes %(period)s") % {"period": words_}, least=1, most=500_000, required=False
            )

    def groups(self) -> Iterator[Group]:
        """Yield the groups in order, for the page."""
        for key, (title, hint) in TITLES.items():
            rows = [Row([self._cell(name) for name in names], ONLY_FOR.get(names[0], "")) for names in FIELDS_OF[key]]
            wrong = any(cell.field.errors for row in rows for cell in row.cells)
            yield Group(key, title, hint, rows, wrong, key == "limits", self.said(key), key in self.follows)

    def said(self, group: str) -> str:
        """Return what the business says about a group; nothing where that is what the form is about."""
        return ""

    def rules(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return the fields of a service that a valid form sets for these groups."""
        every = self._rules()
        return {name: every[name] for key in keys for name in rule_groups.GROUPS[key] if name in every}

    def _cell(self, name: str) -> Cell:
        size = "date" if name in ("window_from", "window_to") else ""
        if isinstance(self.fields[name], forms.IntegerField):
            size = "short"
        suffix: Words = MINUTES if name in IN_MINUTES else ""
        return Cell(self[name], size, gettext_lazy("days") if name == "window_days" else suffix)

    def _rules(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given[name] for name in rule_groups.RULES if name in given}
        for name in ("notice", "change_notice", "approval"):
            if given.get(name) is not None and given.get(f"{name}_unit"):
                found[f"{name}_minutes"] = given[name] * int(given[f"{name}_unit"])
        return found | {
            "window_days": given.get("window_days") or 0,
            "window_minutes": given.get("window_minutes") or 0,
            "limits": limits_of(given),
        }


class BusinessRulesForm(RuleFields):
    """What services of the business follow."""

    max_open_in_all = fields.number(
        gettext_lazy("Of all services together"),
        least=1,
        most=1000,
        required=False,
        hint=gettext_lazy("The most appointments one consumer may have ahead. Empty: any number."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interval_minutes"].required = False
        self.fields["interval_minutes"].help_text = gettext_lazy("Empty: one after the other, as long as each takes.")

    def values(self) -> dict[str, Any]:
        """Return the rules of a valid form."""
        return self.rules(list(rule_groups.GROUPS))

    @staticmethod
    def initial_of(business: Business) -> dict[str, Any]:
        """Return what the form shows for a business."""
        known = initial_of(rule_groups.rules_of_business(business))
        return known | {"max_open_in_all": business.max_open_per_consumer}


class ServiceRulesForm(RuleFields):
    """How long a service takes, how many take part, and its rules: as the business says, or its own."""

    duration_minutes = fields.number(
        gettext_lazy("It takes"), least=1, most=24 * 60, hint=gettext_lazy("From start to end.")
    )
    lengths = fields.text(
        gettext_lazy("Other lengths to choose from"),
        most=80,
        required=False,
        hint=gettext_lazy("In minutes, such as 45, 60. Consumers choose before they see times."),
        inputmode="text",
    )
    seats = fields.number(gettext_lazy("Seats"), least=1, most=1000, hint=gettext_lazy("From 2 on: a group."))
    most_occurrences = fields.number(
        gettext_lazy("Most repeats"),
        least=1,
        most=52,
        hint=gettext_lazy("In one go. 1: no series."),
    )
    has_waitlist = fields.tick(
        gettext_lazy("Waitlist"), hint=gettext_lazy("When nothing suits, consumers may ask to be told of a free time.")
    )
    asks_language_need = fields.tick(
        gettext_lazy("Ask for a language"), hint=gettext_lazy("Whether an interpreter or a certain language is needed.")
    )

    OWN = ("duration_minutes", "seats", "most_occurrences", "has_waitlist", "asks_language_need")

    def __init__(self, *args: Any, business: Business, follows: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._business = rule_groups.rules_of_business(business)
        ticked = [key for key in rule_groups.GROUPS if f"follow_{key}" in self.data] if self.is_bound else follows
        self.follows = rule_groups.in_order(ticked)

    def clean(self) -> dict[str, Any]:
        """Leave out what stands in groups that are taken over: nobody sees it, so it cannot be wrong."""
        for key in self.follows:
            for name in (name for row in FIELDS_OF[key] for name in row):
                self.errors.pop(name, None)
        return self.cleaned_data

    def clean_lengths(self) -> list[int]:
        parts = str(self.cleaned_data["lengths"]).replace(",", " ").replace(";", " ").split()
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            raise forms.ValidationError(_("Enter minutes with commas between them, such as 45, 60."))
        return [int(part) for part in parts]

    def said(self, group: str) -> str:
        return rule_words.said(group, self._business)

    def values(self) -> dict[str, Any]:
        """Return the fields of the service that a valid form sets; `follows` among them."""
        own = [key for key in rule_groups.GROUPS if key not in self.follows]
        given = {name: self.cleaned_data[name] for name in (*self.OWN, "lengths")}
        return given | self.rules(own) | {"follows": self.follows}

    @staticmethod
    def initial_of(service: Service) -> dict[str, Any]:
        """Return what the form shows for a service."""
        known = initial_of({name: getattr(service, name) for name in rule_groups.RULES})
        own = {name: getattr(service, name) for name in ServiceRulesForm.OWN}
        return known | own | {"lengths": ", ".join(str(one) for one in service.lengths)}


class ProviderRulesForm(fields.Form):
    """What counts for one person in place of the services' rules."""

    buffer_before_minutes = fields.number(
        gettext_lazy("Kept free before"),
        most=24 * 60,
        required=False,
        hint=gettext_lazy("Empty: as each service says."),
    )
    buffer_after_minutes = fields.number(gettext_lazy("Kept free after"), most=24 * 60, required=False)
    notice = fields.number(
        gettext_lazy("Book at least this long before"),
        most=10_000,
        required=False,
        hint=gettext_lazy("Empty: as each service says."),
    )
    notice_unit = fields.one_of(gettext_lazy("Unit"), words(fields.UNITS))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for period, words_ in PERIODS:
            for name, label in (("max", _("Appointments %(period)s")), ("minutes", _("Booked minutes %(period)s"))):
                most = 10_000 if name == "max" else 500_000
                self.fields[f"{name}_{period}"] = fields.number(
                    label % {"period": words_}, least=1, most=most, required=False
                )

    def limits(self) -> list[tuple[BoundField, BoundField]]:
        """Return the pairs of limits, for the page."""
        return [(self[f"max_{period}"], self[f"minutes_{period}"]) for period, _w in PERIODS]

    def values(self) -> dict[str, Any]:
        """Return the rules of a valid form."""
        given = self.cleaned_data
        notice = None if given["notice"] is None else given["notice"] * int(given["notice_unit"])
        limits = {name: value for name, value in limits_of(given).items() if name != "scope"}
        same = {name: given[name] for name in ("buffer_before_minutes", "buffer_after_minutes")}
        return same | {"notice_minutes": notice, "limits": limits}

    @staticmethod
    def initial_of(rules: ProviderRules) -> dict[str, Any]:
        """Return what the form shows for stored rules."""
        notice, unit = in_units(rules.notice_minutes or 0)
        return {
            "buffer_before_minutes": rules.buffer_before_minutes,
            "buffer_after_minutes": rules.buffer_after_minutes,
            "notice": None if rules.notice_minutes is None else notice,
            "notice_unit": unit,
        } | _counted(rules.limits)


def initial_of(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the questions of `RuleFields` show for rules named as a service's fields."""
    initial = dict(rules)
    for name in ("notice", "change_notice", "approval"):
        initial[name], initial[f"{name}_unit"] = in_units(rules[f"{name}_minutes"])
    return initial | {"scope": rules["limits"].get("scope", "staff")} | _counted(rules["limits"])


def limits_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits of cleaned data as `Service.limits` holds them."""
    kinds = {
        kind: {period: most for period, _w in PERIODS if (most := given.get(f"{name}_{period}"))}
        for kind, name in (("max_per", "max"), ("max_minutes_per", "minutes"))
    }
    limits: dict[str, Any] = {kind: most for kind, most in kinds.items() if most}
    return limits | {"scope": given.get("scope") or "staff"} if limits else {}


def _counted(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{name}_{period}": most
        for kind, name in (("max_per", "max"), ("max_minutes_per", "minutes"))
        for period, most in limits.get(kind, {}).items()
    }
