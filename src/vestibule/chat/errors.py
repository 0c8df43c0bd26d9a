"""Why a thread says no."""

from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid, Refusal


class NothingToSend(Invalid):
    """The message has no text."""

    def __init__(self) -> None:
        super().__init__(_("There is no text to send. Write something first."), field="text")


class MessageTooLong(Invalid):
    """The message has more characters than a message may have."""

    def __init__(self, limit: int) -> None:
        words = _("This message is longer than %(limit)s characters, so it was not sent. Shorten it or send two.")
        super().__init__(words % {"limit": limit}, field="text")


class NotYours(Refusal):
    """Another's message, or one that has stood too long to be changed."""

    code = "not_permitted"
    status = 403

    def __init__(self, minutes: int) -> None:
        words = _("Only an own message can be changed, within %(minutes)s minutes. Write a new one instead.")
        super().__init__(words % {"minutes": minutes})


class TooLarge(Refusal):
    """The file is larger than a file may be; `facts["most"]` is in bytes."""

    code = "too_large"
    status = 413

    def __init__(self, most: int) -> None:
        words = _("This file is larger than %(most)s MB, so it was not sent. Send a smaller one, or several parts.")
        super().__init__(words % {"most": most // (1024 * 1024)}, most=most)


class ThreadFull(Refusal):
    """The thread holds as many files, or as many bytes, as it may."""

    code = "thread_full"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("There are too many files in this conversation already. Take one back first, or ask us."))


class WrongOffset(Refusal):
    """The bytes sent do not follow on what is there; `facts["offset"]` says where it stands."""

    code = "wrong_offset"
    status = 409

    def __init__(self, offset: int) -> None:
        super().__init__(_("These bytes do not follow on what is here already. Go on from there."), offset=offset)


class NotTaken(Refusal):
    """This kind of file is not taken."""

    code = "not_taken"
    status = 422

    def __init__(self) -> None:
        words = _("This kind of file is not taken, so it was not sent. Send a picture, a PDF, or an Office document.")
        super().__init__(words)
