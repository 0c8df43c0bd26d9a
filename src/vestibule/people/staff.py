"""Verbs for staff: invite, change a role, deactivate, hand over the business."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from vestibule.people import audit, invitations, sign_in
from vestibule.people.characters import without_unseen
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import Business, Membership, Provider, User
from vestibule.people.permissions import Actor, ActorKind, Permission, Role
from vestibule.people.slugs import slug_from, taken_is_refused
from vestibule.store.transactions import after_commit, writing

NAME_LENGTH = 120


class LastOwner(Refusal):
    """A business always has an owner who can sign in."""

    code = "last_owner"
    status = 409


class AlreadyStaff(Refusal):
    """That address already has a role in the business."""

    code = "already_staff"
    status = 409


def invite(actor: Actor, email: str, name: str, role: Role, *, as_provider: bool | Provider = False) -> Membership:
    """Give somebody a role in the actor's business and mail a link to set a password, or that the role was given.

    `as_provider` makes the person somebody consumers meet: True adds a provider of that name, a provider without a
    sign-in gets this one. Only owners make owners. Whoever was deactivated before comes back with the new role.

    Raises Invalid for a bad address or name, AlreadyStaff for an active member.
    """
    business_id = actor.business_of(Permission.MANAGE_STAFF)
    _may_grant(actor, role)
    email, name = _clean_email(email), _clean_name(name)
    with taken_is_refused(), writing():
        user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, None, name=name)
        membership = _join(business_id, user, role)
        if as_provider:
            _meet_consumers(business_id, membership, name or str(user), as_provider)
        _record(actor, membership, "staff.invited", role=role.value)
        after_commit(lambda: invitations.send(membership, actor.label))
    return membership


def lets_in(actor: Actor, provider: Provider) -> Membership | None:
    """Let a provider without a sign-in be the member of staff with the same address; None where there is none free."""
    business_id = actor.business_of(Permission.MANAGE_STAFF)
    with writing():
        found: Membership | None = (
            Membership.objects.filter(business_id=business_id, is_active=True, provider__isnull=True)
            .filter(user__email__iexact=provider.email)
            .select_related("user")
            .first()
        )
        if found is not None:
            _meet_consumers(business_id, found, provider.name, provider)
            _record(actor, found, "staff.meets_consumers", provider=provider.ref)
    return found


def appoint(actor: Actor, business: Business, email: str, name: str, role: Role) -> Membership:
    """Give somebody a role without a mail: how the first owner of a business comes about. The system only.

    Somebody who has a role already gets this one.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted(_("Staff are invited, not appointed, so nothing was changed."))
    email, name = _clean_email(email), _clean_name(name)
    with writing():
        user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, None, name=name)
        membership, _is_new = Membership.objects.update_or_create(
            business=business, user=user, defaults={"role": role.value, "is_active": True}
        )
        _record(actor, membership, "staff.appointed", role=role.value)
    return membership


def invite_again(actor: Actor, membership_id: int) -> Membership:
    """Send a fresh invitation to somebody who has not set a password yet."""
    with writing():
        membership = _theirs(actor, membership_id)
        _record(actor, membership, "staff.invited_again")
        after_commit(lambda: invitations.send(membership, actor.label))
    return membership


def change_role(actor: Actor, membership_id: int, role: Role) -> Membership:
    """Give a member of staff another role. Raises LastOwner rather than leave a business without an owner."""
    with writing():
        membership = _theirs(actor, membership_id)
        _may_grant(actor, role)
        before = membership.role
        if before == role.value:
            return membership
        if role is not Role.OWNER:
            _keep_an_owner(membership)
        membership.role = role.value
        membership.save(update_fields=["role"])
        _record(actor, membership, "staff.role_changed", before=before, role=role.value)
    return membership


def deactivate(actor: Actor, membership_id: int) -> Membership:
    """End somebody's access to the business at once; what they did stays. Raises LastOwner for the last owner.

    A provider stays bookable until taken off the services: people who booked are owed an answer first.
    """
    with writing():
        membership = _theirs(actor, membership_id)
        if membership.is_active:
            _keep_an_owner(membership)
            membership.is_active = False
            membership.save(update_fields=["is_active"])
            _record(actor, membership, "staff.deactivated")
    return membership


def reactivate(actor: Actor, membership_id: int) -> Membership:
    """Give a deactivated member of staff the former access back."""
    with writing():
        membership = _theirs(actor, membership_id)
        if not membership.is_active:
            membership.is_active = True
            membership.save(update_fields=["is_active"])
            _record(actor, membership, "staff.reactivated")
    return membership


def transfer(actor: Actor, membership_id: int) -> Membership:
    """Hand the business over: that member of staff becomes owner, and the acting owner a manager."""
    actor.require(Permission.MANAGE_BUSINESS)
    with writing():
        membership = _theirs(actor, membership_id)
        if not membership.is_active:
            raise Invalid(_("A business can only be handed to somebody who can sign in."), field="membership")
        mine = Membership.objects.filter(business_id=membership.business_id, user_id=actor.user_id or 0).first()
        if mine is None or mine.pk == membership.pk:
            raise Invalid(_("A business is handed to somebody else, by one of its owners."), field="membership")
        Membership.objects.filter(pk=membership.pk).update(role=Role.OWNER.value)
        Membership.objects.filter(pk=mine.pk).update(role=Role.MANAGER.value)
        membership.role = Role.OWNER.value
        _record(actor, membership, "business.transferred")
    return membership


def reset_second_steps(actor: Actor, membership_id: int) -> Membership:
    """Let somebody who lost phone and recovery codes in with the password alone again, and sign them out everywhere.

    Raises NotPermitted for somebody who also works for another business: one tenant must not weaken the door of
    another. The operator can, with `vestibule reset-sign-in`.
    """
    with writing():
        membership = _theirs(actor, membership_id)
        elsewhere = Membership.objects.filter(user=membership.user, is_active=True).exclude(
            business_id=membership.business_id
        )
        if elsewhere.exists() and actor.kind is not ActorKind.SYSTEM:
            raise NotPermitted(
                _("This person also works for another business, so only whoever runs the server can do this.")
            )
        sign_in.forget_second_steps(membership.user)
        _record(actor, membership, "staff.second_steps_reset")
    return membership


def rename(user: User, name: str) -> None:
    """Let a user change the own name. Raises Invalid when it is empty or longer than 120 characters."""
    cleaned = _clean_name(name)
    if not cleaned:
        raise Invalid(_("Enter your name, so that others know who did what."), field="name")
    with writing():
        User.objects.filter(pk=user.pk).update(name=cleaned)
    user.name = cleaned


def _theirs(actor: Actor, membership_id: int) -> Membership:
    actor.require(Permission.MANAGE_STAFF)
    found: Membership | None = (
        Membership.objects.visible_to(actor)
        .select_related("user", "business")
        .select_for_update(of=("self",))
        .filter(pk=membership_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such person among your staff."))
    if found.role == Role.OWNER.value and not actor.may(Permission.MANAGE_BUSINESS):
        raise NotPermitted(_("Only an owner may change another owner, so nothing was changed."))
    return found


def _may_grant(actor: Actor, role: Role) -> None:
    if role is Role.OWNER and not actor.may(Permission.MANAGE_BUSINESS):
        raise NotPermitted(_("Only an owner can make somebody an owner, so nothing was changed."))


def _keep_an_owner(membership: Membership) -> None:
    if membership.role != Role.OWNER.value or not membership.is_active:
        return
    owners = Membership.objects.select_for_update().filter(
        business_id=membership.business_id, role=Role.OWNER.value, is_active=True
    )
    if all(owner.pk == membership.pk for owner in owners):
        raise LastOwner(
            _("This is the only owner, so nothing was changed. Make somebody else an owner first, then try again.")
        )


def _join(business_id: int, user: User, role: Role) -> Membership:
    membership: Membership
    membership, is_new = Membership.objects.select_related("business", "user").get_or_create(
        business_id=business_id, user=user, defaults={"role": role.value}
    )
    if not is_new:
        if membership.is_active:
            raise AlreadyStaff(_("Somebody with that address is already among your staff. Change their role instead."))
        membership.role, membership.is_active = role.value, True
        membership.save(update_fields=["role", "is_active"])
    return membership


def _meet_consumers(business_id: int, membership: Membership, name: str, wish: bool | Provider) -> None:
    if isinstance(wish, Provider):
        free = Provider.objects.filter(pk=wish.pk, business_id=business_id, membership__isnull=True)
        if not free.update(membership=membership):
            raise Invalid(_("That provider is not in your business, or has a sign-in already."), field="provider")
        return
    if Provider.objects.filter(membership=membership).exists():
        return
    Provider.objects.create(
        business_id=business_id,
        membership=membership,
        name=name[:NAME_LENGTH],
        slug=slug_from(name, Provider.objects.filter(business_id=business_id), otherwise="provider"),
        email=membership.user.email,
    )


def _record(actor: Actor, membership: Membership, action: str, **details: Any) -> None:
    summary = f"{membership.user} ({membership.role})"
    audit.record(actor, membership.business_id, action, "membership", str(membership.pk), summary=summary, **details)


def _clean_email(email: str) -> str:
    given = email.strip().lower()
    try:
        validate_email(given)
    except ValidationError as bad:
        raise Invalid(_("“%(email)s” is no e-mail address.") % {"email": given[:80]}, field="email") from bad
    if len(given) > 254:
        raise Invalid(_("That e-mail address is too long."), field="email")
    return given


def _clean_name(name: str) -> str:
    given = " ".join(name.split())
    if len(given) > NAME_LENGTH or given != without_unseen(given):
        raise Invalid(_("A name has at most 120 characters, none of them invisible."), field="name")
    return given
