"""The smallest valid objects. A test passes only what it is about."""

from itertools import count

from vestibule.chat.models import Thread
from vestibule.people.models import Business, Membership, Provider, User
from vestibule.people.permissions import Actor, Role, staff_actor

_numbers = count(1)


def make_business(*, slug: str = "", name: str = "Lakeside Clinic", timezone: str = "UTC") -> Business:
    """A business with default rules and no hours yet."""
    return Business.objects.create(slug=slug or f"business-{next(_numbers)}", name=name, timezone=timezone)


def make_provider(*, business: Business | None = None, name: str = "Dr Ada Blum", slug: str = "") -> Provider:
    """An active provider without a sign-in."""
    return Provider.objects.create(
        business=business or make_business(), slug=slug or f"provider-{next(_numbers)}", name=name
    )


def make_user(*, email: str = "", password: str | None = None) -> User:
    """Somebody who can sign in if given a password."""
    return User.objects.create_user(email or f"user{next(_numbers)}@example.org", password)


def make_membership(*, business: Business, user: User | None = None, role: Role = Role.MANAGER) -> Membership:
    """A member of staff."""
    return Membership.objects.create(business=business, user=user or make_user(), role=role)


def manager_of(business: Business, *, role: Role = Role.MANAGER, provider: Provider | None = None) -> Actor:
    """The actor of a manager (or another role) of `business`."""
    return staff_actor(
        user_id=0,
        label="Mara Manager",
        business_id=business.pk,
        role=role,
        provider_id=provider.pk if provider else None,
    )


def make_thread() -> Thread:
    thread: Thread = Thread.objects.create(business=make_business())
    return thread
