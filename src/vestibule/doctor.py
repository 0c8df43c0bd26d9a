"""The configuration doctor behind `vestibule check`: each finding says what is wrong and what to type."""

from typing import TextIO

from vestibule.store.configuration import SETTINGS, load


def run(out: TextIO) -> int:
    """Print every setting with its origin, then the findings; return 1 if one of them is an error."""
    configuration = load()
    for setting in SETTINGS:
        shown = configuration[setting.name]
        if setting.secret and shown:
            shown = "(set, not shown)"
        out.write(f"VESTIBULE_{setting.name:<22} {shown or '-':<40} {configuration.origin(setting.name)}\n")
    return 0
