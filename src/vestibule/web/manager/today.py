"""Today: what needs somebody in the office, who comes, and a few numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking import conflicts
from vestibule.booking.models import Appointment, WaitlistEntry
from vestibule.experience.models import SurveyAnswer, SurveyQuestion
from vestibule.meetings import relays
from vestibule.notifications import outages
from vestibule.notifications.models import Gateway, IncomingText, OutboxMessage
from vestibule.people.permissions import Role
from vestibule.store import clock
from vestibule.web import calendar_state, gateway_state
from vestibule.web.manager import checklist, in_step_page, outside_state
from vestibule.web.manager.appointment_list import needing
from vestibule.web.manager.checklist import Gap
from vestibule.web.manager.pages import Permission, StaffRequest, open_to, show
from vestibule.web.manager.preview import today_in
from vestibule.web.manager.waitlist_pages import LIVE
from vestibule.web.times import day_bounds, moment

S = Appointment.Status
MOST_SHOWN = 12
MOST_TO_SETTLE = 5
MOST_ASKING = 8


@dataclass(frozen=True)
class Tile:
    """A number, what it counts, and over which time."""

    number: str
    label: str
    href: str = ""


@open_to(Permission.SEE_APPOINTMENTS, Permission.SEE_OWN_APPOINTMENTS)
def today(request: StaffRequest) -> HttpResponse:
    """Show the day to the office; providers have their desk."""
    if request.actor.role is Role.PROVIDER:
        return redirect("/desk")
    steps = checklist.steps(request.business)
    zone = request.business.timezone
    first, last = day_bounds(today_in(zone), zone)
    rows = Appointment.objects.visible_to(request.actor)
    of_today = rows.filter(start_minute__gte=first, start_minute__lt=last).exclude(status=S.CANCELLED)
    now = clock.to_minute(clock.now())
    shown = of_today.filter(end_minute__gt=now).select_related("service", "provider", "meeting__outside")
    ahead = shown[: MOST_SHOWN + 1]
    to_settle = needing(rows, "settle").select_related("service", "provider").order_by("-start_minute")
    asking = rows.filter(status=S.REQUESTED).select_related("service", "provider").order_by("request_expires_at", "pk")
    context: dict[str, Any] = {
        "steps": steps,
        "is_set_up": all(step.is_done for step in steps),
        "needs": list(_needs(request, rows)),
        "asking": asking[:MOST_ASKING],
        "many_asking": asking.count(),
        "to_settle": to_settle[:MOST_TO_SETTLE],
        "many_to_settle": to_settle.count(),
        "ahead": ahead[:MOST_SHOWN],
        "has_more": len(ahead) > MOST_SHOWN,
        "tiles": _tiles(request, rows, first, last),
        "now": clock.now(),
        "now_minute": now,
    }
    return show(request, "today.html", **context)


def _needs(request: StaffRequest, rows: Any) -> Iterator[Gap]:
    appointments = reverse("manage-appointments")
    failed = OutboxMessage.objects.visible_to(request.actor).filter(state=OutboxMessage.State.FAILED).count()
    if failed:
        title = ngettext("%(n)s message could not be sent", "%(n)s messages could not be sent", failed)
        text = _("Somebody may not know of an appointment. See why, and try again.")
        href = f"{reverse('manage-messages')}?state=failed"
        yield Gap("problem", "mail", title % {"n": failed}, text, href, _("See the messages"))
    yield from _unread_texts(request)
    left = needing(rows, "left").count()
    if left:
        title = ngettext(
            "%(n)s appointment is with somebody who left", "%(n)s appointments are with somebody who left", left
        )
        text = _("Move each to somebody else, or cancel it.")
        yield Gap("warning", "user-x", title % {"n": left}, text, f"{appointments}?needs=left", _("See them"))
    clash = len(conflicts.conflicts_of(request.business))
    if clash:
        title = ngettext(
            "%(n)s appointment no longer fits the rules", "%(n)s appointments no longer fit the rules", clash
        )
        text = _("Hours, time off or a room changed after it was booked. Nothing was moved: see each, and decide.")
        yield Gap("warning", "calendar-x", title % {"n": clash}, text, f"{appointments}?needs=rules", _("See them"))
    waits = WaitlistEntry.objects.visible_to(request.actor).filter(status__in=LIVE).count()
    if waits:
        title = ngettext("%(n)s person waits for a time", "%(n)s people wait for a time", waits)
        text = _("Whatever becomes free is offered to them without your doing.")
        yield Gap("info", "hourglass", title % {"n": waits}, text, reverse("manage-waitlist"), _("See the waitlist"))
    if relays.are_down():
        title, text = _("Some calls will not connect"), _("The relay that helps through company walls does not answer.")
        yield Gap("problem", "wifi-off", title, text, reverse("manage-visit-rules"), _("See since when"))
    yield from outside_state.notices(request)
    yield from in_step_page.gaps(request)
    for notice in calendar_state.notices(request.actor):
        yield Gap(notice.kind, "calendar-x", notice.title, notice.text, notice.href, notice.action)
    yield from _gateways(request)
    yield from checklist.gaps(request.business)


def _gateways(request: StaffRequest) -> Iterator[Gap]:
    """Name the gateways that take nothing, and whether another stands in."""
    if not request.actor.may(Permission.MANAGE_SETUP):
        return
    rows = Gateway.objects.visible_to(request.actor).filter(business=request.business, is_active=True)
    for channel in gateway_state.channels(rows):
        failing = [state for state in channel.states if state.tone == "problem"]
        others = len(channel.states) > len(failing)
        for state in failing:
            title = _("“%(name)s” takes no messages: %(why)s") % {
                "name": state.gateway.name,
                "why": state.gateway.problem,
            }
            waits = _("Its messages wait until it works, or another gateway is set up.")
            text = _("The next gateway stands in.") if others else waits
            href = reverse("manage-gateway", args=[state.gateway.ref])
            yield Gap("warning" if others else "problem", channel.icon, title, text, href, _("See the gateway"))
    for held in outages.held_up(request.business):
        title = ngettext("%(n)s message waits and cannot leave", "%(n)s messages wait and cannot leave", held.count)
        text = _("Since %(since)s this installation's gateway takes nothing: %(why)s. Tell whoever runs the server.")
        said = text % {"since": moment(held.since, request.business.timezone), "why": held.words}
        yield Gap("problem", "mail", title % {"n": held.count}, said, reverse("manage-messages"), _("See the messages"))


def _unread_texts(request: StaffRequest) -> Iterator[Gap]:
    """What was written back and understood by no program: somebody has to read it."""
    unseen = IncomingText.objects.visible_to(request.actor).filter(seen_at=None, meaning=IncomingText.Meaning.OTHER)
    count = unseen.filter(received_at__gt=clock.now() - timedelta(days=14)).count()
    if count:
        title = ngettext("%(n)s text message waits to be read", "%(n)s text messages wait to be read", count)
        text = _("It says something only a person understands, and nobody was answered.")
        href = f"{reverse('manage-incoming')}?show=new&meaning=other"
        yield Gap("warning", "chat-unread", title % {"n": count}, text, href, _("Read"))


def _tiles(request: StaffRequest, rows: Any, first: int, last: int) -> list[Tile]:
    month_ago = first - 30 * 24 * 60
    counted = rows.aggregate(
        today=Count("pk", filter=Q(start_minute__gte=first, start_minute__lt=last) & ~Q(status=S.CANCELLED)),
        week=Count(
            "pk", filter=Q(start_minute__gte=first, start_minute__lt=first + 7 * 24 * 60) & ~Q(status=S.CANCELLED)
        ),
        held=Count("pk", filter=Q(start_minute__gte=month_ago, start_minute__lt=first, status=S.COMPLETED)),
        missed=Count("pk", filter=Q(start_minute__gte=month_ago, start_minute__lt=first, status=S.NO_SHOW)),
    )
    appointments = reverse("manage-appointments")
    tiles = [
        Tile(str(counted["today"]), _("appointments today"), reverse("manage-calendar")),
        Tile(str(counted["week"]), _("in the next 7 days"), f"{appointments}?when=coming"),
        Tile(
            _missed(counted["missed"], counted["held"]),
            _("did not come, last 30 days"),
            f"{appointments}?when=past&status=no_show",
        ),
    ]
    if request.actor.may(Permission.SEE_RESULTS):
        tiles.append(_satisfaction(request))
    return tiles


def _missed(missed: int, held: int) -> str:
    return f"{round(100 * missed / (missed + held))} %" if missed + held else "–"


def _satisfaction(request: StaffRequest) -> Tile:
    since = clock.now() - timedelta(days=30)
    stars = SurveyAnswer.objects.visible_to(request.actor).filter(
        at__gte=since,
        question__kind=SurveyQuestion.Kind.STARS,
        question__audience=SurveyQuestion.Audience.CONSUMER,
        score__isnull=False,
    )
    told = stars.aggregate(mean=Avg("score"), n=Count("pk"))
    label = ngettext("of 5 stars, %(n)s answer in 30 days", "of 5 stars, %(n)s answers in 30 days", told["n"])
    mean = f"{told['mean']:.1f}" if told["n"] else "–"
    return Tile(mean, label % {"n": told["n"]}, reverse("manage-results"))
