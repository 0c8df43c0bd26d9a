"""`python -m tests.booking.fill`: put the clinic of the race tests into the database the settings name."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vestibule.people.models import Business

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")


def main() -> None:
    import django

    django.setup()
    from vestibule.booking import setup
    from vestibule.people.permissions import SYSTEM

    business = setup.create_business(SYSTEM, slug="clinic", name="Clinic")
    ada, bo = (setup.add_provider(SYSTEM, business, name=name) for name in ("Ada", "Bo"))
    rules: dict[str, Any] = {"interval_minutes": 5, "notice_minutes": 0, "change_notice_minutes": 0}
    for minutes in (20, 30, 45):
        setup.add_service(
            SYSTEM, business, name=f"For {minutes}", duration_minutes=minutes, offers=[setup.Offer(ada)], **rules
        )
    setup.add_service(SYSTEM, business, name="Anybody", offers=[setup.Offer(ada), setup.Offer(bo)], **rules)
    add_people_and_things(business)


def add_people_and_things(business: "Business") -> None:
    """Five who share one device, a group of five seats, and any of twenty."""
    from vestibule.booking import setup
    from vestibule.people.permissions import SYSTEM

    many = [setup.add_provider(SYSTEM, business, name=f"Carer {number}") for number in range(20)]
    device = setup.add_resource(SYSTEM, business, name="Scanner", kind="device")
    rules: dict[str, Any] = {"interval_minutes": 5, "notice_minutes": 0, "change_notice_minutes": 0}
    five = [setup.Offer(one) for one in many[:5]]
    setup.add_service(
        SYSTEM, business, name="Scan", duration_minutes=20, offers=five, needs=[setup.Need(device)], **rules
    )
    setup.add_service(
        SYSTEM, business, name="Check", duration_minutes=30, offers=five, needs=[setup.Need(device)], **rules
    )
    setup.add_service(SYSTEM, business, name="Group", seats=5, offers=[setup.Offer(many[5])], **rules)
    setup.add_service(SYSTEM, business, name="Twenty", offers=[setup.Offer(one) for one in many], **rules)


if __name__ == "__main__":
    main()
