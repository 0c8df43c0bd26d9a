"""Why a thread says no."""

from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid


class NothingToSend(Invalid):
    """The message has no text."""

    def __init__(self) -> None:
        super().__init__(_("There is no text to send. Write something first."), field="text")


class MessageTooLong(Invalid):
    """The message has more characters than a message may have."""

    def __init__(self, limit: int) -> None:
        words = _("This message is longer than %(limit)s characters, so it was not sent. Shorten it or send two.")
        super().__init__(words % {"limit": limit}, field="text")
