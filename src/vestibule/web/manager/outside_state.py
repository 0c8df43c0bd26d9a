"""Vendors that do not answer, in words: one banner for each, whatever waits for it."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.people import outside_accounts
from vestibule.web.manager.checklist import Gap
from vestibule.web.manager.pages import Permission, StaffRequest
from vestibule.web.times import moment


def notices(request: StaffRequest) -> Iterator[Gap]:
    """Name the accounts whose vendors have been silent for a while; nobody has to do anything about it."""
    may_see = request.actor.may(Permission.MANAGE_SETUP)
    for account in outside_accounts.silent(request.business):
        assert account.unreachable_since is not None, "it is silent"
        title = _("%(vendor)s has not answered since %(since)s") % {
            "vendor": _(outside_accounts.vendor(account.kind).label),
            "since": moment(account.unreachable_since, request.business.timezone),
        }
        text = _("Bookings go on. Calendars, meetings and messages there follow by themselves as soon as it answers.")
        href = reverse("manage-account", args=[account.kind]) if may_see else ""
        yield Gap("warning", "warning", title, text, href, _("See the account") if may_see else "")
