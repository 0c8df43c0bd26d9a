"""Users as this API has them: the people of the business whom consumers meet, by e-mail address or id.

An application calls, and nobody has signed in: there is no `/me` here, which is what Graph says to an application too.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q

from vestibule.api.graph.asked import Asked
from vestibule.api.graph.faults import Fault
from vestibule.api.plain import Answer, Operations
from vestibule.people.models import Provider

Json = dict[str, Any]
Handler = Callable[[Asked], Answer]
ZONE = re.compile(r'outlook\.timezone\s*=\s*"?([^",;]+)"?', re.IGNORECASE)
PAGE = re.compile(r"odata\.maxpagesize\s*=\s*(\d{1,6})", re.IGNORECASE)
TEXT_BODY = re.compile(r'outlook\.body-content-type\s*=\s*"?text"?', re.IGNORECASE)


def of_users(operations: Operations[Asked]) -> Callable[..., Callable[[Handler], Handler]]:
    """Return what lets a function answer below `/users/{userId}`, and says at `/me` that there is nobody."""

    def on(method: str, template: str, *, permissions: frozenset[str], operation: str) -> Callable[[Handler], Handler]:
        mine = re.sub(r"^users\.(user\.|item\.)?", "me.", operation)
        operations.on(method, f"/me{template}", permissions=permissions, operation=mine)(nobody)
        return operations.on(method, f"/users/{{userId}}{template}", permissions=permissions, operation=operation)

    return on


def nobody(asked: Asked) -> Answer:
    """Say that an application is nobody."""
    words = "/me request is only valid with delegated authentication flow. Name somebody: /users/{address or id}."
    raise Fault(400, "BadRequest", words)


def user_of(asked: Asked) -> Provider:
    """Return the person the address of a request names. Raises Fault (404)."""
    found = known(asked, asked.params["userId"])
    if found is None:
        raise Fault(404, "Request_ResourceNotFound", "There is nobody of this name here whom consumers meet.")
    return found


def known(asked: Asked, named: str) -> Provider | None:
    """Return somebody by e-mail address, whatever its letter case, or by id; None for nobody, or another business'."""
    wanted = named.strip()
    if not wanted or not wanted.isprintable():
        return None
    people = Provider.objects.visible_to(asked.actor).filter(is_active=True).select_related("business", "membership")
    by_name = Q(ref=wanted.casefold()) | Q(email__iexact=wanted) | Q(membership__user__email__iexact=wanted)
    found: list[Provider] = list(people.filter(by_name).order_by("pk")[:5])
    # Whose own address it is comes before who signs in with it.
    return next((one for one in found if one.email.casefold() == wanted.casefold()), found[0] if found else None)


def address_of(provider: Provider) -> str:
    """Return the address somebody is known by; without one, their id."""
    member = provider.membership
    return provider.email or (member.user.email if member is not None else "") or provider.ref


def person(provider: Provider) -> Json:
    """Return somebody as addresses name them."""
    return {"emailAddress": {"name": provider.name, "address": address_of(provider)}}


def member(told: Mapping[str, Any], name: str) -> Any:
    """Return what a program said under `name`, in whatever letter case; None for nothing."""
    wanted = name.casefold()
    return next((value for key, value in told.items() if key.casefold() == wanted), None)


def preferred(asked: Asked, pattern: re.Pattern[str]) -> str:
    """Return what the caller would like of one thing, by its header for that; "" for nothing."""
    found = pattern.search(asked.call.headers.get("prefer", ""))
    return found[found.lastindex or 0].strip() if found is not None else ""
