"""Ringing people who asked for it, where a telephone service is set up; elsewhere staff dial by hand."""

import asyncio
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vestibule.meetings import room_people
from vestibule.meetings.access import hosted_seat, require_going_on
from vestibule.meetings.call_requests import open_of
from vestibule.meetings.errors import NotDialled, WrongState
from vestibule.meetings.ports import DialFailed, DialOrder, DialOut
from vestibule.people import rates
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing

PATIENCE_SECONDS = 10.0
TIMES, SECONDS = 3, 60


def is_set_up() -> bool:
    """Tell whether something can ring people; staff are offered it only then."""
    return bool(settings.DIAL_OUT)


def order(actor: Actor, seat_ref: str) -> DialOrder:
    """Return the call that answers the open request of a seat.

    Raises NotDialled where nothing is set up, or in a room whose program wants no telephone rung, WrongState if nobody
    asks to be called, MeetingOver, TooMany, NotFound, NotPermitted for a visit that is not the actor's to host.
    """
    with writing():
        seat = hosted_seat(actor, seat_ref)
        require_going_on(seat.meeting)
        asked = open_of(seat)
        if asked is None:
            raise WrongState(_("%(name)s does not ask to be called any more.") % {"name": seat.name})
        if not is_set_up() or (room_people.is_own(seat.meeting) and not seat.meeting.dials_out):
            raise NotDialled(_by_hand(asked.phone))
        rates.limit("call.dial", seat_ref, TIMES, SECONDS)
        meeting = seat.meeting
        # The number too: who corrects it is to be rung there.
        key = f"call-{asked.pk}-{asked.phone.lstrip('+')}"
        return DialOrder(key, asked.phone, meeting.business.name, meeting.ref, seat.ref)


async def place(wanted: DialOrder) -> None:
    """Have the call placed, within ten seconds. Raises NotDialled with the number to dial by hand."""
    service = cast(DialOut, import_string(settings.DIAL_OUT)())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await service.call(wanted)
    except (DialFailed, TimeoutError) as failure:
        raise NotDialled(_by_hand(wanted.number)) from failure


def _by_hand(number: str) -> str:
    return _("The call could not be placed from here. Dial %(number)s yourself, then press “I have called”.") % {
        "number": number
    }
