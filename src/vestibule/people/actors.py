"""Who asks: the actor behind a staff session, an API key or a capability link."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _

from vestibule.people import api_keys
from vestibule.people.errors import NotPermitted, Refusal
from vestibule.people.models import Business, CapabilityLink, Membership
from vestibule.people.permissions import Actor, ActorKind, Role, staff_actor

SESSION_KEY = "business"


class NotSignedIn(Refusal):
    """Nobody is signed in where a member of staff is wanted. Pages answer with the way to `/signin`."""

    code = "not_signed_in"
    status = 401


class NotAMember(Refusal):
    """A business that the user does not work for; it is as if there were none."""

    code = "not_found"
    status = 404


def memberships_of(user: AbstractBaseUser | AnonymousUser) -> list[Membership]:
    """Return the active memberships of `user`, with their businesses, the oldest first."""
    if not user.is_authenticated:
        return []
    mine = Membership.objects.filter(user_id=user.pk, is_active=True)
    return list(mine.select_related("business", "provider").order_by("pk"))


def membership_of(request: HttpRequest) -> Membership:
    """Return the membership whose business `request` is about: the one chosen in the session, else the first.

    Raises NotSignedIn without a session and NotPermitted for somebody who belongs to no business (any more).
    """
    if not request.user.is_authenticated:
        raise NotSignedIn(_("You are not signed in, so nothing is shown. Sign in and try again."))
    mine = memberships_of(request.user)
    if not mine:
        raise NotPermitted(
            _("Your account belongs to no business, so there is nothing to show. Ask whoever invited you.")
        )
    chosen = request.session.get(SESSION_KEY)
    return next((one for one in mine if one.business_id == chosen), mine[0])


def actor_of_membership(membership: Membership) -> Actor:
    """Return the actor that `membership` makes of its user."""
    provider = getattr(membership, "provider", None)
    return staff_actor(
        user_id=membership.user_id,
        label=str(membership.user),
        business_id=membership.business_id,
        role=Role(membership.role),
        provider_id=provider.pk if provider is not None and provider.is_active else None,
    )


def choose_business(request: HttpRequest, business: Business) -> None:
    """Make `business` the current one of this session; ignored by `membership_of` if the user is not in it."""
    request.session[SESSION_KEY] = business.pk


def actor_of_api_key(bearer: str) -> Actor | None:
    """Return the actor of the API key `bearer`, or None when there is none such or it was revoked."""
    key = api_keys.find(bearer)
    if key is None:
        return None
    return Actor(
        ActorKind.API_KEY,
        f"key {key.name}",
        key.business_id,
        permissions=api_keys.permissions_of(key.scopes),
    )


def actor_of_link(link: CapabilityLink, label: str = "") -> Actor:
    """Return the actor that holding `link` makes: it sees the link's one subject and nothing else.

    `label` is how the audit trail calls it; by default the link's role, such as "consumer".
    """
    return Actor(ActorKind.CONSUMER, label or link.role, link.business_id, subjects=frozenset({link.subject}))
