"""Members of staff: listed, told, made, changed, taken off the pages.

Somebody made here can be booked at once. A role that signs in comes with an invitation by mail where the program may
manage staff; else the office gives it, and until then the person is awaited.
"""

from collections.abc import Sequence

from django.db.models import QuerySet

from vestibule.api.graph import (
    bookings_business,
    bookings_kept,
    bookings_lists,
    bookings_names,
    bookings_staff,
    narrowing,
    values,
)
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS, WRITES
from vestibule.api.graph.bookings_staff import GUESTS, OURS, Around, Changes
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.values import Json
from vestibule.api.plain import Answer, Operations
from vestibule.booking import beside, setup
from vestibule.calendars.models import LinkedCalendar
from vestibule.people import staff as members
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Permission, Role
from vestibule.store.transactions import writing

operations: Operations[Asked] = Operations()
KIND = "staff"
ALL = "/solutions/bookingBusinesses/{business}/staffMembers"
ONE = f"{ALL}/{{member}}"
OF = "solutions.bookingBusinesses"
MEMBERS = narrowing.told(
    texts=("id", "displayName", "emailAddress"),
    choices={"role": bookings_staff.ROLES, "membershipStatus": bookings_staff.STATUSES},
    flags=("useBusinessHours",),
)
"""What the list is asked by."""
NAMES = {"name": "displayName", "email": "emailAddress", "timezone": "timeZone", "hours": "workingHours"}


@operations.on("GET", ALL, permissions=READS, operation=f"{OF}.ListStaffMembers")
def list_staff(asked: Asked) -> Answer:
    """List who can be booked."""
    return bookings_lists.listed(asked, _context(asked), all_of(asked.business), MEMBERS)


@operations.on("GET", f"{ALL}/$count", permissions=READS, operation="Get.Count.staffMembers-7947")
def count(asked: Asked) -> Answer:
    """Say how many there are."""
    return bookings_lists.counted(asked, all_of(asked.business), MEMBERS)


@operations.on("POST", ALL, permissions=WRITES, operation=f"{OF}.CreateStaffMembers")
def create(asked: Asked) -> Answer:
    """Add somebody who can be booked."""
    body = values.without_notes(asked.body())
    bookings_staff.require_whole(body)
    business = asked.business
    wanted = bookings_staff.read(body, business.timezone)
    if wanted.follows_business is None:
        wanted.follows_business = wanted.hours is None
    with writing(), bookings_names.members(NAMES):
        made = setup.add_provider(asked.actor, business, **wanted.fields)
        _finish(asked, made, wanted, body)
    return bookings_lists.one(asked, _context(asked), shown(_known(asked, made.ref)), status=201)


@operations.on("GET", ONE, permissions=READS, operation=f"{OF}.GetStaffMembers")
def get(asked: Asked) -> Answer:
    """Tell of one person."""
    return bookings_lists.one(asked, _context(asked), shown(_named(asked)))


@operations.on("PATCH", ONE, permissions=WRITES, operation=f"{OF}.UpdateStaffMembers")
def change(asked: Asked) -> Answer:
    """Change what is named, and leave all else."""
    provider = _named(asked)
    body = _with_waiting_hours(values.without_notes(asked.body()), provider)
    wanted = bookings_staff.read(body, asked.business.timezone)
    with writing(), bookings_names.members(NAMES):
        if wanted.fields:
            provider = setup.change_provider(asked.actor, provider, **wanted.fields)
        _finish(asked, provider, wanted, body)
    return Answer(204)


@operations.on("DELETE", ONE, permissions=WRITES, operation=f"{OF}.DeleteStaffMembers")
def delete(asked: Asked) -> Answer:
    """Let nobody book somebody any more; their appointments stay, and so does their sign-in."""
    setup.change_provider(asked.actor, _named(asked), is_active=False)
    return Answer(204)


def all_of(business: Business) -> list[Json]:
    """Return who can be booked in a business."""
    rows = list(_rows(business))
    refs = [one.ref for one in rows]
    around, kept = _around(business, rows), beside.of_all(business.pk, KIND, refs)
    return [_as_kept(bookings_staff.told(one, around), kept.get(one.ref, {})) for one in rows]


def shown(provider: Provider) -> Json:
    """Return somebody as Bookings tells them."""
    return _as_kept(_told(provider), beside.of(provider.business_id, KIND, provider.ref))


def _as_kept(now: Json, kept: Json) -> Json:
    return bookings_staff.as_kept(bookings_kept.told(now, kept))


def _told(provider: Provider) -> Json:
    return bookings_staff.told(provider, _around(provider.business, [provider]))


def _around(business: Business, rows: Sequence[Provider]) -> Around:
    refs = [one.ref for one in rows]
    read = LinkedCalendar.objects.filter(connection__provider__in=rows, counts_busy=True)
    return Around(
        bookings_business.hours_of(business),
        frozenset(read.values_list("connection__provider_id", flat=True)),
        bookings_business.made_at(business.pk, "provider", refs),
        bookings_business.changed_at(business.pk, "provider", refs),
    )


def _rows(business: Business) -> QuerySet[Provider]:
    rows = Provider.objects.filter(business=business, is_active=True)
    return rows.select_related("business", "membership__user").prefetch_related("weekly_hours")


def _named(asked: Asked) -> Provider:
    return _known(asked, asked.params["member"])


def _known(asked: Asked, ref: str) -> Provider:
    found = _rows(asked.business).filter(ref=ref.casefold()[:40]).first()
    if found is None:
        raise Fault(404, "ErrorItemNotFound", "There is no such staff member in this business.")
    return found


def _finish(asked: Asked, provider: Provider, wanted: Changes, body: Json) -> None:
    """Bring hours and role to what is wanted, and keep beside the person what was written of them."""
    _put_hours(asked, provider, wanted)
    if wanted.role is not None:
        _put_role(asked, _known(asked, provider.ref), wanted.role)
    kept = bookings_kept.written(body, bookings_staff.KEPT)
    if kept:
        now = _told(_known(asked, provider.ref))
        beside.keep(provider.business_id, KIND, provider.ref, bookings_kept.beside(kept, now))


def _put_hours(asked: Asked, provider: Provider, wanted: Changes) -> None:
    """Let somebody keep the business' hours or their own. Hours written while they keep the business' wait."""
    follows = wanted.follows_business if wanted.follows_business is not None else provider.uses_business_hours
    if follows:
        if not provider.uses_business_hours:
            setup.follow_business_hours(asked.actor, provider)
        return
    if wanted.hours is not None:
        setup.set_hours(asked.actor, asked.business, wanted.hours, provider=provider)
    elif provider.uses_business_hours:
        hours = bookings_business.hours_of(asked.business)
        setup.set_hours(asked.actor, asked.business, hours, provider=provider)


def _with_waiting_hours(body: Json, provider: Provider) -> Json:
    """Return what was written with the hours that waited while somebody kept the business', where their turn comes."""
    begins = body.get("useBusinessHours") is False and provider.uses_business_hours
    if not begins or body.get("workingHours") is not None:
        return body
    return {**body, "workingHours": shown(provider)["workingHours"]}


def _put_role(asked: Asked, provider: Provider, role: str) -> None:
    """Give somebody a sign-in of a role, where the program may; one without a sign-in is only called what it is."""
    if role in GUESTS or not asked.actor.may(Permission.MANAGE_STAFF):
        return
    member = provider.membership
    if member is None:
        if provider.email and members.lets_in(asked.actor, provider) is None:
            members.invite(asked.actor, provider.email, provider.name, OURS[role], as_provider=provider)
    elif member.is_active and bookings_staff.ROLE_OF[Role(member.role)] != role:
        members.change_role(asked.actor, member.pk, OURS[role])


def _context(asked: Asked) -> str:
    return bookings_names.context_of(asked.business, "staffMembers")
