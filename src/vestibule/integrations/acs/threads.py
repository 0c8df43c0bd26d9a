"""Conversations of Communication Services: copies of what is written in visits, said there by a speaker of its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self, TypeVar

from vestibule.chat.ports import ThreadError
from vestibule.integrations.acs import access as reaching
from vestibule.integrations.acs.access import Refused
from vestibule.integrations.acs.asking import Asking
from vestibule.integrations.acs.identities import Identities, named
from vestibule.people.ports import NotConnected

SECONDS = 40.0
NUMBER = "vestibule"
"""What our number of a message is called in its metadata."""
LASTS = timedelta(minutes=60)
Found = TypeVar("Found")


class Threads:
    """Keeps conversations in one resource. Used by one thread."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._tokens: dict[str, str] = {}

    @classmethod
    def opened(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return it for what a business has at Azure. Raises ThreadError."""
        try:
            return cls(Asking(reaching.of_account(access, allowed), seconds=SECONDS))
        except NotConnected as wrong:
            raise ThreadError(str(wrong)) from None

    def speaker(self) -> str:
        """Return a new identity."""
        with _as_thread():
            return Identities(self._asking).make()

    def begin(self, speaker: str, topic: str) -> str:
        """Begin the conversation of `speaker`; Azure knows a second try by its id."""
        token = reaching.guid(f"thread {speaker}")
        made = self._ask(speaker, lambda client: client.create_chat_thread(topic[:250], idempotency_token=token))
        return str(made.chat_thread.id)

    def people(self, speaker: str, thread: str, wanted: Mapping[str, str], former: Iterable[str]) -> None:
        """Let `wanted` take part from now on, and `former` not.

        Nobody is shown what was written before they came: here some may not read it, and nobody needs it there.
        """
        from azure.communication.chat import ChatParticipant

        for one in former:
            with _if_there():
                self._in(speaker, thread, partial(_remove, one))
        now = datetime.now(UTC)
        people = [
            ChatParticipant(identifier=named(one), display_name=name, share_history_time=now)
            for one, name in wanted.items()
        ]
        if people:
            self._in(speaker, thread, lambda client: client.add_participants(people))

    def said(self, speaker: str, thread: str) -> Mapping[int, str]:
        """Return what `speaker` said, by our numbers."""

        def read(client: Any) -> dict[int, str]:
            found = {}
            for one in client.list_messages():
                number = str((one.metadata or {}).get(NUMBER, ""))
                if number.isdecimal():
                    found[int(number)] = str(one.id)
            return found

        return self._in(speaker, thread, read)

    def say(self, speaker: str, thread: str, number: int, name: str, text: str) -> str:
        """Say a message in the name of who wrote it."""
        facts = {NUMBER: str(number)}
        sent = self._in(
            speaker, thread, lambda client: client.send_message(text, sender_display_name=name, metadata=facts)
        )
        return str(sent.id)

    def change(self, speaker: str, thread: str, message: str, text: str) -> None:
        """Give a message other words, or take it back."""

        def do(client: Any) -> None:
            if text:
                client.update_message(message, content=text)
            else:
                client.delete_message(message)

        with _if_there():
            self._in(speaker, thread, do)

    def end(self, speaker: str, thread: str) -> None:
        """Delete the conversation and its speaker."""
        with _if_there():
            if thread:
                self._ask(speaker, lambda client: client.delete_chat_thread(thread))
        with _as_thread():
            Identities(self._asking).delete(speaker)

    def close(self) -> None:
        """Let connections go."""
        self._asking.close()

    def _in(self, speaker: str, thread: str, do: Callable[[Any], Found]) -> Found:
        return self._ask(speaker, do, thread)

    def _ask(self, speaker: str, do: Callable[[Any], Found], thread: str = "") -> Found:
        with _as_thread():
            if speaker not in self._tokens:
                get = partial(self._asking.identities.get_token, named(speaker), ["chat"], token_expires_in=LASTS)
                self._tokens[speaker] = str(self._asking.ask(get).token)
            token = self._tokens[speaker]
            client = self._asking.thread(token, thread) if thread else self._asking.chat(token)
            try:
                return self._asking.ask(partial(do, client))
            finally:
                client.close()


def _remove(identity: str, client: Any) -> None:
    client.remove_participant(named(identity))


class _Missing(ThreadError):
    """What was asked for is not there."""


@contextmanager
def _as_thread() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        kind = _Missing if refused.is_missing else ThreadError
        raise kind(str(refused), wait=refused.wait) from None


@contextmanager
def _if_there() -> Iterator[None]:
    """Do it, unless what it is about is not there any more."""
    with suppress(_Missing):
        yield
