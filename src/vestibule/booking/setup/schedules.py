"""Further hours of a provider under a name, for services that are pinned to them."""

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from vestibule.booking.models import Schedule
from vestibule.booking.setup import values
from vestibule.booking.setup.hours import permit_hours
from vestibule.people import audit, masks
from vestibule.people.errors import Invalid
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor
from vestibule.store.transactions import writing

MOST_SCHEDULES = 20
_name = values.text(80, least=1)


def add_schedule(actor: Actor, provider: Provider, name: str) -> Schedule:
    """Add a schedule without hours: set them with `set_hours(…, schedule=…)`. Names are taken once a provider."""
    permit_hours(actor, provider.business, provider)
    named = _name(name, "name")
    with writing():
        theirs = Schedule.objects.select_for_update().filter(provider=provider)
        _require_free(provider, named)
        if theirs.count() >= MOST_SCHEDULES:
            raise Invalid(_("A person has at most 20 schedules. Remove one first."), field="name")
        schedule = Schedule.objects.create(business_id=provider.business_id, provider=provider, name=named)
        _record(actor, schedule, "schedule.added")
    return schedule


def rename_schedule(actor: Actor, schedule: Schedule, name: str) -> Schedule:
    """Give a schedule another name."""
    permit_hours(actor, schedule.business, schedule.provider)
    named = _name(name, "name")
    with writing():
        if named != schedule.name:
            _require_free(schedule.provider, named)
            Schedule.objects.filter(pk=schedule.pk).update(name=named)
            schedule.name = named
            _record(actor, schedule, "schedule.renamed")
    return schedule


def remove_schedule(actor: Actor, schedule: Schedule) -> None:
    """Remove a schedule and its hours. Raises Invalid (field `schedule`) while a service is pinned to it."""
    permit_hours(actor, schedule.business, schedule.provider)
    with writing():
        try:
            Schedule.objects.filter(pk=schedule.pk).delete()
        except ProtectedError as error:
            words = _("Services still go by this schedule. Choose other hours for them first.")
            raise Invalid(words, field="schedule") from error
        masks.raise_versions([schedule.provider_id])
        _record(actor, schedule, "schedule.removed")


def _require_free(provider: Provider, name: str) -> None:
    if Schedule.objects.filter(provider=provider, name=name).exists():
        raise Invalid(_("This person has a schedule of that name already. Choose another."), field="name")


def _record(actor: Actor, schedule: Schedule, action: str) -> None:
    provider = schedule.provider
    audit.record(
        actor,
        schedule.business_id,
        action,
        "provider",
        provider.ref,
        summary=provider.name,
        schedule=schedule.name,
    )
