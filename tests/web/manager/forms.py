"""What somebody who sets up a business enters."""

from typing import Any


def window(weekday: int, number: int, start: str, end: str) -> dict[str, str]:
    return {f"d{weekday}_{number}_from": start, f"d{weekday}_{number}_to": end}


DETAILS = {
    "name": "Lakeside Clinic & Friends",
    "tagline": "By the lake",
    "email": "hello@lakeside.example",
    "phone": "+41 44 555 01 00",
    "privacy_url": "https://lakeside.example/privacy",
    "timezone": "Europe/Zurich",
    "language": "en",
    "week_start": "sun",
    "buffer_rule": "max",
    "is_published": "on",
}


RULES: dict[str, Any] = {
    "duration_minutes": "45",
    "interval_minutes": "15",
    "buffer_before_minutes": "5",
    "buffer_after_minutes": "10",
    "alignment": "clock",
    "align_step_minutes": "",
    "alignment_timezone": "",
    "notice": "2",
    "notice_unit": "60",
    "change_notice": "1",
    "change_notice_unit": "1440",
    "window_type": "rolling_days",
    "window_days": "90",
    "window_minutes": "",
    "window_from": "",
    "window_to": "",
    "seats": "1",
    "scope": "service",
    "max_day": "8",
    "minutes_week": "600",
    "lengths": "60, 90",
    "most_occurrences": "1",
    "max_open_per_consumer": "",
    "approval": "1",
    "approval_unit": "1440",
    "no_show_after_minutes": "",
}


OF_A_SERVICE = ("duration_minutes", "seats", "lengths", "most_occurrences")


HOUSE_RULES = {name: value for name, value in RULES.items() if name not in OF_A_SERVICE}


HOUSE_RULES |= {"max_open_in_all": "3"}
