"""Pages of whoever holds a link: it is exchanged for a cookie; then views are handed who asks and what it is for."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vestibule.people import links, rates
from vestibule.people.links import Purpose
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.web.consumer import link_cookie
from vestibule.web.framed import frames

Thing = TypeVar("Thing")
More = ParamSpec("More")
Handed = Callable[Concatenate[HttpRequest, Actor, Thing, More], HttpResponse]
View = Callable[Concatenate[HttpRequest, More], HttpResponse]


def holding(
    find: Callable[[HttpRequest], tuple[Actor, Thing] | HttpResponse],
) -> Callable[[Handed[Thing, More]], View[More]]:
    """Hand a view what `find` found; where it found nothing, its page is the answer."""

    def decorated(view: Handed[Thing, More]) -> View[More]:
        @wraps(view)
        def answered(request: HttpRequest, /, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
            found = find(request)
            return found if isinstance(found, HttpResponse) else view(request, *found, *args, **kwargs)

        return answered

    return decorated


def exchange(request: HttpRequest, token: str, purpose: Purpose, *, to: str) -> HttpResponse:
    """Set the cookie that stands for the link and go `to` a clean address; say so where it is wrong or has expired."""
    link = links.resolve(token, purpose, even_if_expired=True)
    if link is None or frames.is_elsewhere(request, link.business):
        rates.limit("link.wrong", rates.client_key(request), 60, 600)
        return render(request, "consumer/wrong_link.html", status=404)
    if link.expires_at <= clock.now():
        return render(request, "consumer/expired_link.html", {"business": link.business}, status=410)
    answer = redirect(to)
    link_cookie.remember(answer, link)
    return answer
