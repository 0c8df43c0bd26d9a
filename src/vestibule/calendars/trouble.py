"""What is wrong with a calendar, in words: what happened, what it means, what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vestibule.calendars.ports import CalendarError, Trouble
from vestibule.people.errors import Refusal

WORDS: dict[str, str | Promise] = {
    Trouble.CREDENTIALS: _(
        "The calendar did not let us in: the user name, the password or the address is not accepted. "
        "Check them; many services want a password made for apps."
    ),
    Trouble.UNREACHABLE: _(
        "The calendar’s server could not be reached. Nothing is lost; we go on trying. "
        "If it stays like this, check the address."
    ),
    Trouble.REFUSED: _(
        "There is no calendar we may use at this address. Copy the address again from your calendar’s settings. "
        "One inside our own network has to be allowed by whoever runs this server."
    ),
    Trouble.TOO_BIG: _(
        "This calendar is too big to read. Publish only the coming year, or a calendar with fewer entries."
    ),
    Trouble.MALFORMED: _(
        "What is at this address is not a calendar. Use the address of the calendar itself, often ending with .ics, "
        "not of a page that shows it."
    ),
}


class CalendarRefused(Refusal):
    """A calendar that could not be used when somebody tried to connect it; nothing was stored."""

    code = "calendar_refused"

    def __init__(self, error: CalendarError) -> None:
        field = "password" if error.kind is Trouble.CREDENTIALS else "url"
        super().__init__(str(WORDS[error.kind]), field=field, kind=error.kind.value, detail=str(error))


def words(kind: str) -> str:
    """Return what a kind of trouble means, and what to do; "" for none."""
    return str(WORDS.get(kind, ""))
