"""The form for a stretch of days in which somebody or something is not to be had."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy

from vestibule.web.manager import fields


class StretchForm(fields.Form):
    """From when to when, in local time."""

    first_day = fields.day(gettext_lazy("First day"))
    first_time = fields.clock(gettext_lazy("From"), required=False)
    last_day = fields.day(gettext_lazy("Last day"))
    last_time = fields.clock(gettext_lazy("Until"), required=False)

    def stretch(self, zone: str) -> tuple[datetime, datetime]:
        """Return the instants a valid form names in `zone` (IANA); without times whole days are meant."""
        given, there = self.cleaned_data, ZoneInfo(zone)
        begins = datetime.combine(given["first_day"], given["first_time"] or time(), there)
        if given["last_time"] is None:
            return begins, datetime.combine(given["last_day"] + timedelta(days=1), time(), there)
        return begins, datetime.combine(given["last_day"], given["last_time"], there)
