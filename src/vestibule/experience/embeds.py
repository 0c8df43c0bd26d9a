"""The sites that may show a business' pages inside their own, as origins: "https://clinic.example"."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from vestibule.booking.setup.values import permit
from vestibule.experience.models import EmbedRules
from vestibule.people import audit
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MOST = 20
LONGEST = 200
HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Hosts on the reader's own computer, where a site is tried out without a certificate."""
_HOST = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_PORTS = {"https": 443, "http": 80}


def origins_of(business: Business) -> list[str]:
    """Return the origins that are allowed, as browsers write them, in the order in which they were added."""
    found: list[str] | None = EmbedRules.objects.filter(business=business.pk).values_list("origins", flat=True).first()
    return list(found or [])


def put(actor: Actor, business: Business, origins: Any) -> list[str]:
    """Let these sites and no others show the pages, and return them clean.

    Raises Invalid, naming `origins` or the place in it, for what is no origin, and for more than 20.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    wanted = _all_clean(origins)
    with writing():
        rules, _made = EmbedRules.objects.select_for_update().get_or_create(business=business)
        if rules.origins != wanted:
            before, rules.origins = rules.origins, wanted
            rules.save()
            audit.record(actor, business.pk, "embed.changed", "experience", business.ref, before=before, after=wanted)
    return wanted


def allow(actor: Actor, business: Business, origin: str) -> str:
    """Let one more site show the pages, and return its origin as browsers write it. Raises as `put`."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    added = clean(origin)
    with _in_turn(business):
        put(actor, business, [*origins_of(business), added])
    return added


def forbid(actor: Actor, business: Business, origin: str) -> None:
    """Let a site show the pages no more: frames that are open go no further. One that is not allowed stays so."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    with _in_turn(business):
        put(actor, business, [one for one in origins_of(business) if one != origin])


@contextmanager
def _in_turn(business: Business) -> Iterator[None]:
    """Write with nobody else at the list between reading and storing it: two sites added at once are both kept."""
    with writing():
        Business.objects.select_for_update(no_key=True).get(pk=business.pk)
        yield


def clean(given: str, field: str = "origin") -> str:
    """Return an origin as browsers write it: small letters, no usual port, nothing after the host. Raises Invalid."""
    written = given.strip()
    if not written or len(written) > LONGEST:
        raise Invalid(_("Enter the address of the site, such as https://clinic.example."), field=field)
    if "*" in written:
        raise Invalid(_("A star would let in sites you do not know. Enter each site by its whole name."), field=field)
    parts, host, port = _read(written, field)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        words = _("Only the name of the site counts. Leave out what comes after it: %(origin)s")
        raise Invalid(words % {"origin": f"{parts.scheme}://{host}{port}"}, field=field)
    if parts.scheme == "http" and host not in HERE:
        words = _(
            "The address has to begin with https://. Only a site on your own computer (localhost) may do without."
        )
        raise Invalid(words, field=field)
    return f"{parts.scheme}://{host}{port}"


def _read(written: str, field: str) -> tuple[SplitResult, str, str]:
    """Return the parts of an address, its host as browsers write it, and its port unless it is the usual one."""
    try:
        parts = urlsplit(written)
        host, port = _host_of(parts), parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or ".." in host:
        raise Invalid(_("This is no address of a site. One looks like https://clinic.example."), field=field)
    return parts, host, "" if port in (None, _PORTS[parts.scheme]) else f":{port}"


def _host_of(parts: SplitResult) -> str:
    """Return the host in small letters of ASCII. Raises ValueError (of which UnicodeError is one)."""
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")


def _all_clean(origins: Any) -> list[str]:
    if (
        not isinstance(origins, Sequence)
        or not all(isinstance(one, str) for one in origins)
        or isinstance(origins, str)
    ):
        raise Invalid(_("The sites have to be a list of addresses."), field="origins")
    if len(origins) > 2 * MOST:  # not looked through one by one: it may be very long
        raise Invalid(_("At most 20 sites may show your pages. Remove one first."), field="origins")
    found = list(dict.fromkeys(clean(one, f"origins.{number}") for number, one in enumerate(origins)))
    if len(found) > MOST:
        raise Invalid(_("At most 20 sites may show your pages. Remove one first."), field="origins")
    return found
