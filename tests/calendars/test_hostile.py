"""What nobody may cost us: calendars made to be endless, huge, or absurd."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.calendars.kit import busy, calendar, event
from vestibule.calendars.ports import CalendarError, Trouble

SECONDS, MEGABYTES = 2.0, 100
HOUR = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
OLD = ("DTSTART:00010101T000000", "DURATION:PT1H")


def rules(*texts: str, start: tuple[str, ...] = HOUR) -> bytes:
    return calendar(*(event(*start, f"RRULE:{text}", uid=f"e{n}") for n, text in enumerate(texts)))


def chain(number: int) -> Iterator[str]:
    yield event(*HOUR, "RRULE:FREQ=DAILY", uid="chain")
    for n in range(number):
        day = f"202{6 + n % 3}{1 + n % 12:02}{1 + n % 28:02}T090000Z"
        yield event(f"RECURRENCE-ID;RANGE=THISANDFUTURE:{day}", f"DTSTART:{day}", "DURATION:PT1H", uid="chain")


def listed(name: str, number: int) -> str:
    return f"{name}:" + ",".join(f"2026{1 + n % 12:02}{1 + n % 28:02}T{n % 24:02}{n % 60:02}00Z" for n in range(number))


def nested(depth: int) -> bytes:
    return b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * depth + b"END:VEVENT\r\n" * depth + b"END:VCALENDAR\r\n"


def zones(number: int) -> str:
    one = "BEGIN:VTIMEZONE\r\nTZID:Z{}\r\nBEGIN:STANDARD\r\nDTSTART:00010101T000000\r\nRRULE:FREQ=SECONDLY\r\n"
    one += "TZOFFSETFROM:+0000\r\nTZOFFSETTO:+9959\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    return "\r\n".join(one.format(n) for n in range(number))


HOSTILE = {
    "every second": rules("FREQ=SECONDLY"),
    "every second since the year 1": rules("FREQ=SECONDLY;INTERVAL=7", start=OLD),
    "every minute, 500 times over": rules(*["FREQ=MINUTELY;BYHOUR=1,2,3;BYMINUTE=1,3,5,7"] * 500),
    "a thousand million times": rules("FREQ=DAILY;COUNT=1000000000", "FREQ=SECONDLY;COUNT=1000000000"),
    "counted since the year 1": rules(*["FREQ=DAILY;COUNT=999999999"] * 300, start=OLD),
    "never": rules(*["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31"] * 500, start=OLD),
    "every list full": rules(
        *[
            "FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYHOUR="
            + ",".join(map(str, range(24)))
            + ";BYMINUTE="
            + ",".join(map(str, range(60)))
            + ";BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1"
        ]
        * 50
    ),
    "the year 9999": calendar(
        event("DTSTART:99991231T235959Z", "DURATION:P999999999W", "RRULE:FREQ=YEARLY;UNTIL=99991231T235959Z"),
        event("DTSTART;VALUE=DATE:99991231", "RDATE:99991231T235959Z", uid="two"),
        event(*HOUR, "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z", "EXDATE:99991231T235959Z,00010101T000000Z", uid="3"),
        event("RECURRENCE-ID:99991231T235959Z", "DTSTART:99991231T235959Z", "DTEND:00010101T000000Z", uid="3"),
    ),
    "5,000 changes of all that follow": calendar(*chain(5000)),
    "a flood of dates": calendar(event(*HOUR, *[listed("RDATE", 4000)] * 30, *[listed("EXDATE", 4000)] * 30)),
    "a list on one line of megabytes": calendar(event(*HOUR, listed("RDATE", 500_000))),
    "nesting": nested(100_000),
    "5,000 zones of their own": calendar(zones(5000), event("DTSTART;TZID=Z1:20260302T090000", "DURATION:PT1H")),
    "50,000 zones nobody knows": calendar(
        *(event(f"DTSTART;TZID=Nowhere/{n}:20260302T090000", "DURATION:PT1H", uid=f"e{n}") for n in range(50_000))
    ),
    "200,000 events": b"BEGIN:VCALENDAR\n"
    + b"BEGIN:VEVENT\nDTSTART:20260302T0900Z\nEND:VEVENT\n" * 200_000
    + b"END:VCALENDAR",
    "200,000 events long ago": b"BEGIN:VCALENDAR\n"
    + b"BEGIN:VEVENT\nDTSTART:20060302\nEND:VEVENT\n" * 200_000
    + b"END:VCALENDAR",
    "ten million empty lines": b"BEGIN:VCALENDAR" + b"\n" * 10_000_000 + b"END:VCALENDAR\n",
    "one line folded a million times": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:"
    + b"a\n " * 3_000_000
    + b"\nEND:VCALENDAR\n",
    "parameters without end": calendar(event("DTSTART" + ';X="",' * 80_000 + ":20260302T090000Z")),
    "digits without end": calendar(
        event(*HOUR, "RRULE:FREQ=DAILY;INTERVAL=" + "9" * 200_000, "SEQUENCE:" + "9" * 200_000)
    ),
}


@dataclass
class Cost:
    """What reading all of them cost: CPU seconds of each, and megabytes at the highest above the bare program."""

    seconds: dict[str, float]
    megabytes: int


@pytest.fixture(scope="module")
def cost(tmp_path_factory: pytest.TempPathFactory) -> Cost:
    """Measured in a process of its own, one after the other."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, body in enumerate(HOSTILE.values()):
        (folder / str(number)).write_bytes(body)
    code = (
        "import json, sys, time\n"
        "from contextlib import suppress\n"
        "from tests.calendars.kit import reading\n"
        "from vestibule.calendars.ports import CalendarError\n"
        "from vestibule.calendars.reading import read\n"
        # Not getrusage: its highest is also that of the process which started this one.
        "peak = lambda: int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]) // 1024\n"
        "before, seconds = peak(), []\n"
        "for number in range(int(sys.argv[2])):\n"
        "    body = open(f'{sys.argv[1]}/{number}', 'rb').read()\n"
        "    began = time.process_time()\n"
        "    with suppress(CalendarError): read(body, reading())\n"
        "    seconds.append(time.process_time() - began)\n"
        "print(json.dumps([seconds, peak() - before]))\n"
    )
    words = [sys.executable, "-c", code, str(folder), str(len(HOSTILE))]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    seconds, megabytes = json.loads(done.stdout)
    return Cost(dict(zip(HOSTILE, seconds, strict=True)), megabytes)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_read_or_refused_in_time(cost: Cost, name: str) -> None:
    assert cost.seconds[name] < SECONDS


def test_and_takes_no_more_memory_than_it_may(cost: Cost) -> None:
    assert cost.megabytes < MEGABYTES


def test_what_repeats_beyond_reason_is_busy_all_along() -> None:
    lines = ("DTSTART:20260302T090000Z", "DURATION:PT1M", "RRULE:FREQ=MINUTELY;INTERVAL=2")
    assert busy(event(*lines))[-1].endswith("to 04-01 00:00")


def test_more_busy_times_than_anybody_has_are_refused() -> None:
    lines = ("DTSTART:20260302T0000Z", "DURATION:PT1M", "RRULE:FREQ=HOURLY")
    many = [
        event(*(line.replace("T0000Z", f"T00{minute:02}00Z") for line in lines), uid=f"e{minute}") for minute in (0, 20)
    ]
    with pytest.raises(CalendarError) as refused:
        busy(*many)
    assert refused.value.kind is Trouble.TOO_BIG


def test_every_second_is_one_long_stretch() -> None:
    assert busy(event(*HOUR, "RRULE:FREQ=SECONDLY;UNTIL=20260305T120000Z")) == ["03-02 09:00 to 03-05 13:00"]
