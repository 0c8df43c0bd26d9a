"""What every calendar that shows appointments must do, whatever it talks to. A subclass says how it is reached."""

from dataclasses import replace
from typing import Protocol

import pytest

from tests.calendars.kit import reading
from vestibule.calendars.ports import BusySource, CalendarTarget, Changes, Conflict, Entry

ENTRY = Entry("23456789abcdefgh@clinic.example", 0, 29541060, 29541090, "First visit with Cleo", "Call her", "Room 1")
LATER = replace(ENTRY, sequence=1, start=ENTRY.start + 60, end=ENTRY.end + 60)


class Both(BusySource, CalendarTarget, Protocol):
    """An account that is read and written."""


class TargetContract:
    """Fixtures to give: `account` (a Both), `calendar` (its address), `owner` (an Owner of that calendar)."""

    def changes(self, account: Both, calendar: str, token: str = "") -> Changes:
        return account.changes(calendar, token, reading())

    def test_what_is_stored_is_told_as_ours_and_makes_nobody_busy(self, account: Both, calendar: str) -> None:
        stored = account.put(calendar, ENTRY, None)
        (item,) = self.changes(account, calendar).items
        assert (item.ref, item.etag, item.busy) == (stored.ref, stored.etag, ())
        assert item.ours is not None
        assert (item.ours.uid, item.ours.start, item.ours.end) == (ENTRY.uid, ENTRY.start, ENTRY.end)

    def test_what_is_stored_again_stands_in_the_same_place(self, account: Both, calendar: str) -> None:
        stored = account.put(calendar, ENTRY, None)
        moved = account.put(calendar, LATER, stored)
        (item,) = self.changes(account, calendar).items
        assert (moved.ref, item.ours and item.ours.start) == (stored.ref, LATER.start)
        assert moved.etag != stored.etag

    def test_what_is_taken_out_is_gone_and_may_be_taken_out_again(self, account: Both, calendar: str) -> None:
        stored = account.put(calendar, ENTRY, None)
        token = self.changes(account, calendar).token
        account.delete(calendar, ENTRY.uid, stored)
        account.delete(calendar, ENTRY.uid, stored)
        account.delete(calendar, ENTRY.uid, None)
        assert self.changes(account, calendar, token).gone == (stored.ref,)
        assert self.changes(account, calendar).items == ()

    def test_what_stands_there_is_found_without_knowing_where(self, account: Both, calendar: str) -> None:
        account.put(calendar, ENTRY, None)
        account.delete(calendar, ENTRY.uid, None)
        assert self.changes(account, calendar).items == ()

    def test_storing_anew_what_stands_there_is_a_conflict_that_names_it(self, account: Both, calendar: str) -> None:
        stored = account.put(calendar, ENTRY, None)
        with pytest.raises(Conflict) as conflict:
            account.put(calendar, ENTRY, None)
        assert conflict.value.etag == stored.etag

    def test_what_its_owner_moved_is_not_written_over_unseen(
        self, account: Both, calendar: str, owner: "Owner"
    ) -> None:
        stored = account.put(calendar, ENTRY, None)
        owner.move(stored.ref, LATER)
        for change in (
            lambda: account.put(calendar, ENTRY, stored),
            lambda: account.delete(calendar, ENTRY.uid, stored),
        ):
            with pytest.raises(Conflict) as conflict:
                change()
            assert conflict.value.etag not in ("", stored.etag)

    def test_what_its_owner_removed_is_a_conflict_with_nothing(
        self, account: Both, calendar: str, owner: "Owner"
    ) -> None:
        stored = account.put(calendar, ENTRY, None)
        owner.remove(stored.ref)
        with pytest.raises(Conflict) as conflict:
            account.put(calendar, ENTRY, stored)
        assert conflict.value.etag == ""


class Owner(Protocol):
    """The owner of the calendar, with another program."""

    def move(self, ref: str, to: Entry) -> None:
        """Store `to` over what stands at `ref`."""

    def remove(self, ref: str) -> None:
        """Take away what stands at `ref`."""
