"""`python -m bench.booking_fill [--past N]`: businesses to measure with, made in the data folder.

`one`, `twenty` and `hundred` have that many providers with 200 busy intervals each over the coming 60 days; `rush`
has 40 without any. `--past` adds so many past appointments, spread over all providers.
"""

import argparse
import os
import random

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")

BUSY_EACH = 200
SIZES = {"one": 1, "twenty": 20, "hundred": 100}


def main() -> None:
    """Fill the database of the data folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--past", type=int, default=0)
    options = parser.parse_args()
    import django

    django.setup()
    from vestibule.booking import setup
    from vestibule.calendars.models import BusyInterval
    from vestibule.people.permissions import SYSTEM
    from vestibule.store import clock

    today = clock.to_minute(clock.now()) // 1440 * 1440
    dice = random.Random(7)
    for slug, size in {**SIZES, "rush": 40}.items():
        business = setup.create_business(SYSTEM, slug=slug, name=slug.title(), timezone="Europe/Berlin")
        providers = [setup.add_provider(SYSTEM, business, name=f"{slug} {number}") for number in range(size)]
        setup.add_service(
            SYSTEM,
            business,
            name="Visit",
            notice_minutes=0,
            offers=[setup.Offer(one) for one in providers],
        )
        starts = (
            (one, today + dice.randrange(60) * 1440 + dice.randrange(360, 960, 5))
            for one in providers
            for _number in range(0 if slug == "rush" else BUSY_EACH)
        )
        BusyInterval.objects.bulk_create(
            BusyInterval(business=business, provider=one, start_minute=start, end_minute=start + dice.choice((15, 30)))
            for one, start in starts
        )
    if options.past:
        add_past(options.past, today)


def add_past(past: int, today: int) -> None:
    """Insert `past` appointments that are over, half an hour each, one after another for each provider."""
    from django.db import connection, transaction

    from bench.many_rows import insert_past
    from vestibule.booking.models import ServiceProvider
    from vestibule.people.models import Consumer

    offers = list(ServiceProvider.objects.select_related("service__business"))
    each = past // len(offers)
    for number, offer in enumerate(offers):
        who, _made = Consumer.objects.get_or_create(
            business=offer.service.business,
            email_normal="p@example.org",
            defaults={"name": "P", "email": "p@example.org"},
        )
        with transaction.atomic():
            insert_past(offer, each, base=number * each + 1, first=today - 7200 - each * 30, consumer=who.pk)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
