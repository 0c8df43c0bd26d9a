"""Names people from outside show. Nobody passes for staff: a name like one of theirs is marked as a guest's.

Not refused, since a consumer may well be called like a provider.
"""

import unicodedata

from django.utils.translation import gettext as _

from vestibule.people.characters import holds_address, without_unseen
from vestibule.people.errors import Invalid
from vestibule.people.models import Business, Membership, Provider

LONGEST = 120
_TITLES = frozenset({"dr", "doctor", "prof", "professor", "mr", "mrs", "ms", "mx", "miss", "sir", "dame", "md", "phd"})
_LOOKALIKES = "аaеeоoрpсcуyхxіiјjѕsһhԁdӏlкkвbмmтtнhαaεeνvοoτtρpυyχxιiκkɡgıiłl0o1l3e5s"
_SAME = str.maketrans(
    {**dict(zip(_LOOKALIKES[::2], _LOOKALIKES[1::2], strict=True)), "i": "l", "і": "l", "ı": "l", "ι": "l"}
)
"""Letters and digits that look like Latin ones."""


def clean(name: str) -> str:
    """Return a name without what cannot be seen, single blanks, at most 120 characters. Raises Invalid if empty."""
    shown = without_unseen(name)[:LONGEST]
    if not shown:
        raise Invalid(_("A name is needed, so that the others know who you are."), field="name")
    return shown


def of_guest(name: str, business_id: int) -> str:
    """Return `name`, cleaned; marked as a guest's where it reads like a provider, staff, or the business.

    Raises Invalid as `clean`, and for a web address: our messages to staff and helpers carry the name.
    """
    shown = clean(name)
    if holds_address(shown):
        raise Invalid(_("A name holds no web address. Enter the name alone."), field="name")
    mark = _("(guest)")
    if shown.endswith(mark) or not imitates(shown, business_id):
        return shown
    return f"{shown[: LONGEST - len(mark) - 1]} {mark}"


def imitates(name: str, business_id: int) -> bool:
    """Tell whether `name` reads like that of somebody who works for the business, whatever letters it is written in."""
    seen = _skeleton(name)
    staff = Membership.objects.filter(business_id=business_id, is_active=True).values_list("user__name", flat=True)
    known = [
        *Provider.objects.filter(business_id=business_id, is_active=True).values_list("name", flat=True),
        *staff,
        *Business.objects.filter(pk=business_id).values_list("name", flat=True),
    ]
    return any(seen == one for one in map(_skeleton, known) if one)


def _skeleton(name: str) -> frozenset[str]:
    """Return the words of a name as the eye takes them: without titles, accents, case and order."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_SAME | dict.fromkeys(map(ord, "\u200c\u200d")))
    letters = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    return frozenset(word for word in letters.split() if word not in _TITLES)
