"""A business whose every text is a payload, for a server to show: `python -m tests.security.hostile_practice`.

Prints as JSON what somebody needs to come to its pages. The clock of the server has to be set to `now`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.servers import put_tables, run_module


def found_hostile_practice(folder: Path) -> dict[str, Any]:
    """Make it in the data folder, and return its facts."""
    put_tables(folder)
    made: dict[str, Any] = json.loads(run_module("tests.security.hostile_practice", data=folder).stdout)
    return made


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    import django

    django.setup()
    json.dump(_make(), sys.stdout)


def _make() -> dict[str, Any]:
    from datetime import timedelta

    from tests.security import hostile, hostile_pages
    from vestibule.booking import links
    from vestibule.people.permissions import Role

    stage = hostile_pages.make_stage(hostile.taken(), hostile.taken())
    signed_in = {role.value: stage.office.as_(role).cookies["sessionid"].value for role in (Role.OWNER, Role.PROVIDER)}
    return {
        "now": f"{stage.booked.start - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}",
        "sessions": signed_in,
        "addresses": stage.addresses,
        "meeting": stage.seats["consumer"].meeting.ref,
        "booked": vars(links.addresses(stage.booked)),
        "visited": vars(links.addresses(stage.visited)),
        "waits": hostile_pages.waitlist_address(stage),
        "mails": dict(hostile_pages.html_of_mails()),
    }


if __name__ == "__main__":
    main()
