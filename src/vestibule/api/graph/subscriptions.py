"""Who is told of changes in somebody's calendar: asked first, told for three days at a time, renewed by the program."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from vestibule.api.graph import odata, users, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.events import FULL
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.notifying import CHANGES
from vestibule.api.plain import Answer, Operations
from vestibule.people.models import Provider
from vestibule.store import clock
from vestibule.subscriptions import lifetimes, sealing, verbs
from vestibule.subscriptions.models import Subscription
from vestibule.subscriptions.verbs import NotAgreed, Wish

Json = dict[str, Any]
LASTS = timedelta(minutes=4230)
SPARED = timedelta(minutes=5)
"""How much longer is let pass: two clocks need not agree."""
CONTEXT = "subscriptions"
_RESOURCE = re.compile(r"/?users/([^/]+)/(?:calendar/)?events/?", re.IGNORECASE)
_BY_NAME = re.compile(r"/?users\('([^']+)'\)/(?:calendar/)?events/?", re.IGNORECASE)

operations: Operations[Asked] = Operations()


@operations.on("POST", "/subscriptions", permissions=FULL, operation="subscriptions.subscription.CreateSubscription")
def create(asked: Asked) -> Answer:
    """Ask an address whether it wants to be told, and tell it from then on."""
    told = asked.body()
    wish = _wish(asked, told)
    try:
        row = verbs.add(asked.actor, asked.business, wish, at_once=True)
    except NotAgreed as refused:
        words = f"Subscription validation request failed: the notification endpoint {refused.facts['problem']}."
        raise Fault(400, "ValidationError", words, target="notificationUrl") from refused
    return odata.single(asked, CONTEXT, shown(row), status=201)


@operations.on("GET", "/subscriptions", permissions=FULL, operation="subscriptions.subscription.ListSubscription")
def listed(asked: Asked) -> Answer:
    """List what this application is told."""
    found = verbs.visible(asked.actor, _owner(asked))
    return odata.collection(asked, CONTEXT, [shown(one) for one in found if one.shape == "graph"])


@operations.on(
    "GET", "/subscriptions/{subscriptionId}", permissions=FULL, operation="subscriptions.subscription.GetSubscription"
)
def get(asked: Asked) -> Answer:
    """Show one of them."""
    return odata.single(asked, CONTEXT, shown(_found(asked)))


@operations.on(
    "PATCH",
    "/subscriptions/{subscriptionId}",
    permissions=FULL,
    operation="subscriptions.subscription.UpdateSubscription",
)
def change(asked: Asked) -> Answer:
    """Let one last longer; nothing else of it changes."""
    told, row = asked.body(), _found(asked)
    until = _until(told.get("expirationDateTime"))
    return odata.single(asked, CONTEXT, shown(verbs.renew(asked.actor, row.guid, until, _owner(asked))))


@operations.on(
    "DELETE",
    "/subscriptions/{subscriptionId}",
    permissions=FULL,
    operation="subscriptions.subscription.DeleteSubscription",
)
def remove(asked: Asked) -> Answer:
    """End one."""
    verbs.end(asked.actor, _found(asked).guid, _owner(asked))
    return Answer(204)


@operations.on(
    "POST",
    "/subscriptions/{subscriptionId}/reauthorize",
    permissions=FULL,
    operation="subscriptions.subscription.reauthorize",
)
def reauthorize(asked: Asked) -> Answer:
    """Say that it is still wanted: it lasts as long as it did."""
    verbs.renew(asked.actor, _found(asked).guid, None, _owner(asked))
    return Answer(204)


def shown(row: Subscription) -> Json:
    """Return a subscription as Graph writes it; what only its program knows is told it alone, which is who asks."""
    to = sealing.addressee(row)
    life = sealing.opened(row.life_address)
    return {
        "id": str(row.guid),
        "resource": row.resource,
        "applicationId": None,
        "changeType": ",".join(row.wants),
        "clientState": to.client_state or None,
        "notificationUrl": to.address,
        "lifecycleNotificationUrl": life or None,
        "expirationDateTime": values.written_moment(row.expires_at or row.created_at + LASTS),
        "creatorId": None,
        "latestSupportedTlsVersion": "v1_2",
        "includeResourceData": False,
    }


def _wish(asked: Asked, told: Json) -> Wish:
    if told.get("includeResourceData"):
        words = "Notifications here say where to read what changed, and hold nothing of it."
        raise Fault(400, "InvalidRequest", words, target="includeResourceData")
    resource = values.text(told.get("resource"), "resource", 400)
    provider = _whose(asked, resource)
    return Wish(
        shape="graph",
        name=f"Events of {provider.name}"[:64],
        address=_required(told, "notificationUrl", 2000),
        wants=tuple(_changes(_required(told, "changeType", 100))),
        resource=resource,
        subject=f"providers/{provider.ref}/",
        life_address=values.text(told.get("lifecycleNotificationUrl"), "lifecycleNotificationUrl", 2000),
        client_state=values.text(told.get("clientState"), "clientState", 128),
        owner=_owner(asked),
        expires_at=_until(told.get("expirationDateTime")),
    )


def _whose(asked: Asked, resource: str) -> Provider:
    """Return whose calendar a resource is. Raises Fault for anything else."""
    if resource.strip("/").casefold().startswith("me/"):
        raise Fault(400, "BadRequest", "An application is nobody: name somebody, as in users/{id}/events.")
    found = _RESOURCE.fullmatch(resource) or _BY_NAME.fullmatch(resource)
    if found is None:
        words = "Changes are told of users/{id}/events. Read other things when you need them."
        raise Fault(400, "InvalidRequest", words, target="resource")
    provider = users.known(asked, found[1])
    if provider is None:
        raise Fault(
            404, "ResourceNotFound", "There is nobody of this name here whom consumers meet.", target="resource"
        )
    return provider


def _changes(given: str) -> list[str]:
    names = tuple(CHANGES)
    found = [values.choice(one.strip(), names, "changeType") for one in given.split(",")]
    return list(dict.fromkeys(one for one in found if one is not None))


def _until(given: Any) -> datetime:
    """Return until when it is to last. Raises Fault for what is over, or longer than three days."""
    until, now = values.instant(_there(given), "expirationDateTime"), clock.now()
    if not now < until <= now + LASTS + SPARED:
        words = "A subscription lasts until some time in the next 4230 minutes; renew it before it ends."
        raise Fault(400, "InvalidRequest", words, target="expirationDateTime")
    return until


def _there(given: Any) -> Any:
    if given is None:
        raise Fault(400, "InvalidRequest", "Say until when it is to last.", target="expirationDateTime")
    return given


def _required(told: Json, name: str, most: int) -> str:
    found = values.text(told.get(name), name, most)
    if not found:
        raise Fault(400, "InvalidRequest", f"Give a {name}.", target=name)
    return found


def _owner(asked: Asked) -> str:
    """Return by what name this program owns subscriptions: other programs of the business do not see them."""
    return lifetimes.owner_of(asked.actor)


def _found(asked: Asked) -> Subscription:
    try:
        guid = UUID(asked.params["subscriptionId"])
    except ValueError:
        raise Fault(404, "ResourceNotFound", "There is no such subscription.") from None
    row = verbs.get(asked.actor, guid, _owner(asked))
    if row.shape != "graph":
        raise Fault(404, "ResourceNotFound", "There is no such subscription.")
    return row
