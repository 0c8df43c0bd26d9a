"""The door of a meeting whose link many share: each says who they are and gets a seat of their own.

Staff of the business go to their side of it. Nobody is told what the meeting is about before they were let in.
"""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy

from vestibule.meetings import online_door
from vestibule.meetings.models import Meeting
from vestibule.people import links, rates
from vestibule.people.actors import memberships_of
from vestibule.people.errors import NotFound, Refusal
from vestibule.people.models import CapabilityLink
from vestibule.store import clock
from vestibule.web import languages
from vestibule.web.consumer import visit_seat

TRIES, SECONDS = 20, 600
"""How often one address may try numbers and passcodes."""
OVER = gettext_lazy("The meeting this link led to is over or was cancelled. Ask whoever sent you the link.")


class DoorForm(forms.Form):
    """Who comes."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter your name, so that we know who waits.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


def by_number(request: HttpRequest, number: str, passcode: str) -> CapabilityLink | None:
    """Return the link of the meeting of ours that somebody names by its number and passcode; None for no such.

    Raises TooMany for whoever goes on guessing.
    """
    if len(number) < 17:
        return None  # ours are longer than those of Teams
    rates.limit("meeting.number", rates.client_key(request), TRIES, SECONDS)
    return online_door.link_by_number(number, passcode)


def answer(request: HttpRequest, link: CapabilityLink, meeting: Meeting) -> HttpResponse | None:
    """Let somebody in as far as the waiting room, or ask who they are; None once the meeting is over for good."""
    if meeting.state == Meeting.State.CANCELLED or link.expires_at <= clock.now():
        return None
    if any(one.business_id == meeting.business_id for one in memberships_of(request.user)):
        return redirect("desk-visit", ref=meeting.ref)
    languages.speak(request, meeting.business)
    seat = visit_seat.seat_of(request)
    if seat is not None and seat.meeting_id == meeting.pk and request.method == "GET":
        return redirect("visit")
    form = DoorForm(request.POST if request.method == "POST" and "name" in request.POST else None)
    if form.is_bound and form.is_valid():
        try:
            who = rates.client_key(request)
            own = online_door.come_in(link, form.cleaned_data["name"], who=who, seat_ref=seat.ref if seat else "")
        except NotFound:
            return None
        except Refusal as refusal:
            form.add_error("name", refusal.sentence)
        else:
            came = redirect("visit")
            visit_seat.remember(came, own)
            return came
    address = f"{settings.PUBLIC_URL}/visit?v={links.token(link)}"
    context = {"business": meeting.business, "form": form, "address": address}
    shown = render(request, "visit/meeting_door.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(shown)
    return shown
