"""Graph tells us of changes in a mailbox' calendar: https://learn.microsoft.com/graph/change-notifications-overview.

Graph calls us before it answers that a subscription is made. Notifications carry no content of events, and what they
say of them is not read: it is not signed.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from vestibule.calendars.ports import (
    Access,
    CalendarError,
    Heard,
    News,
    Said,
    SubscriptionGone,
    Trouble,
    Unreadable,
    Watched,
)
from vestibule.integrations.microsoft365.application import Application
from vestibule.integrations.microsoft365.errors import GraphError
from vestibule.integrations.microsoft365.graph import Graph, Json, of_user
from vestibule.integrations.microsoft365.outlook import trouble
from vestibule.people.ports import NotConnected
from vestibule.store import clock
from vestibule.store.configuration import Configuration

LASTS = timedelta(minutes=4200)
"""Events may be told for 4,230 minutes at a time; newer text names more."""
SECONDS = 30.0
LONGEST_TOKEN = 2048
MOST_TOLD = 1000
OF_ITS_LIFE = {"reauthorizationrequired": News.ASKS, "subscriptionremoved": News.ENDED, "missed": News.MISSED}


class Subscriptions:
    """Talks about subscriptions to one mailbox, named by `Access.url`; "" to take one back."""

    def __init__(self, access: Access, graph: Graph) -> None:
        self._graph, self._mailbox = graph, access.url.strip()

    @classmethod
    def opened(cls, configuration: Configuration, access: Access) -> Self:
        """Return the adapter for one mailbox. Raises CalendarError."""
        allowed = tuple(configuration.items("GATEWAY_HOSTS"))
        try:
            application = Application.read(access.account, allowed)
        except NotConnected:
            words = "the business' account at Microsoft 365 is missing or cannot be used"
            raise CalendarError(words, Trouble.CREDENTIALS, permanent=True) from None
        return cls(access, Graph.opened(application, allowed, seconds=SECONDS))

    def close(self) -> None:
        """Let connections go."""
        self._graph.close()

    def subscribe(self, calendar: str, address: str, key: str, *, is_again: bool) -> Watched:
        """Have changes called to `address`, also those of the subscription's own life."""
        try:
            found = self._known(address) if is_again else ""
            return self.renew(found) if found else self._made(address, key)
        except GraphError as failure:
            raise trouble(failure) from failure

    def renew(self, external_id: str) -> Watched:
        """Let it last three days from now, which also says that we still want it. Raises SubscriptionGone."""
        until = clock.now() + LASTS
        try:
            kept = self._graph.patch(f"/subscriptions/{external_id}", {"expirationDateTime": _text(until)})
        except GraphError as failure:
            raise _ended(failure) from failure
        return Watched(external_id, _until(kept, until))

    def reauthorize(self, external_id: str) -> None:
        """Say that we still want it. Raises SubscriptionGone."""
        try:
            self._graph.act(f"/subscriptions/{external_id}/reauthorize")
        except GraphError as failure:
            raise _ended(failure) from failure

    def unsubscribe(self, external_id: str) -> None:
        """Take it back."""
        try:
            self._graph.delete(f"/subscriptions/{external_id}")
        except GraphError as failure:
            if not failure.is_missing:
                raise trouble(failure) from failure

    @classmethod
    def heard(cls, query: Mapping[str, str], body: bytes) -> Heard:
        """Return what a call says: a question whether it is us, or notifications, of changes or of their own life."""
        if "validationToken" in query:
            token = query["validationToken"]
            if not token or len(token) > LONGEST_TOKEN:
                raise Unreadable("the token is missing or too long")
            return Heard(answer=token)
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            raise Unreadable("this is no JSON") from None
        value = told.get("value") if isinstance(told, dict) else None
        if not isinstance(value, list):
            raise Unreadable("there is no list of notifications")
        return Heard(tuple(said for one in value[:MOST_TOLD] if (said := _said(one)) is not None))

    def _made(self, address: str, key: str) -> Watched:
        until = clock.now() + LASTS
        wish: Json = {
            "changeType": "created,updated,deleted",
            "notificationUrl": address,
            "lifecycleNotificationUrl": address,
            "resource": f"{of_user(self._mailbox).removeprefix('/')}/events",
            "expirationDateTime": _text(until),
            "clientState": key,
        }
        made = self._graph.post("/subscriptions", wish)
        if not str(made.get("id", "")):
            raise GraphError("Graph did not say what it calls the subscription", status=502, maybe_done=True)
        return Watched(str(made["id"])[:100], _until(made, until))

    def _known(self, address: str) -> str:
        """Return the id of one that calls at `address` already: its making was answered, and the answer was lost."""
        for page in self._graph.pages("/subscriptions"):
            value = page.get("value")
            for one in value if isinstance(value, list) else []:
                if isinstance(one, dict) and one.get("notificationUrl") == address and one.get("id"):
                    return str(one["id"])[:100]
        return ""


def _said(one: Any) -> Said | None:
    if not isinstance(one, dict):
        return None
    subscription, key, life = (one.get(name) for name in ("subscriptionId", "clientState", "lifecycleEvent"))
    if not isinstance(subscription, str) or not isinstance(key, str) or len(subscription) > 100 or len(key) > 128:
        return None
    if any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in subscription):
        return None  # no database takes it
    if life is None:
        return Said(subscription, key)
    news = OF_ITS_LIFE.get(life.lower()) if isinstance(life, str) else None
    return None if news is None else Said(subscription, key, news)


def _ended(failure: GraphError) -> CalendarError:
    return SubscriptionGone() if failure.is_missing else trouble(failure)


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.0000000Z"


def _until(told: Json, asked: datetime) -> datetime:
    """Return until when it lasts, which may be less than was asked for."""
    try:
        said = str(told.get("expirationDateTime", ""))
        found = datetime.fromisoformat(said.partition(".")[0].removesuffix("Z") + "+00:00")
    except ValueError:
        return asked
    return min(found, asked)
