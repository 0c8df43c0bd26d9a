"""Addresses nothing is sent to: why, what their owners said, the way back; and all consents as a file."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.transfer import exporting, tables
from vestibule.notifications import consent, limits
from vestibule.notifications.models import Address, ConsentEntry, OutboxMessage
from vestibule.web.manager import fields
from vestibule.web.manager.appointment_list import as_csv
from vestibule.web.manager.fields import words
from vestibule.web.manager.messages_page import around
from vestibule.web.manager.pages import Permission, StaffRequest, confirm, find, open_to, paged, query_without, show

STOPPED, BOUNCED, COMPLAINED = "stopped", "bounced", "complained"
WHY = (
    ("", gettext_lazy("All")),
    (STOPPED, gettext_lazy("Said stop")),
    (BOUNCED, gettext_lazy("Came back")),
    (COMPLAINED, gettext_lazy("Called unwanted")),
)
SILENT = Q(stopped_at__isnull=False) | Q(bounced_at__isnull=False) | Q(complained_at__isnull=False)
HEAD = ("Channel", "Address", "Agrees", "At (UTC)", "Source", "Words", "Language", "Appointment")
MOST_SAID = 5


class FilterForm(fields.Form):
    """Which addresses to list."""

    why = fields.one_of(gettext_lazy("Why"), words(WHY), required=False)
    channel = fields.one_of(
        gettext_lazy("Sent by"),
        [("", gettext_lazy("Both")), *words(OutboxMessage.Channel.choices[:2])],
        required=False,
    )
    q = fields.text(gettext_lazy("Address or number"), most=120, required=False)


@open_to(Permission.SEE_APPOINTMENTS)
def listing(request: StaffRequest) -> HttpResponse:
    """List the addresses nothing is sent to, each with what its owner said."""
    form = FilterForm(request.GET)
    rows = Address.objects.visible_to(request.actor).filter(SILENT).order_by("-pk")
    if form.is_valid():
        given = form.cleaned_data
        if given["why"]:
            rows = rows.filter(**{f"{given['why']}_at__isnull": False})
        if given["channel"]:
            rows = rows.filter(channel=given["channel"])
        if given["q"]:
            rows = rows.filter(value__icontains=given["q"].strip().lower())
    page = paged(request, rows)
    said = _said(request, page.object_list)
    context: dict[str, Any] = {
        "page": page,
        "rows": [
            {"address": one, "why": limits.why_silent(one), "said": said.get((one.channel, one.value), [])[:MOST_SAID]}
            for one in page.object_list
        ],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "query": query_without(request, "page"),
        **around(request),
    }
    return show(request, "addresses.html", form=form, **context)


@open_to(Permission.CHANGE_APPOINTMENTS)
def right(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then let messages go to an address again."""
    address: Address = find(request, Address.objects.filter(bounced_at__isnull=False), pk=pk)

    def mended() -> str:
        row = consent.right_again(request.actor, pk)
        if limits.why_silent(row):
            return _("Noted. Nothing is sent to %(address)s all the same: its owner wants no more.") % {
                "address": row.value
            }
        return _("Messages go to %(address)s again.") % {"address": row.value}

    return confirm(
        request,
        mended,
        title=_("Is %(address)s right again?") % {"address": address.value},
        text=_("A message to it came back. Say yes if you know that it works now. What its owner said stays as it is."),
        button=_("Yes, it is right"),
        back=reverse("manage-addresses"),
    )


@open_to(Permission.CHANGE_APPOINTMENTS)
def consents(request: StaffRequest) -> HttpResponseBase:
    """Everything anybody agreed to or withdrew, as a file; noted in the activity."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    exporting.note(request.actor, request.business, "consents")
    return as_csv(tables.written(HEAD, _lines(request)), f"consents-{request.business.slug}.csv")


def _lines(request: StaffRequest) -> Iterator[list[str]]:
    rows = ConsentEntry.objects.visible_to(request.actor).order_by("pk")
    for one in rows.iterator(500):
        yield [
            one.channel,
            one.value,
            "yes" if one.agrees else "no",
            f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
            one.source,
            one.wording,
            one.language,
            one.subject_ref,
        ]


def _said(request: StaffRequest, addresses: Any) -> dict[tuple[str, str], list[ConsentEntry]]:
    values = [one.value for one in addresses]
    found: dict[tuple[str, str], list[ConsentEntry]] = {}
    for entry in ConsentEntry.objects.visible_to(request.actor).filter(value__in=values).order_by("-pk"):
        found.setdefault((entry.channel, entry.value), []).append(entry)
    return found
