"""Every component in its states, on one page, for those who build pages and who judge them. Demonstration only."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from vestibule.store import clock
from vestibule.web import accents
from vestibule.web.manager.plots import Plot, Series, plot_of
from vestibule.web.staff_pages import PAGES

ZONE = "Europe/London"
STATUSES = ("requested", "booked", "arrived", "waiting", "in_visit", "completed", "no_show", "not_seen", "cancelled")
MONDAY_NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class SampleBusiness:
    """Stands in for a business, so that the page needs no database."""

    accent: str
    name: str = "Lakeside Clinic"
    slug: str = "lakeside-clinic"
    phone: str = "+44 1632 960100"
    email: str = "hello@lakeside.example"
    privacy_url: str = ""


class SampleForm(forms.Form):
    """One question of each kind."""

    name = forms.CharField(label=_("Your name"), help_text=_("As the clinic knows you."))
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    price = forms.IntegerField(label=_("Price"), required=False)
    reason = forms.CharField(label=_("What is it about?"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("cy", "Cymraeg")])
    born = forms.DateField(label=_("Date of birth"), widget=forms.DateInput(attrs={"type": "date"}))
    opens = forms.TimeField(label=_("Opens at"), widget=forms.TimeInput(attrs={"type": "time"}))
    reach = forms.ChoiceField(
        label=_("How should we reach you?"),
        choices=[("mail", _("By e-mail")), ("sms", _("By text message"))],
        widget=forms.RadioSelect,
    )
    agrees = forms.BooleanField(label=_("I agree to be reminded by text message"))


def _day_parts() -> list[dict[str, Any]]:
    def starts(first: float, count: int) -> list[dict[str, Any]]:
        begin = MONDAY_NINE + timedelta(hours=first)
        return [{"start": begin + timedelta(minutes=30 * step)} for step in range(count)]

    afternoon = starts(4, 5)
    afternoon[-1]["is_last"] = True
    return [
        {"label": _("Morning"), "icon": "morning", "slots": starts(0, 6)},
        {"label": _("Afternoon"), "icon": "sun", "slots": afternoon},
        {"label": _("Evening"), "icon": "evening", "slots": []},
    ]


def _weeks() -> list[list[dict[str, Any] | None]]:
    first = date(2026, 3, 1)
    days: list[dict[str, Any] | None] = [None] * 6
    for step in range(31):
        on = first + timedelta(days=step)
        is_free = on.weekday() < 5 and on.day not in {4, 11, 19}
        days.append(
            {"date": on, "href": "#times" if is_free else "", "is_today": on.day == 2, "is_chosen": on.day == 9}
        )
    days += [None] * (-len(days) % 7)
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def _blocks() -> list[dict[str, Any]]:
    rows = [
        (0, 9 * 60, 30, 0, 1, "done", "Aisha Khan", "09:00"),
        (0, 10 * 60, 45, 0, 1, "waiting", "Tom Baker", "10:00"),
        (1, 9 * 60 + 15, 30, 0, 2, "", "Ludwig van Beethoven-Hallenbach", "09:15"),
        (1, 9 * 60 + 30, 60, 1, 2, "", "Mary Seacole", "09:30"),
        (2, 11 * 60, 20, 0, 1, "cancelled", "Ada Byron", "11:00"),
        (3, 12 * 60, 60, 0, 1, "busy", _("Busy"), "12:00"),
        (4, 14 * 60 + 30, 30, 0, 1, "", "عائشة الخطيب", "14:30"),
    ]
    names = ("day", "start", "length", "lane", "lanes", "kind", "name", "at")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _week() -> list[dict[str, Any]]:
    blocks = _blocks()
    return [
        {
            "date": date(2026, 3, 2) + timedelta(days=step),
            "is_today": step == 0,
            "blocks": [block for block in blocks if block["day"] == step],
        }
        for step in range(5)
    ]


def _plot() -> Plot:
    kept, missed, cancelled = [12, 15, 9, 14, 17, 0, 3], [1, 0, 2, 0, 1, 0, 0], [2, 1, 0, 3, 1, 0, 0]
    series = (
        Series("a", _("Took place"), kept),
        Series("b", _("Did not come"), missed),
        Series("c", _("Cancelled"), cancelled),
    )
    return plot_of([f"{day} Mar 2026" for day in range(2, 9)], series)


def components(request: HttpRequest) -> HttpResponse:
    """Show all components; `?theme=dark`, `?accent=plum` and `?dir=rtl` change how."""
    accent = request.GET.get("accent", accents.DEFAULT)
    theme = request.GET.get("theme", "")
    context = {
        "business": SampleBusiness(accent if accent in accents.BANDS else accents.DEFAULT),
        "theme": theme if theme in {"light", "dark"} else "",
        "direction": "rtl" if request.GET.get("dir") == "rtl" else "",
        "accents": list(accents.BANDS),
        "form": SampleForm({"name": "Mary Seacole", "language": "en", "reach": "mail", "born": "1805-11-23"}),
        "clean_form": SampleForm(prefix="clean"),
        "pages": PAGES,
        "zone": ZONE,
        "start": MONDAY_NINE,
        "end": MONDAY_NINE + timedelta(minutes=30),
        "now": clock.now(),
        "parts": _day_parts(),
        "weeks": _weeks(),
        "weekdays": [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")],
        "month": date(2026, 3, 1),
        "days": [date(2026, 3, 2) + timedelta(days=step) for step in range(7)],
        "week": _week(),
        "hours": range(8, 18),
        "bars": [{"label": label, "value": value} for label, value in ((5, 42), (4, 17), (3, 6), (2, 0), (1, 2))],
        "plot": _plot(),
        "steps": [_("Service"), _("Time"), _("About you"), _("Done")],
        "statuses": STATUSES,
        "long_name": "Prof. Dr. Maximiliane Freifrau von Hohenstein-Wartenberg-Lüttichau",
    }
    return render(request, "dev/components.html", context)
