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


BY_ACCOUNT: dict[str, str | Promise] = {
    Trouble.CREDENTIALS: _(
        "Microsoft 365 did not let us see this mailbox: the account of the business is missing, has expired, or may "
        "not read calendars. Whoever sets the business up sees under Microsoft 365 what to mend."
    ),
    Trouble.UNREACHABLE: _("Microsoft 365 could not be reached. Nothing is lost; we go on trying."),
    Trouble.REFUSED: _(
        "Microsoft 365 knows no calendar of this mailbox. Check how it is written, and that the person has a licence "
        "with a mailbox."
    ),
}
"""The same of calendars that are asked with an account of the business."""


class CalendarRefused(Refusal):
    """A calendar that could not be used when somebody tried to connect it; nothing was stored."""

    code = "calendar_refused"

    def __init__(self, error: CalendarError, *, by_account: bool = False) -> None:
        field = "password" if error.kind is Trouble.CREDENTIALS and not by_account else "url"
        sentence = words(error.kind, by_account=by_account)
        super().__init__(sentence, field=field, kind=error.kind.value, detail=str(error))


def words(kind: str, *, by_account: bool = False) -> str:
    """Return what a kind of trouble means, and what to do; "" for none."""
    return str((BY_ACCOUNT.get(kind) if by_account else None) or WORDS.get(kind, ""))
