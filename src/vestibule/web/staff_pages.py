"""The pages in the staff bar, and who sees which."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vestibule.people.permissions import Actor, Permission


@dataclass(frozen=True)
class Page:
    """One page of the bar: seen by those who hold any of `needs`. It stands for the pages `beside` it as well."""

    path: str
    label: str | Promise
    icon: str
    needs: frozenset[Permission]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A page as one reader sees it in the bar."""

    path: str
    label: str | Promise
    icon: str
    is_here: bool


P = Permission
SEES = frozenset({P.SEE_APPOINTMENTS, P.SEE_OWN_APPOINTMENTS})
PAGES = (
    Page("/desk", _("Desk"), "door-open", frozenset({P.HOST_ANY, P.HOST_OWN})),
    Page("/manage", _("Today"), "sun", frozenset({P.SEE_APPOINTMENTS})),
    Page("/manage/calendar", _("Calendar"), "calendar", SEES, ("/manage/absence", "/manage/waitlist")),
    Page("/manage/appointments", _("Appointments"), "list", SEES, ("/manage/transfer", "/manage/book")),
    Page(
        "/manage/setup",
        _("Set-up"),
        "sliders",
        frozenset({P.SEE_SETUP}),
        ("/manage/why", "/manage/brand", "/manage/texts", "/manage/experience", "/manage/links", "/manage/embed"),
    ),
    Page("/manage/reports", _("Results"), "chart", frozenset({P.SEE_RESULTS}), ("/manage/results",)),
    Page("/manage/activity", _("Activity"), "history", frozenset({P.SEE_ACTIVITY})),
)


def entries(path: str, actor: Actor | None) -> Sequence[Entry]:
    """Return the bar for `actor` at `path`; without an actor (nobody known yet) every page is named."""
    seen = [page for page in PAGES if actor is None or any(actor.may(need) for need in page.needs)]
    here = max(
        (page.path for page in seen if any(_holds(one, path) for one in (page.path, *page.beside))), key=len, default=""
    )
    return [Entry(page.path, page.label, page.icon, page.path == here) for page in seen]


def _holds(page: str, path: str) -> bool:
    return path == page or path.startswith(f"{page}/")
