"""Change notifications as Graph posts them: several in one post, each a hint of what to read anew."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from vestibule.people.models import GraphTenant
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.ports import Addressee, Agreed, Reply, Request, Told, Unknown

CHANGES = {
    "created": Kind.APPOINTMENT_CREATED,
    "updated": Kind.APPOINTMENT_UPDATED,
    "deleted": Kind.APPOINTMENT_DELETED,
}
MOST = 50


class ChangeNotifications:
    """Tells programs of changes in a calendar; their address has to give a token back while it is subscribed."""

    lasts = timedelta(hours=4)
    asks_seconds = 10.0
    confirms_later: ClassVar[timedelta | None] = None

    def names(self) -> Sequence[str]:
        """Return the types of changes."""
        return tuple(CHANGES)

    def kinds(self, wants: Sequence[str], resource: str) -> list[Kind]:
        """Return what is behind types of changes. Raises Unknown."""
        if unknown := [name for name in wants if name not in CHANGES]:
            words = _("There are no changes of this type: %(names)s.") % {"names": ", ".join(unknown)}
            raise Unknown(words, field="changeType", names=unknown)
        return [kind for name, kind in CHANGES.items() if not wants or name in wants]

    def asking(self, to: Addressee) -> Request:
        """Return what asks for a token to be given back as plain text."""
        joined = "&" if "?" in to.address else "?"
        url = f"{to.address}{joined}validationToken={quote(_token(to), safe='')}"
        return Request("POST", url, {"Content-Type": "text/plain; charset=utf-8"})

    def agreed(self, to: Addressee, reply: Reply) -> Agreed:
        """Tell whether the token came back: as plain text, with 200, and as it was before it was encoded."""
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_right = reply.status == 200 and kind == "text/plain" and reply.body.strip() == _token(to).encode()
        return Agreed.YES if is_right else Agreed.NO

    def posts(self, to: Addressee, events: Sequence[Told]) -> list[Request]:
        """Return notifications, 50 in a post at most."""
        tenant = _tenant(to.business_id)
        wanted = [one for one in events if one.kind in CHANGES.values()]
        missed = [one for one in events if one.kind == Kind.MISSED and to.life_address]
        posts = [_post(to, tenant, wanted[at : at + MOST]) for at in range(0, len(wanted), MOST)]
        return [*posts, *(_missed(to, tenant, one) for one in missed)]


def _token(to: Addressee) -> str:
    """Return what is to be given back; with signs that tell whether it was decoded, as Graph's own has them."""
    return f"Validation: Testing client application reachability for subscription {to.guid} {to.validation_code}"


def _post(to: Addressee, tenant: UUID, events: Sequence[Told]) -> Request:
    return _request(to.address, [_notification(to, tenant, one) for one in events], events)


def _missed(to: Addressee, tenant: UUID, event: Told) -> Request:
    """Return what says that changes were not told: the program is to read them."""
    value = {
        "lifecycleEvent": "missed",
        "subscriptionId": str(to.guid),
        "subscriptionExpirationDateTime": _text(to.expires_at) if to.expires_at is not None else None,
        "clientState": to.client_state or None,
        "resource": to.resource,
        "tenantId": str(tenant),
    }
    return _request(to.life_address, [value], [event])


def _request(address: str, value: Sequence[dict[str, Any]], events: Sequence[Told]) -> Request:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = json.dumps({"value": value}).encode()
    return Request("POST", address, headers, body, frozenset(one.id for one in events))


def _notification(to: Addressee, tenant: UUID, event: Told) -> dict[str, Any]:
    name, version = str(event.facts.get("appointment", "")), str(event.facts.get("version", ""))
    path = f"{to.resource.strip('/')}/{name}"
    return {
        "id": str(event.id),
        "subscriptionId": str(to.guid),
        "subscriptionExpirationDateTime": _text(to.expires_at) if to.expires_at is not None else None,
        "clientState": to.client_state or None,
        "changeType": next(change for change, kind in CHANGES.items() if kind == event.kind),
        "resource": path,
        "tenantId": str(tenant),
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Event",
            "@odata.id": path,
            "@odata.etag": f'W/"{version}"',
            "id": name,
        },
    }


def _tenant(business_id: int) -> UUID:
    found = GraphTenant.objects.filter(business_id=business_id).values_list("tenant", flat=True).first()
    return found or uuid4()


def _text(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
