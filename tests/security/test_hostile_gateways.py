"""A gateway that a business runs itself may be hostile: it harms nobody else, and holds nobody up."""

import pytest

from tests.notifications.letters import queue
from vestibule.notifications.ports import Mail
from vestibule.notifications.testing import FakeMail, fakes
from vestibule.notifications.worker import send_due


class Naming(FakeMail):
    """Takes everything and calls it `name`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def send(self, mail: Mail) -> str:
        super().send(mail)
        return self._name


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["half \ud83d of a sign", "nothing\0behind", "x" * 100_000, "line\r\nend"],
    ids=["half", "nothing", "long", "lines"],
)
def test_what_a_gateway_calls_a_message_cannot_stop_the_outbox(name: str) -> None:
    mail = Naming(name)
    first = queue(to="first@example.org")
    send_due(fakes(mail))
    second = queue(to="second@example.org")
    send_due(fakes(mail))
    for row in (first, second):
        row.refresh_from_db()
        assert (row.state, row.gateway_id.isprintable()) == ("done", True)
    assert [one.to for one in mail.taken] == ["first@example.org", "second@example.org"]
