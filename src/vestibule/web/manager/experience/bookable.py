"""What keeps consumers from booking what is published, said where it is published."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.people.models import Business, Provider
from vestibule.web.manager import checklist
from vestibule.web.manager.checklist import Gap


def gaps(business: Business) -> Iterator[Gap]:
    """Yield what is missing: first of all somebody who meets consumers, as nothing can be offered without."""
    if Provider.objects.filter(business=business, is_active=True).exists():
        yield from checklist.gaps(business)
        return
    text = _("Without somebody who meets consumers nothing can be booked. New services are offered by who is there.")
    yield Gap("warning", "users", _("Nobody meets consumers yet"), text, reverse("manage-provider-new"), _("Add one"))
