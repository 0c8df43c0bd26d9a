"""The link tester: what a pasted link is, what consumers see when they open it, and why it is refused."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import announcements
from vestibule.booking.models import Appointment
from vestibule.meetings import visit_links
from vestibule.meetings.models import Participant
from vestibule.meetings.visit_links import Link
from vestibule.people import links
from vestibule.people.links import Purpose
from vestibule.store import clock
from vestibule.web.consumer import link_reasons, visiting
from vestibule.web.manager import fields, link_words
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, show

P = Permission


class LinkForm(fields.Form):
    """A link as somebody got it."""

    link = fields.lines(
        gettext_lazy("The link"),
        most=4 * visit_links.LONGEST,
        required=True,
        hint=gettext_lazy("The whole of it, as it stands in the mail; or only its end, from the question mark on."),
    )


@open_to(P.SEE_SETUP, P.SEE_APPOINTMENTS)
def page(request: StaffRequest) -> HttpResponse:
    """Say what a link is. It comes by POST alone: it may open somebody's visit, and addresses are written down."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    origin = visiting.origin_of(request)
    found = None
    if form.is_bound and form.is_valid():
        found = visit_links.parse_pasted(form.cleaned_data["link"], origin)
    context: dict[str, Any] = {"app_url": f"{origin}/visit", "found": found}
    if found is not None:
        context |= _about(request, found)
    return show(request, "links.html", form=form, **context)


def _about(request: StaffRequest, found: Link) -> dict[str, Any]:
    locator = found.locator or {}
    parts = [
        (link_words.PARTS[name], _shown(name, value)) for name, value in locator.items() if name in link_words.PARTS
    ]
    is_teams = found.result == "teams"
    about: dict[str, Any] = {
        "kind": link_words.KINDS.get(str(locator.get("kind")), ""),
        "parts": [(label, value) for label, value in parts if value],
        "reason": link_words.REASONS.get(found.reason or "", ""),
        "told": link_words.IN_TEAMS if is_teams else link_reasons.sentence(found.result, found.reason),
        "clean": visit_links.join_address(locator) if is_teams else "",
    }
    return about | (_own(request, str(locator["token"])) if found.result == "own" else {})


def _shown(name: str, value: str | None) -> str:
    return str(link_words.CLOUDS.get(value or "", value or "")) if name == "cloud" else value or ""


def _own(request: StaffRequest, token: str) -> dict[str, Any]:
    """Say whose visit an own link opens, if it is one of this business, and of nobody else's."""
    link = links.resolve(token, Purpose.VISIT, even_if_expired=True)
    if link is None or link.business_id != request.business.pk:
        return {"told": _("It may be cut off, or it was replaced by a newer one."), "is_unknown": True}
    seat = Participant.objects.select_related("meeting").filter(ref=link.subject).first()
    rows = Appointment.objects.visible_to(request.actor).select_related("service")
    appointment = rows.filter(meeting=seat.meeting).first() if seat is not None else None
    if appointment is not None and not _may_see(request, appointment):
        appointment = None
    return {"told": "", "appointment": appointment, "is_expired": link.expires_at <= clock.now()}


def _may_see(request: StaffRequest, appointment: Appointment) -> bool:
    if request.actor.may(P.SEE_APPOINTMENTS):
        return True
    return request.actor.provider_id in {one.pk for one in announcements.team_of(appointment)}
