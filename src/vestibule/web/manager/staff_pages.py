"""Staff: who signs in, with which role."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people import staff
from vestibule.people.models import Membership
from vestibule.people.permissions import ROLE_NAMES, ROLE_PURPOSES, Actor, Role
from vestibule.web.manager import fields
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, find, open_to, show

ROLES = {role: (ROLE_NAMES[role], ROLE_PURPOSES[role]) for role in Role}
MANAGE = (Permission.MANAGE_STAFF,)


def role_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the roles `actor` may give, each with what it is for."""
    return [
        (role.value, f"{name} – {purpose}")
        for role, (name, purpose) in ROLES.items()
        if role is not Role.OWNER or actor.may(Permission.MANAGE_BUSINESS)
    ]


class InviteForm(fields.Form):
    """Somebody new."""

    name = fields.text(gettext_lazy("Name"), most=120)
    email = fields.text(gettext_lazy("E-mail address"), most=254, inputmode="email")
    role = fields.one_of(gettext_lazy("Role"), [], radio=True)
    as_provider = fields.tick(gettext_lazy("Meets consumers"), hint=gettext_lazy("Adds them to the providers as well."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_choices("role", role_choices(actor))


class RoleForm(fields.Form):
    """Another role."""

    role = fields.one_of(gettext_lazy("Role"), [], radio=True)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_choices("role", role_choices(actor))


@open_to(Permission.SEE_SETUP)
def listing(request: StaffRequest) -> HttpResponse:
    """List who signs in."""
    rows = Membership.objects.visible_to(request.actor).select_related("user", "provider")
    members = [(member, ROLES[Role(member.role)][0]) for member in rows.order_by("-is_active", "user__name", "pk")]
    return show(request, "staff.html", members=members, roles=ROLES.values())


@open_to(*MANAGE)
def invite(request: StaffRequest) -> HttpResponse:
    """Invite somebody."""
    form = InviteForm(request.POST or None, initial={"role": Role.SCHEDULER.value}, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        role = Role(given["role"])
        attempt(
            form,
            lambda: staff.invite(request.actor, given["email"], given["name"], role, as_provider=given["as_provider"]),
        )
        if not form.errors:
            return done(request, _("An invitation is on its way to %(email)s.") % given, "manage-staff")
    return show(request, "staff_invite.html", form=form)


@open_to(Permission.SEE_SETUP, change=MANAGE)
def details(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one member of staff and change the role."""
    member = _member(request, pk)
    form = RoleForm(request.POST or None, initial={"role": member.role}, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        role = Role(form.cleaned_data["role"])
        attempt(form, lambda: staff.change_role(request.actor, member.pk, role))
        if not form.errors:
            return done(request, _("%(name)s has the new role from now on.") % {"name": member.user}, "manage-staff")
    is_self = member.user_id == request.actor.user_id
    return show(request, "staff_member.html", form=form, member=member, role=ROLES[Role(member.role)], is_self=is_self)


@open_to(*MANAGE)
def deactivate(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then end somebody's access."""
    member = _member(request, pk)

    def ended() -> str:
        staff.deactivate(request.actor, member.pk)
        return _("%(name)s can no longer sign in to this business.") % {"name": member.user}

    return confirm(
        request,
        ended,
        title=_("End the access of %(name)s?") % {"name": member.user},
        text=_(
            "They are signed out of this business at once. What they did stays in the activity, and a provider stays"
            " bookable until taken off the services. You can let them in again later."
        ),
        button=_("End their access"),
        back=reverse("manage-staff-member", args=[member.pk]),
        to="manage-staff",
    )


@open_to(*MANAGE)
def reset_second_steps(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, then let somebody who lost phone and recovery codes in with the password alone."""
    member = _member(request, pk)

    def reset() -> str:
        staff.reset_second_steps(request.actor, member.pk)
        return _("%(name)s signs in with the password alone until a second step is added again.") % {
            "name": member.user
        }

    return confirm(
        request,
        reset,
        title=_("Remove the second steps of %(name)s?") % {"name": member.user},
        text=_(
            "For somebody who lost both phone and recovery codes. Passkeys, authenticator app and codes are removed,"
            " and they are signed out everywhere. Be sure that it is they who ask: call them on a number you know."
        ),
        button=_("Remove the second steps"),
        back=reverse("manage-staff-member", args=[member.pk]),
        to="manage-staff",
    )


@open_to(*MANAGE, only_post=True)
def reactivate(request: StaffRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    member = staff.reactivate(request.actor, pk)
    return done(request, _("%(name)s can sign in again.") % {"name": member.user}, "manage-staff")


@open_to(*MANAGE, only_post=True)
def invite_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a fresh invitation."""
    member = staff.invite_again(request.actor, pk)
    words = _("A fresh invitation is on its way to %(email)s.")
    return done(request, words % {"email": member.user.email}, "manage-staff")


def _member(request: StaffRequest, pk: int) -> Membership:
    member: Membership = find(request, Membership.objects.select_related("user", "provider"), pk=pk)
    return member
