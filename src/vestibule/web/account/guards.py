"""Who may open a page: the one decorator that every page for staff wears."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from vestibule.people.actors import actor_of_membership, membership_of
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission

Rest = ParamSpec("Rest")


class StaffRequest(HttpRequest):
    """A request of somebody signed in: `actor` in `business`, the current one."""

    actor: Actor
    business: Business


Page = Callable[Concatenate[StaffRequest, Rest], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def staff_page(permission: Permission | None = None) -> Callable[[Page[Rest]], Guarded[Rest]]:
    """Open a page to staff only: sets `request.actor` and `request.business`, asks for `permission` if one is named.

    Whoever is not signed in is sent to `/signin?next=…`; somebody without the permission gets the 403 page.
    """

    def wear(view: Page[Rest]) -> Guarded[Rest]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            membership = membership_of(request)
            staff = cast(StaffRequest, request)
            staff.business, staff.actor = membership.business, actor_of_membership(membership)
            if permission is not None:
                staff.actor.require(permission)
            answer: Any = view(staff, *args, **kwargs)
            # Pages of a person are not for shared machines' back button, nor for any cache between.
            answer.headers.setdefault("Cache-Control", "no-store")
            return cast(HttpResponseBase, answer)

        return cast(Guarded[Rest], guarded)

    return wear
