"""What is left to do until a business can be booked."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.booking.models import Service, ServiceProvider, WeeklyHours
from vestibule.experience import survey
from vestibule.people.models import Business, Provider


@dataclass(frozen=True)
class Step:
    """One thing to do, and whether it is done."""

    title: str
    text: str
    href: str
    is_done: bool


@dataclass(frozen=True)
class Gap:
    """Something that waits for somebody in the office: what it is, and where to mend it."""

    kind: str
    icon: str
    title: str
    text: str
    href: str
    action: str


def steps(business: Business) -> list[Step]:
    """Return the way to the first booking, in order."""
    hours = WeeklyHours.objects.filter(business=business).exists()
    providers = Provider.objects.filter(business=business, is_active=True).exists()
    services = Service.objects.filter(business=business, is_active=True)
    offered = services.filter(Exists(_offers())).exists()
    return [
        Step(
            _("Say who you are"),
            _("Name, colour, and how to reach you when a page cannot help"),
            reverse("manage-business"),
            bool(business.phone or business.email),
        ),
        Step(_("Set your opening hours"), _("Weekly hours, with breaks"), reverse("manage-hours"), hours),
        Step(_("Add who meets consumers"), _("One provider is enough"), reverse("manage-providers"), providers),
        Step(
            _("Offer a service"),
            _("What can be booked, how long it takes, and who offers it"),
            reverse("manage-services"),
            offered,
        ),
        Step(
            _("Ask how it was"),
            _("A question or a few after each visit"),
            reverse("manage-survey"),
            survey.is_asked(business),
        ),
    ]


def gaps(business: Business) -> Iterator[Gap]:
    """Yield what keeps consumers from booking something that is offered."""
    if not business.is_published:
        title, text = _("Your booking page is closed"), _("Consumers cannot book by themselves; what is booked stays.")
        yield Gap("warning", "calendar", title, text, reverse("manage-business"), _("Open it again"))
    services = list(Service.objects.filter(business=business, is_active=True).exclude(Exists(_offers()))[:20])
    if services:
        title = ngettext("Nobody offers %(name)s", "%(n)s services are offered by nobody", len(services))
        text = _("It cannot be booked until you choose who does.")
        first = services[0]
        href = reverse("manage-service-offers", args=[first.slug])
        values = {"n": len(services), "name": first.name}
        yield Gap("warning", "briefcase", title % values, text, href, _("Choose who offers it"))
    has_hours = WeeklyHours.objects.filter(business=business, provider=None).exists()
    active = Provider.objects.filter(business=business, is_active=True)
    own = WeeklyHours.objects.filter(provider=OuterRef("pk"), schedule=None)
    idle = active.filter(uses_business_hours=False).exclude(Exists(own))
    if not has_hours:
        idle = active.filter(uses_business_hours=True) | idle
    count = idle.count()
    if count:
        title = ngettext("%(n)s provider has no working hours", "%(n)s providers have no working hours", count)
        href = reverse("manage-providers") if has_hours else reverse("manage-hours")
        text = _("Nobody can book them until they have.")
        yield Gap("warning", "clock", title % {"n": count}, text, href, _("Set hours"))


def _offers() -> QuerySet[ServiceProvider]:
    return ServiceProvider.objects.filter(service=OuterRef("pk"), provider__is_active=True)
