"""Run inside the environment that has django-appointment: its own slot function on the work read from stdin.

Its rooms are put to use as they are meant: a staff member with working hours for each weekday, busy time as
unavailabilities, tables in SQLite. Answers are printed as JSON: CPU seconds, and each provider's starts as UTC minutes.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def set_up(zone: str, file: str) -> None:
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="x",
        USE_TZ=True,
        TIME_ZONE=zone,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": file}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "phonenumber_field",
            "appointment",
        ],
        ROOT_URLCONF="appointment.urls",
        LOGGING_CONFIG=None,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, run_syncdb=True)  # its package ships no migrations


def fill(task: dict[str, Any]) -> tuple[Any, list[Any]]:
    from appointment.models import Service, StaffMember, Unavailability, WorkingHours
    from django.contrib.auth import get_user_model

    service = Service.objects.create(name="Visit", duration=timedelta(minutes=task["length"]), price=0)
    people = task["people"]
    user_model: Any = get_user_model()
    users = user_model.objects.bulk_create(user_model(username=f"u{number}") for number in range(len(people)))
    staff = StaffMember.objects.bulk_create(
        StaffMember(user=user, slot_duration=task["length"], appointment_buffer_time=0, slot_gap_time=0)
        for user in users
    )
    for one, person in zip(staff, people, strict=True):
        one.services_offered.add(service)
        WorkingHours.objects.bulk_create(
            WorkingHours(
                staff_member=one,
                day_of_week=day,
                start_time=clock(person["opens"]),
                end_time=clock(task["closes"]),
            )
            for day in range(1, 6)  # Sunday is 0
        )
        Unavailability.objects.bulk_create(
            Unavailability(staff_member=one, date=date.fromisoformat(day), start_time=clock(start), end_time=clock(end))
            for day, start, end in person["busy"]
        )
    return service, staff


def main() -> None:
    task = json.load(sys.stdin)
    set_up(task["zone"], task["file"])
    from appointment.services import get_available_slots_for_staff
    from appointment.utils.db_helpers import get_weekday_num_from_date

    service, staff = fill(task)
    zone, first = ZoneInfo(task["zone"]), date.fromisoformat(task["first"])
    get_available_slots_for_staff(first, staff[0], get_weekday_num_from_date(first), service)
    found = []
    begun = process_time()
    for one in staff:
        mine = []
        for number in range(task["days"]):
            day = first + timedelta(days=number)
            mine += get_available_slots_for_staff(day, one, get_weekday_num_from_date(day), service)
        found.append(mine)
    spent = process_time() - begun
    starts = [[int(datetime.timestamp(at.replace(tzinfo=zone))) // 60 for at in mine] for mine in found]
    print("\n" + json.dumps({"cpu_seconds": spent, "starts": starts}))


if __name__ == "__main__":
    main()
