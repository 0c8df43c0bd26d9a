"""The server of bench_realtime: a business as a resource, identities in chats, then the door programs come to."""

import asyncio
import json
import sys
from pathlib import Path

import django

IN_A_CHAT = 25


def seed(people: int) -> list[tuple[str, str]]:
    """Make the chats; return token and thread of each person."""
    from vestibule.chat import threads
    from vestibule.chat.members import Newcomer
    from vestibule.chat.threads import Wish
    from vestibule.people import communication, identities
    from vestibule.people.models import Business
    from vestibule.people.permissions import Actor, ActorKind, Permission

    business = Business.objects.create(slug="bench", name="Bench")
    office = Actor(ActorKind.SYSTEM, "bench", business.pk, permissions=frozenset(Permission))
    row = communication.put(office, is_on=True, services=communication.SERVICES)
    communication.forget()
    resource = communication.answering()[row.resource]
    key, seats = resource.key("primary"), []
    for _ in range(people // IN_A_CHAT):
        known = [identities.create(resource) for _ in range(IN_A_CHAT)]
        newcomers = [Newcomer(identities.key_of_guid(one.guid), f"Person {one.pk}") for one in known]
        thread = threads.begin(business.pk, newcomers[0], Wish("Bench", newcomers))
        seats += [(identities.issue(resource, key, one, ["chat"]).text, thread.wire_id) for one in known]
    return seats


async def main(folder: Path, port: int, people: list[tuple[str, str]]) -> None:
    """Serve until told to stop."""
    import uvicorn

    from vestibule.asgi import secured
    from vestibule.serving import _manners

    (folder / "people.json").write_text(json.dumps(people))
    config = uvicorn.Config(secured, port=port, backlog=2048, **_manners())
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
    data = Path(sys.argv[1])
    import uvloop

    uvloop.run(main(data, int(sys.argv[2]), seed(int(sys.argv[3]))))
