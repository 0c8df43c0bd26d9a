"""What people wrote back by text message: what it was understood as, what became of it, and whether staff saw it."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking.models import Appointment
from vestibule.notifications import incoming
from vestibule.notifications.models import IncomingText
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.messages_page import around
from vestibule.web.manager.pages import Permission, StaffRequest, done, open_to, paged, query_without, show

SHOWS = (
    ("", gettext_lazy("All")),
    ("new", gettext_lazy("New ones")),
    ("unknown", gettext_lazy("From numbers of no appointment")),
)
LONGEST_KEY = 18


class FilterForm(fields.Form):
    """Which texts to list."""

    show = fields.one_of(gettext_lazy("Show"), words(SHOWS), required=False)
    meaning = fields.one_of(
        gettext_lazy("Understood as"), [("", gettext_lazy("All")), *words(IncomingText.Meaning.choices)], required=False
    )
    q = fields.text(gettext_lazy("From"), most=32, required=False)


@open_to(Permission.SEE_APPOINTMENTS)
def listing(request: StaffRequest) -> HttpResponse:
    """List texts, the latest first, those nobody has seen marked."""
    form = FilterForm(request.GET)
    rows = IncomingText.objects.visible_to(request.actor).select_related("gateway").order_by("-pk")
    if form.is_valid():
        given = form.cleaned_data
        if given["show"] == "new":
            rows = rows.filter(seen_at=None)
        if given["show"] == "unknown":
            rows = rows.filter(subject_ref="")
        if given["meaning"]:
            rows = rows.filter(meaning=given["meaning"])
        if given["q"]:
            rows = rows.filter(sender__icontains=given["q"].replace(" ", ""))
    page = paged(request, rows)
    appointments = Appointment.objects.visible_to(request.actor).select_related("service")
    about = {one.ref: one for one in appointments.filter(ref__in={text.subject_ref for text in page.object_list})}
    context: dict[str, Any] = {
        "page": page,
        "rows": [(text, about.get(text.subject_ref)) for text in page.object_list],
        "new": [text.pk for text in page.object_list if text.seen_at is None],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "query": query_without(request, "page"),
        **around(request),
    }
    return show(request, "incoming.html", form=form, **context)


@open_to(Permission.CHANGE_APPOINTMENTS, only_post=True)
def seen(request: StaffRequest) -> HttpResponse:
    """Note that texts were looked at: one, or all of a page."""
    given = [key for key in request.POST.getlist("text")[:100] if key.isascii() and key.isdigit()]
    count = incoming.mark_seen(request.actor, [int(key) for key in given if len(key) <= LONGEST_KEY])
    words = ngettext("%(n)s text message is marked as seen.", "%(n)s text messages are marked as seen.", count)
    if not count:
        words = _("These were marked as seen already.")
    return done(request, words % {"n": count}, reverse("manage-incoming"))
