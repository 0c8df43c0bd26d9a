"""The reminders of a service as Bookings tells them, and as ours. Mails alone: Bookings knows no others."""

from collections.abc import Iterable, Sequence

from vestibule.api.graph import values
from vestibule.api.graph.values import Json
from vestibule.booking.models import Service
from vestibule.notifications import choices, reminders
from vestibule.notifications.choices import EMAIL, PlannedReminder
from vestibule.notifications.facts import Audience
from vestibule.notifications.reminders import Wanted
from vestibule.people.errors import Invalid

RECIPIENTS = ("allAttendees", "staff", "customer")
WHO = {
    "allAttendees": (str(Audience.CONSUMER), str(Audience.PROVIDER)),
    "staff": (str(Audience.PROVIDER),),
    "customer": (str(Audience.CONSUMER),),
}
BEFORE, AFTER = "before", "after"


def told(service: Service) -> list[Json]:
    """Return the mails that remind of a service, the earliest first: its own, or those of its business."""
    planned = sorted(choices.of(service.business).reminders(service.ref), key=lambda one: -one.ahead)
    return [_told(one, service) for one in planned if one.channel == EMAIL and _recipients(one.audiences)]


def wanted_of(service: Service, given: Sequence[Json], field: str = "defaultReminders") -> list[Wanted]:
    """Return all reminders of a service as they are to be: the mails that were written, and the texts there are.

    None at all is said by what there was, switched off. Raises Invalid naming the member.
    """
    planned = choices.of(service.business).reminders(service.ref)
    now = [_wanted(one) for one in planned]
    mails = [_read(one, service, now, f"{field}/{at}") for at, one in enumerate(given)]
    found = [*_each_time_once(mails), *(one for one in now if one.channel != EMAIL)]
    return found or [Wanted(**{**vars(one), "is_on": False}) for one in now] or [_nothing()]


def _told(one: PlannedReminder, service: Service) -> Json:
    minutes = one.ahead if one.ahead > 0 else one.ahead - service.duration_minutes
    return {
        "offset": values.written_length(minutes),
        "recipients": _recipients(one.audiences),
        "message": one.words,
    }


def _recipients(audiences: Iterable[str]) -> str:
    who = set(audiences) & set(WHO["allAttendees"])
    return next((name for name, those in WHO.items() if set(those) == who), "")


def _wanted(one: PlannedReminder) -> Wanted:
    side = BEFORE if one.ahead > 0 else AFTER
    return Wanted(side, abs(one.ahead), tuple(one.audiences), one.channel, one.words)


def _read(given: Json, service: Service, now: Sequence[Wanted], field: str) -> Wanted:
    """Read one reminder; helpers who were reminded then still are. After the start is after the end here."""
    minutes = values.length(given.get("offset"), f"{field}/offset", least=-values.LONGEST)
    side, at = (BEFORE, minutes) if minutes > 0 else (AFTER, -minutes - service.duration_minutes)
    longest = reminders.LONGEST_BEFORE if side == BEFORE else reminders.LONGEST_AFTER
    if not 5 <= at <= longest:
        words = f"Reminders go out between 5 minutes and {longest // values.DAY} days {side} the appointment."
        raise Invalid(words, field=f"{field}/offset")
    to = values.choice(given.get("recipients") or RECIPIENTS[0], RECIPIENTS, f"{field}/recipients") or RECIPIENTS[0]
    same = next((one for one in now if (one.side, one.offset_minutes, one.channel) == (side, at, EMAIL)), None)
    others = [who for who in same.audiences if who not in WHO[RECIPIENTS[0]]] if same is not None else []
    return Wanted(
        side, at, (*WHO[to], *others), EMAIL, values.text(given.get("message"), f"{field}/message", 500, lines=True)
    )


def _each_time_once(mails: Sequence[Wanted]) -> list[Wanted]:
    """Return reminders with those of one time made one, which goes to all of them."""
    found: dict[tuple[str, int], Wanted] = {}
    for one in mails:
        key = (one.side, one.offset_minutes)
        before = found.get(key)
        who = tuple(dict.fromkeys((*before.audiences, *one.audiences))) if before is not None else one.audiences
        words = (before.words if before is not None else "") or one.words
        found[key] = Wanted(one.side, one.offset_minutes, who, EMAIL, words)
    return list(found.values())


def _nothing() -> Wanted:
    return Wanted(BEFORE, values.DAY, WHO["customer"], EMAIL, is_on=False)
