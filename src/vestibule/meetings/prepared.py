"""Words staff send with one tap, and those that go out by themselves to whoever has waited for so long."""

from datetime import timedelta

from django.utils.translation import gettext as _

from vestibule.meetings import areas, conversation, queue
from vestibule.meetings.area_values import plain
from vestibule.meetings.conversation import Notice
from vestibule.meetings.models import Meeting, Participant, PreparedText, WaitingArea
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotFound
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

LENGTH = 500
MOST = 60
LONGEST_WAIT = 240


def texts_of(business: Business | int) -> list[PreparedText]:
    """Return the prepared texts of a business, with their areas, in their order."""
    business_id = business if isinstance(business, int) else business.pk
    return list(PreparedText.objects.select_related("area").filter(business_id=business_id))


def add(actor: Actor, text: str, *, area: str = "", after_minutes: int | None = None) -> PreparedText:
    """Add a text for one area (a slug) or, without, for all; `after_minutes` (1 to 240) lets it go out by itself.

    Raises Invalid naming the field, NotFound for an area that is not there, NotPermitted.
    """
    business_id = actor.business_of(Permission.MANAGE_SETUP)
    with writing():
        known = PreparedText.objects.filter(business_id=business_id)
        if known.count() >= MOST:
            raise Invalid(_("There are 60 prepared texts already. Take one away first."), field="text")
        last = known.order_by("-position").values_list("position", flat=True).first()
        made: PreparedText = PreparedText.objects.create(
            business_id=business_id,
            area=_area(actor, area),
            text=plain(text, "text", LENGTH, 1),
            after_minutes=_minutes(after_minutes),
            position=0 if last is None else last + 1,
        )
        _record(actor, made, "added")
        return made


def change(actor: Actor, ref: str, *, text: str, area: str = "", after_minutes: int | None = None) -> PreparedText:
    """Change a prepared text; what goes where as in `add`, and raises as it, NotFound for a text that is not there."""
    with writing():
        found = _locked(actor, ref)
        found.text = plain(text, "text", LENGTH, 1)
        found.area, found.after_minutes = _area(actor, area), _minutes(after_minutes)
        found.save(update_fields=["text", "area", "after_minutes"])
        _record(actor, found, "changed")
        return found


def remove(actor: Actor, ref: str) -> None:
    """Take a prepared text away. Raises NotFound, NotPermitted."""
    with writing():
        found = _locked(actor, ref)
        _record(actor, found, "removed")
        found.delete()


def send_due() -> list[tuple[int, Notice]]:
    """Send the texts that are due to whoever waits, once for each wait; return what was sent, with the business.

    Safe to run twice at once.
    """
    timed = PreparedText.objects.filter(after_minutes__isnull=False).select_related("area")
    by_business: dict[int, list[PreparedText]] = {}
    for text in timed:
        by_business.setdefault(text.business_id, []).append(text)
    sent: list[tuple[int, Notice]] = []
    for business_id, texts in by_business.items():
        known = areas.Map(business_id)
        least = timedelta(minutes=min(text.after_minutes or 0 for text in texts))
        seats = queue.waiting_for(business_id, least, clock.now())
        waits = queue.waits_of(seats) if seats else {}
        for seat in seats:
            said = [_send(seat, waits.get(seat.pk, 0), text, known) for text in texts]
            sent += [(business_id, notice) for notice in said if notice is not None]
    return sent


def _send(seat: Participant, wait: int, text: PreparedText, known: areas.Map) -> Notice | None:
    since = seat.waiting_since
    if since is None or text.after_minutes is None or clock.now() - since < timedelta(minutes=text.after_minutes):
        return None
    if text.area_id is not None and _area_of(seat.meeting, known).pk != text.area_id:
        return None
    return conversation.say_automatically(seat.ref, text.text, f"{text.ref}:{wait}")


def _area_of(meeting: Meeting, known: areas.Map) -> WaitingArea:
    return known.area_of(meeting, areas.host_of(meeting))


def _locked(actor: Actor, ref: str) -> PreparedText:
    business_id = actor.business_of(Permission.MANAGE_SETUP)
    rows = PreparedText.objects.select_for_update()
    found: PreparedText | None = rows.filter(business_id=business_id, ref=ref).first()
    if found is None:
        raise NotFound(_("There is no such text. Load the page again."))
    return found


def _area(actor: Actor, slug: str) -> WaitingArea | None:
    return areas.stored(actor, slug) if slug else None


def _minutes(given: int | None) -> int | None:
    if given is not None and (type(given) is not int or not 1 <= given <= LONGEST_WAIT):
        raise Invalid(_("Enter 1 to 240 minutes, or nothing to send it by hand."), field="after_minutes")
    return given


def _record(actor: Actor, text: PreparedText, what: str) -> None:
    audit.record(actor, text.business_id, f"prepared_text.{what}", "area", text.ref, summary=text.text[:100])
