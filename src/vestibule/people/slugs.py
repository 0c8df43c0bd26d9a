"""Short names for addresses, made from what people are called."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from vestibule.people.errors import Invalid

_LETTERS = str.maketrans(
    {"ı": "i", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


def slug_from(name: str, taken: QuerySet[Any], *, otherwise: str = "item") -> str:
    """Return a slug made from `name` that no row of `taken` has; from `otherwise` where no letter of it can be kept."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    base = slugify(plain).replace("_", "-")[:50].strip("-") or otherwise
    used = set(taken.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(
        candidate
        for candidate in (base if turn == 1 else f"{base}-{turn}" for turn in range(1, len(used) + 3))
        if candidate not in used
    )


@contextmanager
def taken_is_refused() -> Iterator[None]:
    """Run a block that stores a slug found free before; somebody else may have taken it since.

    Goes around the writing block. Raises Invalid (field `slug`) in place of the database's refusal.
    """
    try:
        yield
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise Invalid(_("This short name was just taken. Choose another."), field="slug") from error
