"""The server of bench_sockets: an empty database, a meeting for each two people, then the real application."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

import django


def seed(people: int) -> list[tuple[str, str]]:
    """Make the meetings, everyone let in already; return cookie and seat of each person, two by two."""
    from vestibule.chat.models import Thread
    from vestibule.meetings.models import Meeting, Participant
    from vestibule.people import links
    from vestibule.people.models import Business
    from vestibule.store import clock
    from vestibule.store.transactions import writing
    from vestibule.web.live.authorise import VISIT_COOKIE, sign_visit

    now = clock.now()
    seats: list[Participant] = []
    with writing():
        business = Business.objects.create(slug="bench", name="Bench")
        for number in range(people // 2):
            meeting = Meeting.objects.create(
                business=business,
                thread=Thread.objects.create(business=business),
                title=f"Visit {number}",
                starts_at=now,
                ends_at=now + timedelta(hours=1),
                opens_at=now - timedelta(hours=1),
                closes_at=now + timedelta(hours=2),
            )
            seats += [
                Participant(
                    meeting=meeting, kind="consumer", role="collaborator", name=name, state="admitted", admitted_at=now
                )
                for name in ("Ada", "Bo")
            ]
        Participant.objects.bulk_create(seats)
        until = now + timedelta(days=1)
        made = links.store([links.draft(business.pk, links.Purpose.VISIT, "consumer", one.ref, until) for one in seats])
    return [(f"{VISIT_COOKIE}={sign_visit(link)}", link.subject) for link in made]


async def main(folder: Path, port: int, people: list[tuple[str, str]]) -> None:
    """Serve until told to stop."""
    import uvicorn

    from vestibule.asgi import application

    (folder / "people.json").write_text(json.dumps(people))
    config = uvicorn.Config(
        application, port=port, log_level="warning", access_log=False, ws_max_size=64 * 1024, backlog=2048
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    (folder / "ready").touch()
    await serving


if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.conf import settings

    settings.MEETING_LISTENERS = []
    data = Path(sys.argv[1])
    import uvloop

    uvloop.run(main(data, int(sys.argv[2]), seed(int(sys.argv[3]))))
