"""The account's own pages: overview, where to begin after sign-in, name, choice of business."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from vestibule.people import actors, staff
from vestibule.people.models import User
from vestibule.people.permissions import ROLE_NAMES, Actor, Permission, Role
from vestibule.web.account.forms import NameForm
from vestibule.web.account.surroundings import frame


@never_cache
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Show how somebody signs in, where they are signed in, and for whom they work."""
    return _overview(request, NameForm(initial={"name": _user(request).name}))


@require_GET
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Go to the page this person needs first: the desk for who meets consumers, else today's list."""
    return redirect(_first_page(frame(request)["actor"]))


@require_POST
@login_required
def rename(request: HttpRequest) -> HttpResponse:
    """Change the own name."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return _overview(request, form, status=422)
    staff.rename(_user(request), form.cleaned_data["name"])
    messages.success(request, _("Your name is saved."))
    return redirect("account")


@require_POST
@login_required
def choose_business(request: HttpRequest) -> HttpResponse:
    """Work for another of the own businesses from now on."""
    wanted = request.POST.get("business", "")
    for membership in actors.memberships_of(_user(request)):
        if membership.business.slug == wanted:
            actors.choose_business(request, membership.business)
            return redirect("account_start")
    raise actors.NotAMember(_("You do not work for that business, so nothing was changed."))


@require_GET
def by_invitation(request: HttpRequest) -> HttpResponse:
    """Say how an account comes about: nobody makes one alone."""
    return render(request, "account/signup_closed.html")


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form came without its token: mostly a page that was open while somebody signed in or out."""
    return render(request, "account/stale.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """Say that somebody tries too often."""
    answer = render(request, "errors/429.html", status=429)
    answer["Retry-After"] = "60"
    return answer


def _first_page(actor: Actor) -> str:
    if actor.provider_id is not None and (actor.may(Permission.HOST_OWN) or actor.may(Permission.HOST_ANY)):
        return "/desk"
    if actor.may(Permission.SEE_APPOINTMENTS):
        return "/manage"
    return "/desk" if actor.may(Permission.HOST_OWN) else "/account"


def _overview(request: HttpRequest, form: NameForm, status: int = 200) -> HttpResponse:
    user = _user(request)
    keys = Authenticator.objects.filter(user=user).order_by("pk")
    codes = next((key for key in keys if key.type == Authenticator.Type.RECOVERY_CODES), None)
    context: dict[str, Any] = {
        **frame(request),
        "form": form,
        "passkeys": [key.wrap() for key in keys if key.type == Authenticator.Type.WEBAUTHN],
        "app": next((key for key in keys if key.type == Authenticator.Type.TOTP), None),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "session_count": len(UserSession.objects.purge_and_list(user)),
    }
    context["roles"] = [(one, ROLE_NAMES[Role(one.role)]) for one in context["memberships"]]
    return render(request, "account/overview.html", context, status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
