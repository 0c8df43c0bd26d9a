"""Events of Communication Services as Event Grid posts them: in its own schema, and as CloudEvents 1.0.

Nothing in a post proves who sent it, as with Event Grid: receivers put a secret into their address.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.translation import gettext as _

from vestibule.api.acs.event_data import PREFIX, WRITERS, Namer, Said, instant
from vestibule.people import communication
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.ports import Addressee, Agreed, Reply, Request, Told, Unknown

VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
MOST_BYTES = 200 * 1024
"""Of one post; Event Grid allows itself a megabyte, receivers often less."""
MOST_EVENTS = 100
Json = dict[str, Any]
NAMES = tuple(name for names, _writer in WRITERS.values() for name in names)


class EventGrid:
    """Event Grid's own schema: a list of events, and a handshake by a code."""

    lasts = timedelta(hours=24)
    asks_seconds = 30.0
    confirms_later: ClassVar[timedelta | None] = timedelta(minutes=10)

    def names(self) -> Sequence[str]:
        """Return the types of events, without the prefix they share."""
        return NAMES

    def kinds(self, wants: Sequence[str], resource: str) -> list[Kind]:
        """Return what is behind types of events. Raises Unknown."""
        if unknown := [name for name in wants if name not in NAMES]:
            words = _("There are no events of this type: %(names)s.") % {"names": ", ".join(unknown)}
            raise Unknown(words, field="wants", names=unknown)
        return [kind for kind, (names, _writer) in WRITERS.items() if not wants or set(names) & set(wants)]

    def asking(self, to: Addressee) -> Request:
        """Return the event that asks for its code to be given back."""
        resource, topic = _place(to.business_id)
        data = {"validationCode": to.validation_code, "validationUrl": to.confirm_url}
        event = _enveloped(VALIDATION, topic, "", "2", str(uuid5(resource, to.validation_code)), None, data)
        return Request("POST", to.address, _headers(to, "SubscriptionValidation"), json.dumps([event]).encode())

    def agreed(self, to: Addressee, reply: Reply) -> Agreed:
        """Tell whether the code came back; with another answer of success somebody may still open the address."""
        if not reply.is_success:
            return Agreed.NO
        try:
            told = json.loads(reply.body)
        except (ValueError, RecursionError):
            told = None
        is_right = isinstance(told, dict) and told.get("validationResponse") == to.validation_code
        if reply.status == 200 and is_right:
            return Agreed.YES
        return Agreed.LATER if to.confirm_url else Agreed.NO

    def posts(self, to: Addressee, events: Sequence[Told]) -> list[Request]:
        """Return lists of events, each post of at most 100 events and 200 KB, unless one is larger."""
        resource, topic = _place(to.business_id)
        posts: list[Request] = []
        texts: list[bytes] = []
        ids: set[UUID] = set()
        size = 0
        for event, said in _all_said(to, events, resource):
            text = json.dumps(self._event(event, said, topic)).encode()
            if texts and (size + len(text) > MOST_BYTES or len(texts) >= MOST_EVENTS):
                posts.append(self._post(to, texts, ids))
                texts, ids, size = [], set(), 0
            texts.append(text)
            ids.add(event.id)
            size += len(text) + 1
        return [*posts, self._post(to, texts, ids)] if texts else posts

    def _event(self, event: Told, said: Said, topic: str) -> Json:
        return _enveloped(
            PREFIX + said.type, topic, said.subject, "1.0", _id(event, said), instant(event.at), said.data
        )

    def _post(self, to: Addressee, texts: Sequence[bytes], ids: set[UUID]) -> Request:
        return Request("POST", to.address, _headers(to, "Notification"), b"[" + b",".join(texts) + b"]", frozenset(ids))


class CloudEvents:
    """CloudEvents 1.0, structured: one event in each post, and the handshake of its webhooks."""

    lasts = timedelta(hours=24)
    asks_seconds = 30.0
    confirms_later: ClassVar[timedelta | None] = timedelta(minutes=10)

    def names(self) -> Sequence[str]:
        """Return the types of events, without the prefix they share."""
        return NAMES

    def kinds(self, wants: Sequence[str], resource: str) -> list[Kind]:
        """Return what is behind types of events. Raises Unknown."""
        return EventGrid().kinds(wants, resource)

    def asking(self, to: Addressee) -> Request:
        """Return what asks whether this installation may post there."""
        callback = {"WebHook-Request-Callback": to.confirm_url} if to.confirm_url else {}
        return Request("OPTIONS", to.address, {"WebHook-Request-Origin": origin(), "User-Agent": AGENT, **callback})

    def agreed(self, to: Addressee, reply: Reply) -> Agreed:
        """Tell whether this installation, or anybody, may post there."""
        allowed = [one.strip() for one in reply.headers.get("webhook-allowed-origin", "").split(",")]
        if reply.is_success and ("*" in allowed or origin() in (one.lower() for one in allowed)):
            return Agreed.YES
        return Agreed.LATER if reply.is_success and to.confirm_url else Agreed.NO

    def posts(self, to: Addressee, events: Sequence[Told]) -> list[Request]:
        """Return a post for each event."""
        resource, topic = _place(to.business_id)
        headers = {
            **_headers(to, "Notification"),
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "WebHook-Request-Origin": origin(),
        }
        return [
            Request("POST", to.address, headers, _cloud_event(event, said, topic), frozenset({event.id}))
            for event, said in _all_said(to, events, resource)
        ]


AGENT = "Vestibule"


def origin() -> str:
    """Return as whom this installation asks to post: its host."""
    return (urlsplit(settings.PUBLIC_URL).hostname or "localhost").lower()


def _all_said(to: Addressee, events: Sequence[Told], resource: UUID) -> Iterator[tuple[Told, Said]]:
    """Yield what `to` wants to hear, in the order it happened."""
    namer, wants = Namer(resource), set(to.wants)
    for event in events:
        _names, writer = WRITERS.get(event.kind, ((), None))
        for said in writer(namer, event.facts) if writer is not None else ():
            if not wants or said.type in wants:
                yield event, said


def _place(business_id: int) -> tuple[UUID, str]:
    """Return a business' resource, and what events call it: the path of a resource in Azure."""
    resource = communication.named(business_id)
    slug = Business.objects.values_list("slug", flat=True).get(pk=business_id)
    kind = "Microsoft.Communication/CommunicationServices"
    return resource, f"/subscriptions/{resource}/resourceGroups/vestibule/providers/{kind}/{slug}"


def _id(event: Told, said: Said) -> str:
    """Return the id of an event in their words: the same at each try, another for each type and reader."""
    return str(uuid5(event.id, f"{said.type}:{said.subject}:{said.to}"))


def _enveloped(kind: str, topic: str, subject: str, version: str, name: str, at: str | None, data: Json) -> Json:
    return {
        "id": name,
        "topic": topic,
        "subject": subject,
        "data": data,
        "eventType": kind,
        "dataVersion": version,
        "metadataVersion": "1",
        "eventTime": at or instant(clock.now()),
    }


def _cloud_event(event: Told, said: Said, topic: str) -> bytes:
    return json.dumps(
        {
            "id": _id(event, said),
            "source": topic,
            "specversion": "1.0",
            "type": PREFIX + said.type,
            "subject": said.subject,
            "time": instant(event.at),
            "datacontenttype": "application/json",
            "data": said.data,
        }
    ).encode()


def _headers(to: Addressee, kind: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": AGENT,
        "aeg-event-type": kind,
        "aeg-subscription-name": to.name.upper(),
        "aeg-data-version": "1.0",
        "aeg-metadata-version": "1",
    }
