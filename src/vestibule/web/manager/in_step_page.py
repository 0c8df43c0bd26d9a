"""How our appointments stand in the scheduler outside: when it was read, what waits, and what needs somebody."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking.outside import stating
from vestibule.web.manager.checklist import Gap
from vestibule.web.manager.pages import Permission, StaffRequest, done, open_to, show
from vestibule.web.times import moment

HOME = "manage-in-step"
HELD_BACK = gettext_lazy(
    "So many at once are rather a fault than cancelled. Nothing was cancelled here and nobody was told. Look into"
    " Bookings: when they are there again, they follow by themselves."
)


@open_to(Permission.SEE_APPOINTMENTS, change=(Permission.CHANGE_APPOINTMENTS,))
def overview(request: StaffRequest) -> HttpResponse:
    """Show how it stands; when posted, mark something as seen, or let something be tried again."""
    state = stating.state(request.business)
    if request.method == "POST":
        return done(request, _do(request), reverse(HOME))
    if state is None or not state.is_on:
        return show(request, "in_step.html", state=None)
    return show(
        request,
        "in_step.html",
        state=state,
        held_back=state.link.held_back,
        held_words=HELD_BACK,
        failed=state.of(stating.FAILED),
        conflicts=state.of(stating.CONFLICT),
        strays=state.of(stating.STRAY),
    )


def gaps(request: StaffRequest) -> Iterator[Gap]:
    """Name what needs somebody, for the page of today."""
    if not (request.actor.may(Permission.SEE_APPOINTMENTS) and stating.is_linked(request.business)):
        return
    count = stating.count(request.business)
    href, action = reverse(HOME), _("See them")
    if count:
        title = ngettext(
            "%(n)s appointment differs from Bookings", "%(n)s appointments differ from Bookings", count
        ) % {"n": count}
        text = _(
            "It was changed on both sides, or one could not follow the other. Nothing was undone: look and decide."
        )
        yield Gap("warning", "calendar-x", title, text, href, action)
    if held := stating.held_back(request.business):
        title = ngettext(
            "%(n)s appointment is missing in Bookings", "%(n)s appointments are missing in Bookings", held
        ) % {"n": held}
        yield Gap("problem", "calendar-x", title, str(HELD_BACK), href, _("Decide"))
    state = stating.state(request.business)
    if state is not None and state.is_behind:
        since = moment(state.read_at, request.business.timezone) if state.read_at else _("the beginning")
        title = _("Bookings has not been read since %(since)s") % {"since": since}
        text = _("People can still book here. What is booked there is not known yet, so a time may be taken twice.")
        yield Gap("problem", "calendar-x", title, text, href, _("See why"))


def _do(request: StaffRequest) -> str:
    what, ref = request.POST.get("do", ""), request.POST.get("ref", "")[:16]
    if what == "read":
        stating.read_now(request.actor, request.business)
        return _("Bookings is being read now.")
    if what == "let_go":
        stating.let_go(request.actor, request.business)
        return _("They are being cancelled here, and their people told.")
    if what == "again":
        stating.again(request.actor, request.business, ref)
        return _("It is being tried again.")
    stating.seen(request.actor, request.business, request.POST.get("kind", "")[:12], ref)
    return _("That is off the list.")
