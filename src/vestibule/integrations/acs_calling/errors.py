"""Why an installation stopped, in words for whoever runs it."""


class NotInstalled(Exception):
    """Nothing was changed. `what` says what happened, `do` what to do about it."""

    def __init__(self, what: str, do: str = "") -> None:
        super().__init__(what)
        self.what, self.do = what, do
