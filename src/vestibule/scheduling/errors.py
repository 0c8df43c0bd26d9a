"""What cannot be scheduled with."""

_DAY = 1440


class InvalidRules(ValueError):
    """A value that no schedule can have; `key` names the field at fault."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key


class UnknownZone(InvalidRules):
    """A zone that the packaged time zone data does not know."""

    def __init__(self, name: str) -> None:
        super().__init__("timezone", f"{name!r} is not a known IANA time zone")
        self.name = name


def check_times(start: int, end: int) -> None:
    """Refuse times of day outside 00:00 to 24:00."""
    if not (0 <= start <= _DAY and 0 <= end <= _DAY):
        raise InvalidRules("time", f"times of day are 0 to {_DAY} minutes, not {start} and {end}")


def at_least(least: int, **values: int) -> None:
    """Refuse a named number that is too small."""
    for key, value in values.items():
        if value < least:
            raise InvalidRules(key, f"must be at least {least}, not {value}")
