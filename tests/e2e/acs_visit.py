"""A visit held in Teams that is joined on our page: `python -m tests.e2e.acs_visit`, on an empty data folder.

Prints `{"cookie": …, "join_url": …}` as JSON: the consumer's way in, let in already.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from tests.servers import put_tables, run_module
from vestibule.meetings.ports import CallToken

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.e2e.acs_settings"}
IDENTITY = "8:acs:11111111-2222-4333-8444-555555555555_66666666-7777-4888-8999-000000000000"


class Minted:
    """Tokens that look like those of Azure and are signed by nobody."""

    @classmethod
    def opened(cls, access: Mapping[str, str], own_network: tuple[str, ...] = ()) -> Self:
        return cls()

    def issue(self, known: str, *, with_chat: bool = False) -> CallToken:
        now = int(time.time())
        resource, _underscore, _user = IDENTITY.removeprefix("8:acs:").partition("_")
        claims = {
            "skypeid": IDENTITY.removeprefix("8:"),
            "scp": 1792,
            "csi": str(now),
            "iat": now,
            "exp": now + 3600,
            "rgn": "emea",
            "acsScope": "voip.join",
            "resourceId": resource,
            "resourceLocation": "europe",
        }
        parts = ({"alg": "RS256", "kid": "1", "typ": "JWT"}, claims)
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        return CallToken(IDENTITY, datetime.now(UTC) + timedelta(hours=1), ".".join([*encoded, "c2lnbmVk"]))

    def revoke(self, identity: str) -> None:
        """Nothing counts anywhere."""

    def delete(self, identity: str) -> None:
        """Nothing is kept anywhere."""

    def close(self) -> None:
        """Nothing is open."""


def found_visit(folder: Path) -> dict[str, Any]:
    """Make the visit in the data folder and return what its consumer needs."""
    put_tables(folder)
    made: dict[str, Any] = json.loads(run_module("tests.e2e.acs_visit", data=folder, env=SETTINGS).stdout)
    return made


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    import django

    django.setup()
    json.dump(_make(), sys.stdout)


def _make() -> dict[str, Any]:
    from tests.meetings.in_teams import JOIN_URL, hold_in_teams, take_up_teams
    from tests.meetings.scene import make_appointment, make_visit
    from tests.web.live.talk import visit_cookie
    from vestibule.meetings import waiting
    from vestibule.people import outside_accounts, secrets
    from vestibule.people.models import BusinessWays, OutsideAccount
    from vestibule.people.ways import Join

    visit = make_visit()
    make_appointment(visit)
    business = visit.meeting.business
    hold_in_teams(visit.meeting)
    take_up_teams(visit.meeting)
    BusinessWays.objects.filter(business=business).update(join=Join.ACS_CALLING)
    access = secrets.encrypt(outside_accounts.PURPOSE, b"{}")
    OutsideAccount.objects.create(business=business, kind="acs", access=access)
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    return {"cookie": visit_cookie(visit.consumer.ref), "join_url": JOIN_URL, "name": visit.consumer.name}


if __name__ == "__main__":
    main()
