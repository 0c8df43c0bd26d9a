"""What somebody is called whom a program invited to a room without saying so."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from vestibule.meetings import waiting
from vestibule.people import rates
from vestibule.people.errors import Refusal
from vestibule.web.consumer import visit_seat


class NameForm(forms.Form):
    """The name the others see. Shapes only: what is taken is decided by the verb."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        help_text=gettext_lazy("The team and everybody in the visit see it."),
        error_messages={"required": gettext_lazy("Enter your name, so that we know who waits.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask somebody without a name for it, and go on to the visit; whoever has one goes there at once."""
    seat = visit_seat.seat_of(request)
    if seat is None or seat.name:
        return redirect("visit")
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        rates.limit("visit.name", seat.ref, 20, 600)
        try:
            waiting.set_name(seat.ref, form.cleaned_data["name"])
        except Refusal as refusal:
            form.add_error("name", refusal.sentence)
        else:
            return redirect("visit")
    context: dict[str, Any] = {"business": seat.meeting.business, "meeting": seat.meeting, "form": form}
    return render(request, "visit/name.html", context, status=422 if form.errors else 200)
