"""Numbers of reports, as people say them."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking.reports import Lead
from vestibule.web import times

DAY = 24 * 60


def percent(part: float, whole: float) -> str:
    """Return "12 %", or a dash where there is nothing to share."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def length(minutes: int) -> str:
    """Return "3 days" from two days on, else hours and minutes."""
    if minutes < 2 * DAY:
        return times.duration(minutes, short=True) if minutes else _("< 1 h")
    days = minutes // DAY
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def lead(one: Lead) -> str:
    """Return "1 h to 4 h ahead"."""
    if one.least is None:
        return _("After it began")
    if one.under is None:
        return _("%(least)s and more") % {"least": _edge(one.least)}
    if not one.least:
        return _("Less than %(under)s") % {"under": _edge(one.under)}
    return _("%(least)s to %(under)s") % {"least": _edge(one.least), "under": _edge(one.under)}


def _edge(minutes: int) -> str:
    if minutes < DAY:
        return times.duration(minutes, short=True)
    return ngettext("%(n)s day", "%(n)s days", minutes // DAY) % {"n": minutes // DAY}
