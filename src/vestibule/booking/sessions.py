"""What happens to a session of a group service as a whole: its appointments are made, moved and cancelled together.

All of it is one transaction: either everybody's appointment changes, or nobody's. An appointment of any other service
is a session of one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from vestibule.booking import access, lifecycle, making, overriding, quota, seating
from vestibule.booking.errors import SlotTaken
from vestibule.booking.models import Appointment
from vestibule.booking.outside import placing
from vestibule.booking.wishes import Wish
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing

S = Appointment.Status


def live_of(session: str, business_id: int) -> list[Appointment]:
    """Return the appointments of a session that are not cancelled, in the order they were made."""
    rows = Appointment.objects.filter(business_id=business_id, session=session).exclude(status=S.CANCELLED)
    return list(rows.select_related("business", "service", "provider").order_by("pk"))


def book(
    actor: Actor, wishes: Sequence[Wish], *, past_rules: bool = False, team: Sequence[Provider] = ()
) -> list[Appointment]:
    """Book wishes for one start of one service, one for each who takes part, and return their appointments.

    `past_rules` books as `overriding.book` does, with `team`. Raises what booking each would raise.
    """
    with writing():
        first = overriding.book(actor, wishes[0], team) if past_rules else lifecycle.book(actor, wishes[0])
        return [first, *(join(actor, first, one) for one in wishes[1:])]


def join(actor: Actor, first: Appointment, wish: Wish) -> Appointment:
    """Book a place in the session of `first` for somebody else. Raises what booking it would raise."""
    wish = replace(wish, service=first.service, start=first.start, provider=None)
    checked = making.check(actor, wish)
    aim = making.aim_of(wish, checked.contact, as_staff=making.books_as_staff(actor, wish))
    with writing():
        refusal = quota.lack_of_room(wish.service, checked.contact)
        aim = replace(aim, provider=first.provider_id)
        made = seating.take(aim, lambda place: making.write(actor, wish, checked, place))
        if refusal is not None:
            raise refusal
        return made.appointment


def move(
    actor: Actor,
    members: Sequence[Appointment],
    start: datetime,
    *,
    team: Sequence[Provider] = (),
    length: int | None = None,
    past_rules: bool = False,
) -> list[Appointment]:
    """Move a session (all its live appointments) to `start` (aware), to `team` if given; it stays the same session.

    `length` is in minutes. Raises what moving each would raise, and SlotTaken where another session stands there.
    """
    with writing():
        locked = [access.locked(actor, one) for one in members]
        if len(locked) > 1:
            placing.vacate(locked)
        moved: list[Appointment] = []
        for one in locked:
            to = [moved[0].provider] if moved else list(team)
            if past_rules and not moved:
                moved.append(overriding.move(actor, one, start, team=to, length=length))
            else:
                moved.append(lifecycle.move(actor, one, start, provider=to[0] if to else None, length=length))
        _stay_together(moved, members[0].session)
        return moved


def cancel(actor: Actor, members: Sequence[Appointment], *, reason: str = "", is_told: bool = True) -> None:
    """Cancel a session. Raises what cancelling each would raise."""
    with writing():
        for one in members:
            lifecycle.cancel(actor, one, reason=reason, is_told=is_told)


def _stay_together(moved: Sequence[Appointment], session: str) -> None:
    if not session:
        return
    keys = [one.pk for one in moved]
    there = Appointment.objects.filter(session__in={one.session for one in moved}).exclude(pk__in=keys)
    if there.exclude(status=S.CANCELLED).exists():
        raise SlotTaken(moved[0].start, [], moved[0].timezone)
    Appointment.objects.filter(pk__in=keys).update(session=session)
    for one in moved:
        one.session = session
