"""A business ready to be visited, made by the product's own verbs: `python -m tests.e2e.practice`, on an empty folder.

Prints `{"slug", "manager": {"email", "password"}, "provider": {…}}` as JSON.
"""

import json
import os
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers import put_tables, run_module

if TYPE_CHECKING:
    from vestibule.people.models import Business

SLUG = "harbour-practice"
NAME = "Harbour Practice"
SERVICE = "First visit"
PROVIDER = "Dr Ada Blum"
ZONE = "Europe/Zurich"
QUESTION = "How was your visit?"


def found_practice(folder: Path, **visits: Any) -> dict[str, Any]:
    """Make the practice in the data folder, its visits run by the rules `visits`, and return its accounts."""
    put_tables(folder)
    made: dict[str, Any] = json.loads(run_module("tests.e2e.practice", json.dumps(visits), data=folder).stdout)
    return made


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    json.dump(_make(json.loads(sys.argv[1])), sys.stdout)


def _make(visits: dict[str, Any]) -> dict[str, Any]:
    from vestibule.booking import setup
    from vestibule.booking.setup import Hours, Offer
    from vestibule.experience import survey
    from vestibule.meetings import visit_rules
    from vestibule.people.permissions import SYSTEM, Role

    business = setup.create_business(SYSTEM, slug=SLUG, name=NAME, timezone=ZONE)
    setup.change_business(SYSTEM, business, phone="+41 44 555 01 00", email="hello@practice.example")
    visit_rules.change(replace(SYSTEM, business_id=business.pk), business, **visits)
    provider = setup.add_provider(SYSTEM, business, name=PROVIDER, title="Family medicine")
    open_days = tuple(Hours(weekday, 8 * 60, 18 * 60) for weekday in range(5))
    setup.set_hours(SYSTEM, business, open_days, provider=provider)
    setup.add_service(
        SYSTEM,
        business,
        name=SERVICE,
        duration_minutes=30,
        notice_minutes=60,
        change_notice_minutes=60,
        offers=[Offer(provider)],
    )
    survey.put(SYSTEM, business, "consumer", [survey.Wanted("stars", QUESTION, asks_comment=True)])
    manager = _account(business, "mara@practice.example", "Mara Manager", Role.MANAGER)
    doctor = _account(business, "ada@practice.example", PROVIDER, Role.PROVIDER)
    provider.membership_id = doctor.pop("membership")
    provider.email = str(doctor["email"])
    provider.save(update_fields=["membership", "email"])
    del manager["membership"]
    return {"slug": SLUG, "manager": manager, "provider": doctor}


def _account(business: "Business", email: str, name: str, role: str) -> dict[str, Any]:
    from vestibule.people.models import Membership, User

    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(email, password, name=name)
    membership = Membership.objects.create(business=business, user=user, role=role)
    return {"email": email, "password": password, "membership": membership.pk}


if __name__ == "__main__":
    main()
