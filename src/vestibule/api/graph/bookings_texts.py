"""Whether consumers get text messages about a service, switched as one."""

from vestibule.booking.models import Service
from vestibule.notifications import choices, reminders
from vestibule.notifications.choices import DEFAULTS, SMS
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.reminders import Wanted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing

CONSUMER = str(Audience.CONSUMER)
OF_TEXTS = tuple(one for one in DEFAULTS if one[1:] == (CONSUMER, SMS))
LEAST = tuple(one for one in OF_TEXTS if one[0] in (Kind.CONFIRMATION, Kind.MOVED, Kind.CANCELLED))
"""What is switched on where texts are wanted and the business sends none."""


def put(actor: Actor, service: Service, *, sends: bool) -> None:
    """Let consumers get text messages about a service, as the business chose them, or let them get none."""
    if _sends(service) == sends:
        return
    with writing():
        if sends:
            choices.choose(actor, service.business, [(one, None) for one in OF_TEXTS], service.ref)
            if not _sends(service):
                choices.choose(actor, service.business, [(one, True) for one in LEAST], service.ref)
            return
        choices.choose(actor, service.business, [(one, False) for one in OF_TEXTS], service.ref)
        if _sends(service):
            planned = choices.of(_fresh(service)).reminders(service.ref)
            kept = [
                Wanted("before" if one.ahead > 0 else "after", abs(one.ahead), who, one.channel, one.words)
                for one in planned
                if (who := tuple(to for to in one.audiences if one.channel != SMS or to != CONSUMER))
            ]
            off = Wanted("before", 60, (CONSUMER,), SMS, is_on=False)  # says that there are own ones, if nothing else
            reminders.put(actor, service.business, kept or [off], service.ref)


def _sends(service: Service) -> bool:
    return choices.of(_fresh(service)).sends_texts(service_ref=service.ref)


def _fresh(service: Service) -> Business:
    return Business.objects.get(pk=service.business_id)
