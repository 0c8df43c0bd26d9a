"""The account in memory keeps the contract of real ones."""

from collections.abc import Iterator

import pytest

from tests.calendars.contracts import TargetContract
from vestibule.calendars.ports import Access, Entry, OurEntry
from vestibule.calendars.testing import FakeAccount, World, world


class _Owner:
    def __init__(self, found: World) -> None:
        self._found = found

    def move(self, ref: str, to: Entry) -> None:
        self._found.put(ref, ours=OurEntry(to.uid, to.start, to.end))

    def remove(self, ref: str) -> None:
        self._found.remove(ref)


class TestFakeAccount(TargetContract):
    @pytest.fixture
    def found(self) -> Iterator[World]:
        with world("https://calendar.example/") as found:
            yield found

    @pytest.fixture
    def account(self, found: World) -> FakeAccount:
        return FakeAccount(Access("https://calendar.example/"))

    @pytest.fixture
    def calendar(self) -> str:
        return "/office/"

    @pytest.fixture
    def owner(self, found: World) -> _Owner:
        return _Owner(found)
