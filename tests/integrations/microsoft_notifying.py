"""The part of Microsoft 365 that tells of changes: subscriptions, the question whether it is us, and the calls.

What it calls goes through `deliver`, which a test makes lead to the product's own door.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.integrations import graph_contract

Json = dict[str, Any]
Deliver = Callable[[str, Json | None], tuple[int, str]]
"""Posts a body (None: text/plain, and none) to an address of ours, and returns status and text."""


@dataclass
class Notifying:
    """Subscriptions of one application, by their ids. `asks` counts how often it wanted to know whether it is us."""

    deliver: Deliver
    subscriptions: dict[str, Json] = field(default_factory=dict)
    token: str = "Validation: Testing <b>client</b> & reachability of 100%"
    asks: int = 0
    answers: list[tuple[int, str]] = field(default_factory=list)
    longest: str = ""
    reauthorized: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, str], told: Json) -> tuple[int, Json | None] | None:
        """Answer what is asked about subscriptions."""
        if path == "/subscriptions":
            return self._make(told) if method == "POST" else (200, {"value": list(self.subscriptions.values())})
        if not path.startswith("/subscriptions/"):
            return None
        ref, _slash, action = path.removeprefix("/subscriptions/").partition("/")
        if ref not in self.subscriptions:
            return 404, {"error": {"code": "ResourceNotFound", "message": "It is not there."}}
        if action == "reauthorize":
            self.reauthorized.append(ref)
            return 204, None
        if method == "DELETE":
            del self.subscriptions[ref]
            return 204, None
        if method == "PATCH":
            self.subscriptions[ref] |= told
        return 200, self._shown(ref)

    def tell(self, *refs: str, **more: Any) -> tuple[int, str]:
        """Call that something changed, all in one call, at the address of the first."""
        first = self.subscriptions[refs[0]]
        return self.deliver(first["notificationUrl"], {"value": [self.notification(ref, **more) for ref in refs]})

    def tell_of_its_life(self, ref: str, event: str, **more: Any) -> tuple[int, str]:
        """Call what becomes of a subscription itself."""
        note = self.notification(ref) | {"lifecycleEvent": event} | more
        del note["changeType"]
        return self.deliver(self.subscriptions[ref]["lifecycleNotificationUrl"], {"value": [note]})

    def notification(self, ref: str, **more: Any) -> Json:
        """One notification, as it is documented."""
        known = self.subscriptions[ref]
        return {
            "id": secrets.token_urlsafe(9),
            "subscriptionId": ref,
            "subscriptionExpirationDateTime": known["expirationDateTime"],
            "clientState": known["clientState"],
            "changeType": "updated",
            "resource": f"{known['resource']}/AAMk=",
            "tenantId": "84bd8158-6d4d-4958-8b9f-9d6445542f95",
            "resourceData": {"@odata.type": "#Microsoft.Graph.Event", "id": "AAMk="},
        } | more

    def _make(self, told: Json) -> tuple[int, Json]:
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            self.asks += 1
            status, text = self.deliver(f"{told[name]}?{urlencode({'validationToken': self.token})}", None)
            self.answers.append((status, text))
            if status != 200 or text != self.token.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"):
                return 400, {"error": {"code": "ValidationError", "message": "The validation request failed."}}
        ref = f"7f105c7d-2dc5-4530-97cd-{secrets.token_hex(6)}"
        self.subscriptions[ref] = {**told, "id": ref}
        assert graph_contract.answer_faults("microsoft.graph.subscription", self.subscriptions[ref]) == []
        return 201, self._shown(ref)

    def _shown(self, ref: str) -> Json:
        shown = dict(self.subscriptions[ref])
        return shown | ({"expirationDateTime": self.longest} if self.longest else {})
