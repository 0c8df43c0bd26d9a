"""The booking page that a scheduler outside has of its own: whether it is one, and how it may stand in ours."""

from urllib.parse import urlsplit

from vestibule.booking.models import SchedulerLink
from vestibule.booking.outside import links
from vestibule.booking.setup.values import permit
from vestibule.people import audit, ways
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

WORLDWIDE = frozenset({"outlook.office365.com", "outlook.office.com", "book.ms"})
ALONE = frozenset({"outlook.office365.us", "outlook-dod.office365.us", "partner.outlook.cn"})
"""Where pages of Bookings are in sovereign clouds."""


def address_of(link: SchedulerLink) -> str:
    """Return the address of the published page, or "": https, and one of the hosts that Bookings has pages on."""
    try:
        parts = urlsplit(link.page_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    is_there = parts.scheme == "https" and host in WORLDWIDE | ALONE and port is None
    is_plain = "@" not in parts.netloc and link.page_url.isascii() and not any(map(str.isspace, link.page_url))
    return link.page_url if is_there and is_plain else ""


def frames_of(address: str) -> list[str]:
    """Return the origins that a frame with the page goes to; worldwide ones send each other on."""
    host = urlsplit(address).hostname or ""
    return [f"https://{one}" for one in sorted(WORLDWIDE if host in WORLDWIDE else {host})]


def instead_of_ours(business: Business) -> tuple[str, SchedulerLink] | None:
    """Return in which way the page outside stands for ours, and its link; None: ours is shown.

    That is so too where the page outside was chosen and cannot be had any more: ours books into the same appointments.
    """
    way = str(ways.of(business.pk).page)
    if way == ways.Page.OWN:
        return None
    link = links.of(business)
    return (way, link) if link is not None and address_of(link) else None


def ask_first(actor: Actor, business: Business, *, asks: bool) -> None:
    """Say whether consumers press a button before the page outside is loaded into ours."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    link = links.require(business)
    with writing():
        SchedulerLink.objects.filter(pk=link.pk).update(asks_first=asks)
        audit.record(actor, business.pk, "scheduler.page", "scheduler", link.ref, summary=link.name, asks_first=asks)
