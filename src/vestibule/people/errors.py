"""How the product says no: one class, a stable code, and a sentence for the person who asked."""

from typing import Any

from django.utils.translation import gettext as _

from vestibule.store.busy import RETRY_AFTER


class Refusal(Exception):
    """A request that was understood and is not done.

    `code` is stable and public. The sentence says what happened, what it means and what to do next, translated.
    `status` is the HTTP status both pages and APIs answer with; `facts` are machine-readable extras for the API.
    """

    code = "refused"
    status = 422

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence)
        self.facts = facts

    @property
    def sentence(self) -> str:
        return str(self)


class NotPermitted(Refusal):
    """The caller is known but may not do this."""

    code = "not_permitted"
    status = 403


class NotFound(Refusal):
    """Nothing the caller may see has that name."""

    code = "not_found"
    status = 404


class Invalid(Refusal):
    """A value is of the wrong kind, size or shape; `facts["field"]` names it."""

    code = "invalid"
    status = 422


class TooMany(Refusal):
    """More requests than allowed; `facts["retry_after"]` is in seconds."""

    code = "rate_limited"
    status = 429


class Busy(Refusal):
    """The database had no turn to give; `facts["retry_after"]` is in seconds."""

    code = "busy"
    status = 503

    def __init__(self) -> None:
        words = _("Too much is going on at once, so nothing was changed. Try again in a few seconds.")
        super().__init__(words, retry_after=RETRY_AFTER)
