"""Teams beside the mailbox of `microsoft`: meetings in memory, answering as the published examples do.

What it does with a request: `createOrGet` finds a meeting by its organizer and external id, and leaves one that is
there as it is; it takes the parameters of the action and no others; times change together; who organizes never does.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_DNS, uuid5

from tests.integrations.microsoft import TENANT, Microsoft, _error, microsoft

Json = dict[str, Any]
ACTION = frozenset({"chatInfo", "endDateTime", "externalId", "participants", "startDateTime", "subject"})
USUAL: Json = {
    "lobbyBypassSettings": {"scope": "everyone", "isDialInBypassEnabled": True},
    "allowedPresenters": "everyone",
    "participants": {"attendees": []},
}
CREATE, VISITORS = "/createOrGet", "/getVirtualAppointmentJoinWebUrl"


@dataclass
class Meetings:
    """Meetings in Teams: `people` may hold them, but those in `without_policy`. `most` a month, for each of them.

    `keeps_names`: a meeting that was deleted goes on being named by `createOrGet`, and is not there. `age` is how long
    ago meetings say they were made.
    """

    people: set[str] = field(default_factory=lambda: {"ada@clinic.example", "bo@clinic.example"})
    without_policy: set[str] = field(default_factory=set)
    live: dict[str, Json] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    most: int = 2000
    host: str = "teams.microsoft.com"
    keeps_names: bool = False
    age: timedelta = timedelta(0)
    is_short: bool = False

    def held(self) -> list[tuple[str, str, str]]:
        """Who holds which meeting from when, of all there are: `("ada@…", "2030-03-05T09:00", "key")`."""
        return sorted(
            (one["participants"]["organizer"]["upn"], one["startDateTime"][:16], one["externalId"])
            for one in self.live.values()
        )

    def delete(self, ref: str) -> None:
        """Delete a meeting, as its organizer does in Teams."""
        one = self.live.pop(ref)
        if not self.keeps_names:
            self.names = {name: other for name, other in self.names.items() if other != ref}
        assert one

    def answer(self, method: str, path: str, query: dict[str, str], told: Json) -> tuple[int, Json | None] | None:
        parts = path.strip("/").split("/")
        if len(parts) < 4 or parts[0] != "users" or parts[2] != "onlineMeetings":
            return None
        organizer = parts[1].casefold()
        if organizer not in self.people:
            return 404, _error("ErrorInvalidUser")
        if organizer in self.without_policy:
            return 403, _error("Forbidden")
        if path.endswith(CREATE):
            return self._create_or_get(organizer, told)
        one = self.live.get(parts[3])
        if one is None or one["participants"]["organizer"]["upn"] != organizer:
            return 404, _error("NotFound")
        if path.removesuffix("()").endswith(VISITORS):
            inner = quote(f"{one['joinWebUrl']}&webjoin=true&unified=true", safe="")
            base = f"https://visit.{self.host}/webrtc-svc/api/route"
            return 200, {"value": f"{base}?tid={TENANT}&convId={one['chatInfo']['threadId']}&JoinWebUrl={inner}"}
        return self._one(method, parts[3], one, told)

    def _create_or_get(self, organizer: str, told: Json) -> tuple[int, Json]:
        if not told.get("externalId") or told.keys() - ACTION or ("endDateTime" in told) > ("startDateTime" in told):
            return 400, _error("BadRequest")
        name = (organizer, told["externalId"])
        if name in self.names:
            ref = self.names[name]
            return 200, self.live.get(ref) or self._new(ref, organizer, told)
        if sum(one == organizer for one in self.made) >= self.most:
            return 429, _error("TooManyRequests")
        self.made.append(organizer)
        self.names[name] = ref = f"MSp{secrets.token_hex(12)}=="
        self.live[ref] = self._new(ref, organizer, told)
        return 201, self.live[ref]

    def _one(self, method: str, ref: str, one: Json, told: Json) -> tuple[int, Json | None]:
        if method == "DELETE":
            self.delete(ref)
            return 204, None
        if method == "PATCH":
            times = {"startDateTime", "endDateTime"} & told.keys()
            people = told.get("participants", {})
            if len(times) == 1 or "organizer" in people:
                return 400, _error("BadRequest")
            if any(seat["upn"].casefold() not in self.people for seat in people.get("attendees", [])):
                return 400, _error("BadRequest")
            one |= told | {"participants": one["participants"] | people}
        return 200, one

    def _new(self, ref: str, organizer: str, told: Json) -> Json:
        thread = f"19:meeting_{secrets.token_hex(16)}@thread.v2"
        now = f"{datetime.now(UTC) - self.age:%Y-%m-%dT%H:%M:%S.0000000Z}"
        person = str(uuid5(NAMESPACE_DNS, organizer))
        context = quote(f'{{"Tid":"{TENANT}","Oid":"{person}"}}')
        number = "".join(secrets.choice("123456789") for _digit in range(12))
        long = f"https://{self.host}/l/meetup-join/{quote(thread, safe='')}/0?context={context}"
        there = {"user": {"id": person, "displayName": None, "tenantId": TENANT}}
        return {
            **USUAL,
            "id": ref,
            "creationDateTime": now,
            "startDateTime": told.get("startDateTime", now),
            "endDateTime": told.get("endDateTime", now),
            "subject": told.get("subject"),
            "externalId": told["externalId"],
            "joinWebUrl": f"https://{self.host}/meet/{number}?p=aB3dE" if self.is_short else long,
            "chatInfo": {"threadId": quote(thread, safe=""), "messageId": "0", "replyChainMessageId": None},
            "joinMeetingIdSettings": {"isPasscodeRequired": True, "joinMeetingId": number, "passcode": "aB3dE"},
            "participants": {
                "organizer": {"identity": there, "role": "presenter", "upn": organizer},
                "attendees": told.get("participants", {}).get("attendees", []),
            },
        }


@contextmanager
def teams() -> Iterator[tuple[Microsoft, Meetings]]:
    """Run Microsoft 365 with Teams on a free port of this machine."""
    with microsoft() as cloud:
        meetings = Meetings()
        cloud.parts.append(meetings)
        yield cloud, meetings
