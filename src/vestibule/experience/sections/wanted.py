"""What is common to sections: which keys are wanted, and saying where in the document something cannot be."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid, Refusal


@contextmanager
def under(path: str) -> Iterator[None]:
    """Let what is refused in the block name its place in the document: "colour" becomes "brand.colour"."""
    try:
        yield
    except Refusal as refused:
        if refused.status == Invalid.status:
            field = str(refused.facts.get("field", ""))
            refused.facts["field"] = f"{path}.{field}" if field else path
        raise


def changed(wanted: Any, was: Any, keys: Collection[str]) -> dict[str, Any]:
    """Return the entries of `wanted` that differ from `was`. Raises Invalid for anything but an object of `keys`."""
    if not isinstance(wanted, Mapping):
        raise Invalid(_("This part of the experience has to be an object with named values."))
    for name in wanted:
        if name not in keys:
            raise Invalid(_("There is no such setting: %(name)s.") % {"name": str(name)[:60]}, field=str(name)[:60])
    known = was if isinstance(was, Mapping) else {}
    return {name: value for name, value in wanted.items() if name not in known or value != known[name]}
