"""Further businesses of somebody who has one, made by a program of theirs, and taken away again."""

from django.conf import settings
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from vestibule.booking.models import Appointment, Service
from vestibule.booking.setup.businesses import founded
from vestibule.people import audit, slugs
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business, GraphTenant, Membership
from vestibule.people.permissions import Actor, Permission, Role
from vestibule.store.transactions import writing

MOST = 100
"""Businesses that programs of one may make."""


def make_beside(actor: Actor, business: Business, name: str) -> Business:
    """Make a business for the owners of `business`, which its programs may act on too.

    Only where whoever runs the server lets programs do so. Raises NotPermitted otherwise, Invalid beyond a hundred.
    """
    _permit(actor, business)
    if not settings.PROGRAMS_MAKE_BUSINESSES:
        words = _(
            "Businesses are made here by whoever runs this server, with `vestibule create-business`, so nothing was"
            " made. They can let programs do it with VESTIBULE_PROGRAMS_MAKE_BUSINESSES."
        )
        raise NotPermitted(words)
    with slugs.taken_is_refused(), writing():
        tenant, _made = GraphTenant.objects.select_for_update().get_or_create(business=business)
        if tenant.made.count() >= MOST:
            raise Invalid(_("Programs of this business have made a hundred others. Take some away first."))
        slug = slugs.slug_from(name, Business.objects.all(), otherwise="business")
        made = founded(actor, slug=slug, name=name, timezone=business.timezone, language=business.language)
        GraphTenant.objects.create(business=made, is_on=True, made_by=tenant)
        owners = Membership.objects.filter(business=business, role=Role.OWNER.value, is_active=True)
        Membership.objects.bulk_create(
            Membership(business=made, user_id=one.user_id, role=one.role) for one in owners
        )  # so that the office sees what its programs made
        audit.record(actor, business.pk, "business.made_beside", "business", made.ref, summary=made.name)
    return made


def take_away(actor: Actor, business: Business) -> None:
    """Take away a business that a program made, while nobody has ever had an appointment with it, and all it holds.

    Raises NotPermitted for any other: what people were promised is not a program's to forget.
    """
    _permit(actor, business)
    with writing():
        current = Business.objects.select_for_update().get(pk=business.pk)
        tenant = GraphTenant.objects.filter(business=current).select_related("made_by").first()
        maker = tenant.made_by if tenant is not None else None
        if maker is None or Appointment.objects.filter(business=current).exists():
            raise _in_use()
        audit.record(actor, maker.business_id, "business.taken_away", "business", current.ref, summary=current.name)
        try:
            Service.objects.filter(business=current).delete()  # locations stay while a service needs them
            current.delete()
        except ProtectedError as error:  # visits without an appointment, answers to a survey
            raise _in_use() from error


def _in_use() -> NotPermitted:
    words = _(
        "Only a business that a program made, and that nobody has an appointment with, is taken away this way,"
        " so nothing was changed. Whoever runs this server can remove others."
    )
    return NotPermitted(words)


def _permit(actor: Actor, business: Business) -> None:
    if actor.business_of(Permission.MANAGE_BUSINESS) != business.pk:
        raise NotPermitted(_("This is not your business, so nothing was changed."))
