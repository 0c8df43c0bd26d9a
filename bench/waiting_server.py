"""The server of bench_waiting: one business, its providers, and an appointment now for each consumer."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

PROVIDERS = 20


def seed(people: int) -> dict[str, Any]:
    """Make the day; return each consumer's cookie and seat, and the cookie of a manager."""
    from django.test import Client

    from vestibule.booking.models import Appointment, Service
    from vestibule.meetings import areas, planning, prepared
    from vestibule.people import links
    from vestibule.people.models import Business, Consumer, Membership, Provider, User
    from vestibule.people.permissions import Role, staff_actor
    from vestibule.store import clock
    from vestibule.store.transactions import writing
    from vestibule.web.live.authorise import VISIT_COOKIE, sign_visit

    now = clock.now()
    start = now + timedelta(minutes=5)
    refs: list[str] = []
    with writing():
        business = Business.objects.create(slug="bench", name="Bench")
        service = Service.objects.create(business=business, slug="visit", name="Visit")
        staff = [
            Provider.objects.create(business=business, slug=f"p{number}", name=f"Provider {number}", presence="ready")
            for number in range(PROVIDERS)
        ]
        user = User.objects.create_user("manager@example.org", name="Manager")
        Membership.objects.create(business=business, user=user, role=Role.MANAGER)
        manager = staff_actor(user_id=user.pk, label="m", business_id=business.pk, role=Role.MANAGER, provider_id=None)
        areas.change(manager, "everybody", content_title="While you wait", content_text="Please have your card ready.")
        prepared.add(manager, "One moment, please.")
        for number in range(people):
            provider = staff[number % PROVIDERS]
            name = f"Consumer {number}"
            seats = [
                planning.Seat("consumer", "consumer", name),
                planning.Seat("provider", "presenter", provider.name, provider.pk),
            ]
            meeting, (consumer, _host) = planning.plan(
                business.pk, "Visit", start, start + timedelta(minutes=15), seats
            )
            refs.append(consumer.ref)
            email = f"c{number}@example.org"
            known = Consumer.objects.create(business=business, name=name, email=email, email_normal=email)
            Appointment.objects.create(
                business=business,
                service=service,
                consumer=known,
                provider=provider,
                meeting=meeting,
                start_minute=clock.to_minute(start),
                end_minute=clock.to_minute(start) + 15,
                name=name,
                email=email,
                timezone="UTC",
            )
        until = now + timedelta(days=1)
        made = links.store([links.draft(business.pk, links.Purpose.VISIT, "consumer", ref, until) for ref in refs])
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {
        "people": [(f"{VISIT_COOKIE}={sign_visit(link)}", link.subject) for link in made],
        "manager": f"sessionid={browser.cookies['sessionid'].value}",
    }


if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    import uvloop

    from bench.sockets_server import main

    facts = seed(int(sys.argv[3]))
    folder = Path(sys.argv[1])
    (folder / "manager.json").write_text(json.dumps(facts["manager"]))
    uvloop.run(main(folder, int(sys.argv[2]), facts["people"]))
