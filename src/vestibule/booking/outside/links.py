"""Choosing the business outside that stands behind ours, and letting go of it. What talks to it does so before writing.

Raises OutsideRefused with what to do where the scheduler does not answer or refuses; NotPermitted, NotFound, TooMany.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.utils.translation import gettext as _

from vestibule.booking.models import SchedulerLink
from vestibule.booking.outside import linking
from vestibule.booking.ports import OutsideScheduler, SchedulerError, TheirBusiness
from vestibule.booking.setup.values import permit
from vestibule.people import audit, rates, ways
from vestibule.people.errors import NotFound, Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.people.waiting_outside import waiting_outside
from vestibule.store import clock
from vestibule.store.transactions import writing

KIND = "bookings"


class OutsideRefused(Refusal):
    """The scheduler outside could not be read or written. `facts["trouble"]` is SchedulerError's code."""

    code = "outside_refused"


def of(business: Business) -> SchedulerLink | None:
    """Return the link of a business, or None."""
    found: SchedulerLink | None = SchedulerLink.objects.filter(business=business).first()
    return found


def require(business: Business) -> SchedulerLink:
    """Return the link of a business. Raises NotFound."""
    found = of(business)
    if found is None:
        raise NotFound(_("No business in Bookings is chosen yet."))
    return found


def businesses(actor: Actor, business: Business) -> Sequence[TheirBusiness]:
    """Return what businesses there are outside, by name. Talks to the network."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    with talking(actor, business) as scheduler:
        return sorted(scheduler.businesses(), key=lambda one: (one.name.casefold(), one.id.casefold()))


def link(actor: Actor, business: Business, external_id: str) -> SchedulerLink:
    """Let a business outside stand behind ours. Nothing is imported, read or written by that alone.

    Raises Refusal where another one does already: that one is let go of first, with all names it had.
    """
    known = of(business)
    if known is not None and known.external_id.casefold() != external_id.strip().casefold():
        raise _stays()
    there = next(
        (one for one in businesses(actor, business) if one.id.casefold() == external_id.strip().casefold()), None
    )
    if there is None:
        raise NotFound(_("There is no such business in Bookings any more. Choose another one."))
    with writing():
        found, is_new = SchedulerLink.objects.get_or_create(
            business=business, defaults={"kind": KIND, "external_id": there.id, "name": there.name[:160]}
        )
        if found.external_id.casefold() != there.id.casefold():
            raise _stays()
        if is_new:
            audit.record(actor, business.pk, "scheduler.linked", "scheduler", found.ref, summary=there.name[:160])
            linking.changed(business.pk)
    made: SchedulerLink = found
    return made


def unlink(actor: Actor, business: Business) -> None:
    """Let go of the business outside. What was imported stays; what it is called there is forgotten.

    Raises Refusal while it keeps the appointments: those would be split.
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    with writing():
        found = SchedulerLink.objects.select_for_update().filter(business=business).first()
        if found is None:
            return
        if str(ways.of(business.pk).scheduler) != ways.Scheduler.OWN:
            words = _(
                "Bookings keeps your appointments at present. Choose under “Ways to work” that you do, then let go."
            )
            raise Refusal(words)
        audit.record(actor, business.pk, "scheduler.unlinked", "scheduler", found.ref, summary=found.name)
        linking.changed(business.pk)
        found.delete()


def publish(actor: Actor, business: Business, *, is_published: bool) -> SchedulerLink:
    """Publish the booking page outside, or take it back, and keep its address. Talks to the network."""
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    known = require(business)
    with talking(actor, business) as scheduler:
        there = scheduler.publish(known.external_id, is_published)
    with writing():
        keep_facts(known, there)
        audit.record(
            actor, business.pk, "scheduler.published", "scheduler", known.ref, summary=known.name, on=is_published
        )
    return require(business)


def keep_facts(known: SchedulerLink, there: TheirBusiness) -> None:
    """Keep what a reading said of a business outside: its name and its public page."""
    SchedulerLink.objects.filter(pk=known.pk).update(
        name=there.name[:160], page_url=there.page_url[:500] if there.is_published else ""
    )


def note(known: SchedulerLink, problem: str = "") -> None:
    """Keep how a reading of the set-up went; while appointments are kept in step, whoever does that says so."""
    seen = {"last_tried_at": clock.now(), "problem": problem[:300]} if not known.is_on else {}
    if not problem:
        seen["setup_read_at"] = clock.now()
    SchedulerLink.objects.filter(pk=known.pk).update(**seen)


@contextmanager
def talking(actor: Actor, business: Business) -> Iterator[OutsideScheduler]:
    """Open the scheduler for one errand of a page, and say what goes wrong so that people can mend it."""
    rates.limit("scheduler", f"{business.pk}:{actor.user_id}", 60, 600)
    known = of(business) or SchedulerLink(business=business, kind=KIND)
    with waiting_outside(f"scheduler:{business.pk}"):
        try:
            scheduler = linking.opened(known.kind, linking.access_to(known))
            try:
                yield scheduler
            finally:
                scheduler.close()
        except SchedulerError as wrong:
            refused = in_words(wrong)
            if known.pk is not None:
                with writing():
                    note(known, refused.sentence)
            raise refused from wrong


def in_words(wrong: SchedulerError) -> OutsideRefused:
    """Return what a manager is told of an error, and what to do about it."""
    words = {
        "account": _("Your account at Microsoft 365 is missing or cannot be used. Set it up first."),
        "sign_in": _(
            "Microsoft refused the sign-in. Look at your account at Microsoft 365: the secret may have expired."
        ),
        "not_permitted": _(
            "Microsoft does not let us into Bookings: a permission is missing, Bookings is switched off, or there is no"
            " licence for it. Your account at Microsoft 365 says which, and what to click."
        ),
        "missing": _("This is not in Bookings any more. It may have been deleted there."),
        "throttled": _("Microsoft asks us to slow down. Try again in some minutes; nothing is lost."),
        "away": _("Bookings does not answer at present. Try again in a while; nothing is lost."),
    }
    otherwise = _("Bookings did not take this: %(why)s.") % {"why": str(wrong)}
    return OutsideRefused(words.get(wrong.code, otherwise), trouble=wrong.code, retry_after=int(wrong.wait))


def _stays() -> Refusal:
    return Refusal(_("Another business in Bookings is connected to this one. Disconnect it first."))
