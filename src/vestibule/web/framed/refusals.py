"""Why a page is not shown in a frame, each with its sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vestibule.people.errors import Refusal
from vestibule.web.framed.tickets import Ticket


class NotFramed(Refusal):
    """A frame is not shown. `ticket` is what it was for, where that is known for sure."""

    code = "not_allowed"
    status = 403

    def __init__(self, sentence: str | Promise, *, ticket: Ticket | None = None, address: str = "") -> None:
        super().__init__(sentence)  # type: ignore[arg-type]  # read in the language of the page that says it
        self.ticket = ticket
        self.address = address


class NotListed(NotFramed):
    """The site around is none that the business named."""

    def __init__(self, address: str) -> None:
        words = _("This site may not show our page: the business has not allowed it. You can open the page itself.")
        super().__init__(words, address=address)


class FalseTicket(NotFramed):
    """What came is no ticket, one that was changed, or one that another page sent."""

    code = "false_ticket"

    def __init__(self) -> None:
        super().__init__(_("This page was not opened as it should be, so nothing was done. Load the whole page again."))


class TooOld(NotFramed):
    """The page was open for longer than its ticket lasts."""

    code = "expired_ticket"

    def __init__(self, ticket: Ticket) -> None:
        words = _("This page was open for very long, so nothing was done. Begin again; what is booked stays booked.")
        super().__init__(words, ticket=ticket)


class NothingHere(NotFramed):
    """No business has this name."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such business here. Whoever put this into the page should check its name."))
