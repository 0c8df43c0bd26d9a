"""`python -m bench.scheduling_fill [--past N --customers N --password TEXT]`: the work, as businesses to serve.

Business `of-20` has 20 providers with the hours and busy intervals of the work, and so on for each size. `--past` adds
appointments that are over to the largest, spread over its providers and over `--customers` consumers. A manager of the
largest signs in as manager@bench.example with `--password`.
"""

import argparse
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")

from bench.scheduling_work import CLOSES, LENGTH, SIZES, ZONE, busy_minutes, opens


def main() -> None:
    """Fill the database of the data folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--past", type=int, default=0)
    parser.add_argument("--customers", type=int, default=1)
    parser.add_argument("--password", default="")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    options = parser.parse_args()
    import django

    django.setup()
    for size in options.sizes:
        add_business(size)
    if options.past:
        add_past(max(options.sizes), options.past, options.customers)
    if options.password:
        add_manager(max(options.sizes), options.password)


def add_business(size: int) -> None:
    """Make `of-SIZE`, in which each provider offers a visit of half an hour on a grid of half hours."""
    from vestibule.booking import setup
    from vestibule.calendars.models import BusyInterval
    from vestibule.people.permissions import SYSTEM
    from vestibule.store.transactions import writing

    with writing():
        business = setup.create_business(SYSTEM, slug=f"of-{size}", name=f"Of {size}", timezone=ZONE)
        providers = [setup.add_provider(SYSTEM, business, name=f"p {number}") for number in range(size)]
        for number, one in enumerate(providers):
            week = [setup.Hours(day, opens(number), CLOSES) for day in range(5)]
            setup.set_hours(SYSTEM, business, week, provider=one)
        rules: dict[str, Any] = {
            "duration_minutes": LENGTH,
            "interval_minutes": LENGTH,
            "notice_minutes": 0,
            "window_type": "none",
        }
        setup.add_service(SYSTEM, business, name="Visit", offers=[setup.Offer(one) for one in providers], **rules)
        BusyInterval.objects.bulk_create(
            BusyInterval(business=business, provider=one, start_minute=start, end_minute=end)
            for number, one in enumerate(providers)
            for start, end in busy_minutes(number)
        )


def add_past(size: int, past: int, customers: int) -> None:
    """Insert `past` appointments that are over, half an hour each, one after another for each provider."""
    from django.db import connection, transaction

    from bench.many_rows import insert, insert_past
    from vestibule.booking.models import ServiceProvider
    from vestibule.people.models import Consumer
    from vestibule.store import clock

    offers = list(ServiceProvider.objects.filter(service__business__slug=f"of-{size}").select_related("service"))
    each, share = past // len(offers), max(1, customers // len(offers))
    today = clock.to_minute(clock.now()) // 1440 * 1440
    email = "'c' || i || '@example.org'"
    named = {"id": "1 + i", "ref": "'many' || i", "name": "'Consumer ' || i", "email": email, "email_normal": email}
    of = {"business_id": offers[0].service.business_id, "timezone": "'UTC'", "created_at": "'2020-01-01'"}
    insert(Consumer, customers, **named, **of)
    for number, offer in enumerate(offers):
        who = f"{number * share % customers + 1} + i % {share}"
        with transaction.atomic():
            insert_past(offer, each, base=number * each + 1, first=today - 7200 - each * 30, consumer=who)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def add_manager(size: int, password: str) -> None:
    """Let somebody sign in who sees every appointment."""
    from vestibule.people.models import Business, Membership, User
    from vestibule.people.permissions import Role

    user = User.objects.create_user("manager@bench.example", password)
    Membership.objects.create(business=Business.objects.get(slug=f"of-{size}"), user=user, role=Role.MANAGER)


if __name__ == "__main__":
    main()
