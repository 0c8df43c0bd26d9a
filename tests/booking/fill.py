"""`python -m tests.booking.fill`: put the clinic of the race tests into the database the settings name."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")


def main() -> None:
    import django

    django.setup()
    from vestibule.booking import setup
    from vestibule.people.permissions import SYSTEM

    business = setup.create_business(SYSTEM, slug="clinic", name="Clinic")
    ada, bo = (setup.add_provider(SYSTEM, business, name=name) for name in ("Ada", "Bo"))
    rules = {"interval_minutes": 5, "notice_minutes": 0, "change_notice_minutes": 0}
    for minutes in (20, 30, 45):
        setup.add_service(
            SYSTEM, business, name=f"For {minutes}", duration_minutes=minutes, offers=[setup.Offer(ada)], **rules
        )
    setup.add_service(SYSTEM, business, name="Anybody", offers=[setup.Offer(ada), setup.Offer(bo)], **rules)


if __name__ == "__main__":
    main()
