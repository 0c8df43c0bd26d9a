"""Why the builder says no."""

from django.utils.translation import gettext as _

from vestibule.people.errors import Refusal


class Overtaken(Refusal):
    """Somebody else changed the draft since the editor read it."""

    code = "overtaken"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has changed this meanwhile, so nothing was stored. Load the page and look again.")
        )
