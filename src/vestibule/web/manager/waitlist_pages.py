"""The waitlist as the office sees it: who waits, for what; offering what is free, booking by hand, taking off."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking import waitlist
from vestibule.booking.day_parts import NAMES, DayPart
from vestibule.booking.models import Service, WaitlistEntry
from vestibule.web.manager import fields
from vestibule.web.manager.pages import (
    SEES_APPOINTMENTS,
    Permission,
    StaffRequest,
    confirm,
    done,
    find,
    open_to,
    paged,
    query_without,
    show,
)

P = Permission
LIVE = (WaitlistEntry.Status.WAITING, WaitlistEntry.Status.OFFERED)


class WaitlistForm(fields.Form):
    """Which entries to list."""

    service = fields.one_of(gettext_lazy("Service"), [], required=False)

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = Service.objects.visible_to(request.actor).filter(has_waitlist=True).values_list("slug", "name")
        self.set_choices("service", [("", _("All")), *services])


def waiting(request: StaffRequest) -> Any:
    """Return the entries that still wait, oldest first: everybody's, or those who wait for the reader."""
    rows = WaitlistEntry.objects.visible_to(request.actor).filter(status__in=LIVE)
    if not request.actor.may(P.SEE_APPOINTMENTS):
        own = request.actor.provider_id
        rows = rows.filter(provider_id=own) if own is not None else rows.none()
    return rows.select_related("service", "provider").order_by("pk")


@open_to(*SEES_APPOINTMENTS)
def listing(request: StaffRequest) -> HttpResponse:
    """Show who waits."""
    form = WaitlistForm(request.GET, request=request)
    rows = waiting(request)
    slug = form.cleaned_data["service"] if form.is_valid() else ""
    if slug:
        rows = rows.filter(service__slug=slug)
    page = paged(request, rows)
    for entry in page:
        entry.parts = ", ".join(str(NAMES[DayPart(part)]) for part in entry.day_parts)
    context: dict[str, Any] = {"page": page, "query": query_without(request, "page")}
    return show(request, "waitlist.html", form=form, **context)


@open_to(P.CHANGE_APPOINTMENTS, only_post=True)
def offer(request: StaffRequest) -> HttpResponse:
    """Offer what is free now to who waits, in the order they came."""
    made = waitlist.offer_next(request.business.pk)
    if not made:
        return done(
            request, _("Nothing that anybody waits for is free now, so nothing was offered."), "manage-waitlist"
        )
    words = ngettext("%(n)s time was offered.", "%(n)s times were offered.", made) % {"n": made}
    return done(request, words, "manage-waitlist")


@open_to(P.CHANGE_APPOINTMENTS)
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then take somebody off the waitlist."""
    entry: WaitlistEntry = find(request, WaitlistEntry.objects.select_related("service", "business"), ref=ref)
    if entry.status not in LIVE:
        return redirect("manage-waitlist")

    def gone() -> str:
        waitlist.leave(request.actor, entry)
        return _("%(name)s waits no longer.") % {"name": entry.name}

    return confirm(
        request,
        gone,
        title=_("Take %(name)s off the waitlist?") % {"name": entry.name},
        text=_("They are offered no time for %(service)s any more.") % {"service": entry.service.name},
        button=_("Take them off"),
        back="/manage/waitlist",
    )
