"""Whom a program may send as: what its business' gateways send as, and what it is told where that is somebody else."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from vestibule.notifications import gateways
from vestibule.notifications.by_program_content import same_sender
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import NamesOthers
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission

EMAIL, SMS = OutboxMessage.Channel.EMAIL, OutboxMessage.Channel.SMS
_OF_INSTALLATION = {
    ("smtp", EMAIL): "EMAIL_FROM",
    ("acs", EMAIL): "ACS_EMAIL_FROM",
    ("acs", SMS): "ACS_SMS_FROM",
}


class WrongSender(Invalid):
    """A sender that none of the business' gateways has; `facts["senders"]` are those it may name."""

    code = "wrong_sender"


@dataclass(frozen=True)
class Way:
    """By what messages of programs leave: whom they may name as sender, and whether one reader is told of others.

    `takes_any`: every sender will do, for nothing leaves, or the gateway alone knows whom it sends as. With `is_kept`
    messages stay here to be read.
    """

    senders: tuple[str, ...]
    takes_any: bool
    names_others: bool
    is_kept: bool


def business_of(actor: Actor) -> Business:
    """Return the business a program sends for. Raises NotPermitted."""
    found: Business = Business.objects.get(pk=actor.business_of(Permission.CHANGE_APPOINTMENTS))
    return found


def way(business: Business, channel: str) -> Way:
    """Return by what messages of programs leave.

    In a demonstration every sender will do until the business has a gateway of its own: what leaves by that of the
    installation names the installation's sender.
    """
    found = gateways.configured().carriers(channel, [business.pk])[business.pk]
    leaving = [one for one in found if one.gateway is not None]
    senders = [one.sender or _of_installation(one.name, channel) for one in leaving]
    is_own = any(one.own is not None for one in leaving)
    return Way(
        senders=tuple(one for one in senders if one),
        takes_any=not senders or not all(senders) or (settings.DEMO and not is_own),
        names_others=not leaving or any(isinstance(one.gateway, NamesOthers) for one in leaving),
        is_kept=not leaving,
    )


def require_sender(business: Business, channel: str, given: str) -> Way:
    """Return by what a message leaves that names `given` as its sender. Raises WrongSender."""
    found = way(business, channel)
    known = {same_sender(channel, one) for one in found.senders}
    if found.takes_any or same_sender(channel, given) in known:
        return found
    words = _("This business does not send as “%(given)s”, so nothing was sent. It sends as: %(senders)s.")
    told = words % {"given": given[:80], "senders": ", ".join(found.senders)}
    raise WrongSender(told, field="from", senders=found.senders)


def _of_installation(name: str, channel: str) -> str:
    setting = _OF_INSTALLATION.get((name, OutboxMessage.Channel(channel)))
    return settings.CONFIGURATION[setting] if setting else ""
