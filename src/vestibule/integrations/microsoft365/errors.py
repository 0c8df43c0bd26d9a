"""What goes wrong with Graph. No text here holds an address, a name or a token: they are kept and shown to staff."""

from datetime import timedelta


class GraphError(Exception):
    """A request was not done. `code` is Graph's own, `status` 0 where no answer came; `wait` is what was asked for.

    `request_id` is Graph's name of the request, for whoever asks Microsoft about it. `maybe_done` says that it may have
    been done all the same.
    """

    def __init__(
        self,
        text: str,
        *,
        status: int,
        code: str = "",
        request_id: str = "",
        wait: timedelta | None = None,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(text)
        self.status, self.code, self.request_id = status, code, request_id
        self.wait, self.maybe_done = wait, maybe_done

    @property
    def is_passing(self) -> bool:
        """Tell whether trying again later may help by itself."""
        return self.status in (0, 408, 425, 429) or self.status >= 500

    @property
    def is_missing(self) -> bool:
        """Tell whether what was asked for is not there."""
        return self.status in (404, 410)


class SignInRefused(GraphError):
    """No token was given; `code` is Microsoft's number of the reason (AADSTS…), or ""."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text, status=401, code=code)
