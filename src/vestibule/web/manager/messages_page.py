"""Messages of the business: due, sent, failed and why; one of them; another try."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking import again
from vestibule.booking.models import Appointment
from vestibule.notifications import history, outages
from vestibule.notifications.gateways import KEPT
from vestibule.notifications.models import Gateway, IncomingText, OutboxMessage
from vestibule.store import clock
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.message_kinds import KINDS
from vestibule.web.manager.messages_shown import LOOKS, for_reading
from vestibule.web.manager.pages import Permission, StaffRequest, done, find, open_to, paged, query_without, show
from vestibule.web.times import day_bounds

KEPT_HERE, OF_INSTALLATION = "kept", "installation"


class FilterForm(fields.Form):
    """Which messages to list."""

    state = fields.one_of(
        gettext_lazy("State"),
        [("", gettext_lazy("All")), *words((key, label) for key, (_kind, _icon, label) in LOOKS.items())],
        required=False,
    )
    channel = fields.one_of(
        gettext_lazy("Sent by"), [("", gettext_lazy("All ways")), *words(OutboxMessage.Channel.choices)], required=False
    )
    kind = fields.one_of(gettext_lazy("Message"), [], required=False)
    gateway = fields.one_of(gettext_lazy("Gateway"), [], required=False)
    day = fields.day(gettext_lazy("Day"), required=False)
    q = fields.text(gettext_lazy("To"), most=120, required=False)

    def __init__(self, request: StaffRequest, data: Any) -> None:
        super().__init__(data)
        self._gateways = {one.ref: one for one in Gateway.objects.visible_to(request.actor)}
        self.set_choices("kind", [("", _("All")), *sorted(words(KINDS.items()), key=lambda one: str(one[1]))])
        own = [(ref, one.name) for ref, one in self._gateways.items()]
        others = [(OF_INSTALLATION, _("Of this installation")), (KEPT_HERE, _("None: kept here"))]
        self.set_choices("gateway", [("", _("All")), *own, *others])

    def wanted(self, rows: Any, zone: str) -> Any:
        """Return those of the messages that a valid form asks for, in the order they are listed."""
        given = self.cleaned_data
        if given["state"]:
            rows = rows.filter(history.which(given["state"]))
        if given["channel"]:
            rows = rows.filter(channel=given["channel"])
        if given["kind"]:
            rows = rows.filter(kind=given["kind"])
        if given["gateway"]:
            rows = rows.filter(self._by(given["gateway"]))
        if given["day"]:
            first, last = (clock.from_minute(one) for one in day_bounds(given["day"], zone))
            sent = Q(sent_at__gte=first, sent_at__lt=last)
            rows = rows.filter(sent | Q(sent_at=None, due_at__gte=first, due_at__lt=last))
        if given["q"]:
            rows = rows.filter(Q(to__icontains=given["q"]) | Q(to_name__icontains=given["q"]))
        is_ahead = given["state"] in (history.Standing.DUE, history.Standing.PUT_OFF)
        return rows.order_by("due_at", "pk") if is_ahead else rows.order_by("-pk")

    def _by(self, gateway: str) -> Q:
        if gateway == KEPT_HERE:
            return Q(gateway=KEPT, state=OutboxMessage.State.DONE)
        if gateway == OF_INSTALLATION:
            return Q(used_gateway=None, state=OutboxMessage.State.DONE) & ~Q(gateway__in=("", KEPT))
        own = self._gateways[gateway]
        return history.by_gateway(own.name, own.pk)


@open_to(Permission.SEE_APPOINTMENTS)
def listing(request: StaffRequest) -> HttpResponse:
    """List messages, the latest written first; those due in the order they leave."""
    form = FilterForm(request, request.GET)
    rows = OutboxMessage.objects.visible_to(request.actor).order_by("-pk")
    if form.is_valid():
        rows = form.wanted(rows, request.business.timezone)
    page = paged(request, rows.select_related("used_gateway"))
    shown = for_reading(page.object_list, request.actor)
    dead = history.refused_by(request.business.pk)
    context: dict[str, Any] = {
        "page": page,
        "rows": shown,
        "known": _known(request, [told.message.subject_ref for told in shown]),
        "query": query_without(request, "page"),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "failed": sum(dead.values()),
        "dead": sorted(dead.items()),
        **around(request),
    }
    return show(request, "messages.html", form=form, **context)


@open_to(Permission.SEE_APPOINTMENTS)
def details(request: StaffRequest, ref: str) -> HttpResponse:
    """Show one message: how it stands, what happened to it, what it says without links that open anything."""
    rows = OutboxMessage.objects.select_related("business", "used_gateway")
    message: OutboxMessage = find(request, rows, ref=ref)
    told = for_reading([message], request.actor)[0]
    appointment = Appointment.objects.visible_to(request.actor).filter(ref=message.subject_ref).first()
    return show(request, "message.html", told=told, said=history.said(message), appointment=appointment)


@open_to(Permission.CHANGE_APPOINTMENTS, only_post=True)
def retry(request: StaffRequest, ref: str) -> HttpResponse:
    """Try a failed message again."""
    message = again.retry(request.actor, ref)
    words = _("The message to %(name)s is on its way again.")
    back = request.POST.get("back", "")
    is_there = bool(back) and Appointment.objects.visible_to(request.actor).filter(ref=back).exists()
    to = reverse("manage-appointment", args=[back]) if is_there else reverse("manage-messages")
    if back == "message":
        to = reverse("manage-message", args=[ref])
    return done(request, words % {"name": message.to_name or message.to}, to)


@open_to(Permission.CHANGE_APPOINTMENTS, only_post=True)
def retry_all(request: StaffRequest) -> HttpResponse:
    """Try again what one gateway refused."""
    tried = again.retry_all(request.actor, request.POST.get("gateway", "")[:40])
    words = ngettext(
        "%(n)s message is on its way again.", "%(n)s messages are on their way again, at most 500 at once.", tried
    )
    if not tried:
        words = _("Nothing was tried again: these messages would come too late, or are on their way already.")
    return done(request, words % {"n": tried}, reverse("manage-messages"))


def around(request: StaffRequest) -> dict[str, Any]:
    """Return what every page about messages shows on top: texts nobody has seen, and gateways that fail."""
    unseen = IncomingText.objects.visible_to(request.actor).filter(seen_at=None)
    return {
        "unseen": unseen.filter(received_at__gt=clock.now() - timedelta(days=90)).count(),
        "outages": outages.failing().visible_to(request.actor),
    }


def _known(request: StaffRequest, refs: list[str]) -> set[str]:
    return set(Appointment.objects.visible_to(request.actor).filter(ref__in=refs).values_list("ref", flat=True))
