"""Who calls API v1, how often they may, and once only where they say so."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from vestibule.api.v1.problems import Unauthorised
from vestibule.people import links, rates, remembered
from vestibule.people.actors import actor_of_api_key, actor_of_link
from vestibule.people.errors import NotFound
from vestibule.people.models import Business, CapabilityLink
from vestibule.people.permissions import PUBLIC, Actor, ActorKind, Permission

WRITES_PER_MINUTE = 120
LOCAL_WRITES_PER_MINUTE = 20_000  # behind a proxy that is not trusted, everybody comes from the machine itself
KEYED_WRITES_PER_MINUTE = 20_000


def caller(request: HttpRequest) -> Actor:
    """Return who calls: an API key, the holder of an appointment's link, or the public.

    Raises Unauthorised for a bearer that opens nothing.
    """
    kind, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return PUBLIC
    found = _actor_of(bearer.strip()) if kind.lower() == "bearer" else None
    if found is None:
        raise Unauthorised(_("This key or link opens nothing here. Check it, or ask for a new one."))
    return found


def known_caller(request: HttpRequest) -> Actor:
    """Return who calls. Raises Unauthorised for the public."""
    actor = caller(request)
    if actor.kind is ActorKind.PUBLIC:
        words = _("Give an API key, or the token of the appointment's link, as `Authorization: Bearer …`.")
        raise Unauthorised(words)
    return actor


def key_with(request: HttpRequest, permission: Permission) -> Actor:
    """Return the API key that calls, if it allows `permission`. Raises Unauthorised or NotPermitted."""
    actor = known_caller(request)
    if actor.kind is not ActorKind.API_KEY:
        raise Unauthorised(_("This takes an API key as `Authorization: Bearer …`."))
    actor.require(permission)
    return actor


def business_named(slug: str, actor: Actor = PUBLIC) -> Business:
    """Return the business with that slug. Raises NotFound if there is none, or `actor` belongs to another."""
    found = Business.objects.filter(slug=slug).first()
    if found is None or actor.business_id not in (None, found.pk):
        raise NotFound(_("There is no business of that name here."))
    return found


def once(request: HttpRequest, actor: Actor, do: Callable[[], tuple[int, Any]], *, who: str = "") -> HttpResponse:
    """Run a write and answer with its JSON; with an `Idempotency-Key`, run it once and repeat the answer.

    `who` tells apart people without key or link, whose keys are strangers to each other, and names the business they
    ask; by default it is their address alone.
    Raises IdempotencyMismatch, Invalid for a bad key, TooMany, and what `do` raises.
    """
    _limit(request, actor)
    key = request.headers.get("Idempotency-Key")
    if key is None:
        status, shown = do()
        return answer(status, orjson.dumps(shown))
    fingerprint = remembered.fingerprint_of(str(request.method), request.path, request.body)
    scope = _scope(request, actor, who)
    status, body, repeated = remembered.answer_once(scope, key, fingerprint, lambda: _encoded(do()))
    response = answer(status, body)
    if repeated:
        response["Idempotent-Replayed"] = "true"
    return response


def answer(status: int, body: bytes) -> HttpResponse:
    """Return JSON that nobody keeps."""
    response = HttpResponse(body, status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _encoded(made: tuple[int, Any]) -> tuple[int, bytes]:
    return made[0], orjson.dumps(made[1])


def _actor_of(bearer: str) -> Actor | None:
    if bearer.startswith("vst_"):
        return actor_of_api_key(bearer)
    purposes = (CapabilityLink.Purpose.MANAGE, CapabilityLink.Purpose.WAITLIST)
    found = (links.resolve(bearer, purpose) for purpose in purposes)
    return next((actor_of_link(link) for link in found if link is not None), None)


def _limit(request: HttpRequest, actor: Actor) -> None:
    if actor.kind is ActorKind.API_KEY:
        rates.limit("api.key", str(actor.business_id), KEYED_WRITES_PER_MINUTE, 60)
        return
    times = LOCAL_WRITES_PER_MINUTE if rates.is_local(request) else WRITES_PER_MINUTE
    rates.limit("api.write", rates.client_key(request), times, 60)


def _scope(request: HttpRequest, actor: Actor, who: str) -> str:
    if actor.kind is ActorKind.API_KEY:
        return f"v1:key:{actor.business_id}"
    if actor.kind is ActorKind.CONSUMER:
        return f"v1:link:{min(actor.subjects)}"
    digest = hashlib.sha256((who or rates.client_key(request)).encode()).hexdigest()
    return f"v1:public:{digest[:40]}"
