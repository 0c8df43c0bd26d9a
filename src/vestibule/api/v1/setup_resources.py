"""Rooms, devices and licences by API key."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from vestibule.api.v1.callers import once
from vestibule.api.v1.schemas import Word, instant
from vestibule.api.v1.setup import found, members, told
from vestibule.api.v1.setup_schemas import ItemOut, ListOut, ResourceChangeIn, ResourceIn, StretchIn
from vestibule.booking import setup
from vestibule.booking.models import Resource
from vestibule.people.errors import NotFound
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock

router = Router(tags=["Set-up"])


@router.get("/{business}/resources", response=ListOut, summary="Rooms, devices and licences")
def resources(request: HttpRequest, business: Word) -> HttpResponse:
    """With the closures ahead; by key (`setup:read`)."""
    actor, _house = found(request, business, Permission.SEE_SETUP)
    rows = Resource.objects.visible_to(actor).prefetch_related("closures", "units")
    return told({"items": [_shown(row) for row in rows]})


@router.post("/{business}/resources", response={201: ItemOut}, summary="Add a resource")
def add_resource(request: HttpRequest, business: Word, given: ResourceIn) -> HttpResponse:
    """Its `id` is its slug; by key (`setup:write`)."""
    actor, house = found(request, business, Permission.MANAGE_SETUP)
    values = {name: value for name, value in given.model_dump().items() if value is not None}
    return once(request, actor, lambda: (201, {"id": setup.add_resource(actor, house, **values).slug}))


@router.patch("/{business}/resources/{resource}", response=ItemOut, summary="Change a resource")
def change_resource(request: HttpRequest, business: Word, resource: Word, given: ResourceChangeIn) -> HttpResponse:
    """Units taken away are lent to nobody new; what is booked keeps its unit. By key (`setup:write`)."""
    actor, _house = found(request, business, Permission.MANAGE_SETUP)
    row = _named(actor, resource)
    values = {name: value for name, value in members(given).items() if value is not None}

    return once(request, actor, lambda: (200, {"id": setup.change_resource(actor, row, **values).slug}))


@router.post("/{business}/resources/{resource}/closures", response={201: ItemOut}, summary="Close a resource")
def close_resource(request: HttpRequest, business: Word, resource: Word, given: StretchIn) -> HttpResponse:
    """All its units, for a stretch; what is booked stays. By key (`setup:write`)."""
    actor, _house = found(request, business, Permission.MANAGE_SETUP)
    row = _named(actor, resource)
    return once(
        request,
        actor,
        lambda: (201, {"id": setup.close_resource(actor, row, given.start, given.end, given.reason).ref}),
    )


@router.delete("/{business}/resources/{resource}/closures/{ref}", response=ItemOut, summary="Remove a closure")
def reopen_resource(request: HttpRequest, business: Word, resource: Word, ref: Word) -> HttpResponse:
    """By key (`setup:write`)."""
    actor, _house = found(request, business, Permission.MANAGE_SETUP)
    row = _named(actor, resource).closures.select_related("resource").filter(ref=ref).first()
    if row is None:
        raise NotFound(_("There is nothing of that id here."))

    def do() -> tuple[int, Any]:
        setup.reopen_resource(actor, row)
        return 200, {"id": ref}

    return once(request, actor, do)


def _named(actor: Actor, slug: str) -> Resource:
    row: Resource | None = Resource.objects.visible_to(actor).filter(slug=slug).first()
    if row is None:
        raise NotFound(_("There is no resource of that name in your business."))
    return row


def _shown(row: Resource) -> dict[str, Any]:
    now = clock.to_minute(clock.now())
    return {
        "id": row.slug,
        "name": row.name,
        "kind": row.kind,
        "note": row.note,
        "quantity": sum(1 for unit in row.units.all() if unit.is_active),
        "is_active": row.is_active,
        "closures": [
            {
                "id": one.ref,
                "start": instant(clock.from_minute(one.start_minute)),
                "end": instant(clock.from_minute(one.end_minute)),
                "reason": one.reason,
            }
            for one in row.closures.all()
            if one.end_minute > now
        ],
    }
