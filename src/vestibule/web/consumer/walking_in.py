"""Coming by without an appointment: one public page per business, and one per waiting area; then the visit itself."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vestibule.meetings import areas, waiting, walk_ins
from vestibule.meetings.access import OVER
from vestibule.meetings.errors import QueueClosed
from vestibule.meetings.models import TURNED_AWAY, Meeting, Participant
from vestibule.meetings.walk_ins import Caller, FrontDoor
from vestibule.people import rates
from vestibule.people.errors import NotFound, Refusal
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.web.consumer import visit_seat


class WalkInForm(forms.Form):
    """Who comes by, and why. Shapes only: what is taken is decided by the verb."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter your name, so that we know who waits.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("What is it about?"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("A few words; they help us to find the right person."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone number"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("So that we reach you if the connection fails."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(
        error_messages={"required": gettext_lazy("Tick the box, or call us instead.")},
    )

    def __init__(self, business: Business, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _("I agree that %(business)s uses what I enter here for this visit.")
        self.fields["consent"].label = words % {"business": business.name}

    def caller(self) -> Caller:
        """Return who comes by, as the verb takes it."""
        given = self.cleaned_data
        return Caller(
            name=given["name"],
            reason=given["reason"],
            email=given["email"],
            phone=given["phone"],
            language=get_language() or "",
            agreed_to=str(self.fields["consent"].label),
        )


@require_http_methods(["GET", "POST"])
def walk_in(request: HttpRequest, slug: str, area_slug: str = "") -> HttpResponse:
    """Show whether one may come by now, and take who does to the visit. Somebody who has a place goes on to it."""
    try:
        door = walk_ins.front_door(slug, area_slug)
    except NotFound as unknown:
        raise Http404 from unknown
    seat = visit_seat.seat_of(request)
    if seat is not None and _waits_here(seat, door):
        return redirect("visit")
    if not door.opening.is_open:
        return _closed(request, door, door.sentence)
    form = WalkInForm(door.business, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            came = walk_ins.come_by(door, form.caller(), who=rates.client_key(request))
        except QueueClosed as closed:
            return _closed(request, door, closed.sentence)
        except Refusal as refusal:
            field = str(refusal.facts.get("field", ""))
            form.add_error(field if field in form.fields else None, refusal.sentence)
        else:
            answer = redirect("visit")
            visit_seat.remember(answer, came.link)
            return answer
    context = {"business": door.business, "area": door.area, "form": form}
    return render(request, "visit/walk_in.html", context, status=422 if form.errors else 200)


def address_of(business: Business) -> str | None:
    """Return where one may come by just now without an appointment, or None while nobody may."""
    door = walk_ins.front_door(business.slug)
    return f"/walk-in/{business.slug}" if door.opening.is_open else None


def _waits_here(seat: Participant, door: FrontDoor) -> bool:
    meeting = seat.meeting
    if meeting.kind != Meeting.Kind.WALK_IN or meeting.business_id != door.business.pk or meeting.state in OVER:
        return False
    return seat.state not in TURNED_AWAY and not waiting.is_turned_off(seat)


def closed_page(request: HttpRequest, seat: Participant) -> HttpResponse:
    """Say to somebody who came by and does not wait yet that the queue was closed meanwhile."""
    area = areas.area_of(seat.meeting)
    opening = areas.opening(area, seat.meeting.business.timezone, clock.now())
    sentence = areas.words_when_closed(area)
    return _closed(request, FrontDoor(seat.meeting.business, area, opening, sentence), sentence)


def _closed(request: HttpRequest, door: FrontDoor, sentence: str) -> HttpResponse:
    context = {
        "business": door.business,
        "area": door.area,
        "sentence": sentence,
        "why": door.opening.why or "full",
        "opens_at": door.opening.opens_at,
        "zone": door.business.timezone,
    }
    return render(request, "visit/walk_in_closed.html", context, status=200)
