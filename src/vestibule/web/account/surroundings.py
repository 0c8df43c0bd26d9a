"""The staff bar around pages that allauth answers."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from vestibule.people.actors import SESSION_KEY, actor_of_membership, memberships_of
from vestibule.people.models import User
from vestibule.people.permissions import Actor, ActorKind

View = Callable[..., HttpResponseBase]


def framed(view: View) -> View:
    """Let a page of `view` know who reads it and for which business, keep it out of caches, and say 422 for a form
    that was not taken.
    """

    @wraps(view)
    def with_frame(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        if isinstance(answer, TemplateResponse) and not answer.is_rendered:
            answer.context_data = {**frame(request), **(answer.context_data or {})}
            if request.method == "POST" and getattr(answer.context_data.get("form"), "errors", None):
                answer.status_code = 422
        return answer

    return with_frame


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return `business`, its `zone`, `actor` and `memberships` of whoever reads; somebody may belong to no business."""
    user: User | AnonymousUser = request.user
    if not user.is_authenticated:
        return {}
    mine = memberships_of(user)
    if not mine:
        return {"actor": Actor(ActorKind.STAFF, str(user), user_id=user.pk), "memberships": [], "zone": "UTC"}
    chosen = request.session.get(SESSION_KEY)
    current = next((one for one in mine if one.business_id == chosen), mine[0])
    business = current.business
    return {
        "business": business,
        "actor": actor_of_membership(current),
        "memberships": mine,
        "zone": business.timezone,
    }
