"""Who takes part in the messages of a visit through a program, for staff who host it; and how they take them out."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from vestibule.chat.models import Member
from vestibule.meetings import thread_people
from vestibule.meetings.models import Meeting
from vestibule.people.errors import NotFound
from vestibule.web.account.guards import StaffRequest, staff_page
from vestibule.web.manager.pages import confirm

LINK_WORDS = gettext_lazy("See who, or take them out")
"""What leads here from where it is shown who takes part."""


@require_safe
@staff_page()
def listed(request: StaffRequest, ref: str) -> HttpResponse:
    """Show whom programs added to the messages of a visit, and since when they read along."""
    meeting = _visible(request, ref)
    context: dict[str, Any] = {
        "business": request.business,
        "actor": request.actor,
        "zone": request.business.timezone,
        "meeting": meeting,
        "rows": thread_people.added(request.actor, meeting.ref),
    }
    return render(request, "provider/programs.html", context)


@require_http_methods(["GET", "POST"])
@staff_page()
def remove(request: StaffRequest, ref: str, member: int) -> HttpResponse:
    """Ask, then take somebody whom a program added out of the messages of a visit."""
    meeting = _visible(request, ref)
    found = next((row for row in thread_people.added(request.actor, meeting.ref) if row.pk == member), None)
    if found is None and request.method == "GET":
        raise NotFound(_("They are not in these messages any more. Go back to the visit to see who is."))

    def removed() -> str:
        name = thread_people.take_out(request.actor, meeting.ref, member)
        return _("%(name)s is out of these messages, and reads nothing more.") % {"name": name or _("This app")}

    return confirm(
        request,
        removed,
        title=_("Take %(name)s out of the messages of this visit?") % {"name": _called(found)},
        text=_(
            "It reads and writes nothing here from this moment on. What was said until now stays readable for it, and"
            " nobody else loses anything. A program with a key of your business can add it again."
        ),
        button=_("Take out"),
        back=reverse("desk-programs", args=[meeting.ref]),
    )


def _visible(request: StaffRequest, ref: str) -> Meeting:
    found: Meeting = get_object_or_404(Meeting.objects.visible_to(request.actor), ref=ref)
    return found


def _called(member: Member | None) -> str:
    return _("“%(name)s”") % {"name": member.name} if member is not None and member.name else _("an app without a name")
