"""A business whose visits are held in Teams, and Teams itself as a stand-in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.booking.factories import MONDAY
from tests.factories import make_business, manager_of
from tests.integrations.microsoft import Microsoft
from tests.integrations.microsoft_meetings import Meetings, teams
from tests.meetings.scene import Visit, make_staff, make_visit
from vestibule.integrations.microsoft365 import tokens
from vestibule.integrations.microsoft365.teams import Teams
from vestibule.meetings import outside, outside_worker, planning
from vestibule.meetings.models import Meeting, OutsidePlace
from vestibule.meetings.outside import OutsideShown
from vestibule.people import outside_accounts, secrets
from vestibule.people.models import Business, BusinessWays, Membership, OutsideAccount, Provider
from vestibule.people.permissions import Actor
from vestibule.store import clock
from vestibule.store.configuration import load

ADA, BO = "ada@clinic.example", "bo@clinic.example"
Staff = tuple[Membership, Provider]


@dataclass
class Clinic:
    """Everybody in it. It is Monday, 08:00 UTC, when it begins."""

    cloud: Microsoft
    teams: Meetings
    business: Business
    ada: Staff
    bo: Staff
    manager: Actor

    def visit(self, *, starts_in: timedelta = timedelta(hours=1), staff: Staff | None = None) -> Visit:
        """A visit with Ada, an hour from now."""
        return make_visit(business=self.business, staff=staff or self.ada, starts_in=starts_in)

    def bring(self, *, after: timedelta = timedelta(0)) -> int:
        """Let time pass, and the worker do what is due then."""
        clock.advance(after.total_seconds())
        return outside_worker.bring_due()

    def held(self) -> list[tuple[str, str]]:
        """Who holds meetings in Teams from when."""
        return [(who, when.partition("T")[2]) for who, when, _key in self.teams.held()]

    def prefers(self, place: str) -> None:
        """Let visits be held elsewhere from now on."""
        BusinessWays.objects.update_or_create(business=self.business, defaults={"place": place})


def shown(meeting: Meeting) -> OutsideShown:
    """How a meeting stands now, which is held outside."""
    found = shown_or_none(meeting)
    assert found is not None
    return found


def shown_or_none(meeting: Meeting) -> OutsideShown | None:
    return outside.shown(Meeting.objects.get(pk=meeting.pk))


def row_of(meeting: Meeting) -> OutsidePlace:
    row: OutsidePlace = OutsidePlace.objects.get(meeting=meeting)
    return row


def fresh(meeting: Meeting) -> Meeting:
    found: Meeting = Meeting.objects.get(pk=meeting.pk)
    return found


def move(visit: Visit, by: timedelta, *staff: Staff) -> None:
    """Move a visit, to other people where any are named."""
    meeting = fresh(visit.meeting)
    seats = [planning.Seat("provider", "presenter", one.name, one.pk) for _member, one in staff]
    planning.move(meeting, meeting.starts_at + by, meeting.ends_at + by, providers=seats or None)


def give_account(business: Business, access: dict[str, str]) -> None:
    """Let a business have an account at Microsoft 365, past the look at it."""
    stored = secrets.encrypt(outside_accounts.PURPOSE, json.dumps(access).encode())
    OutsideAccount.objects.update_or_create(
        business=business, kind="microsoft365", defaults={"shown": "clinic.example", "access": stored}
    )


def _with_mailbox(business: Business, name: str, email: str) -> Staff:
    member, provider = make_staff(business, name=name)
    Provider.objects.filter(pk=provider.pk).update(email=email)
    provider.refresh_from_db()
    return member, provider


@contextmanager
def a_clinic(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """Open it, with Dr Ada Blum and Dr Bo Lund, who both have a mailbox."""
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    monkeypatch.setattr(Teams, "sleep", staticmethod(lambda seconds: None))
    settings.MEETING_LISTENERS = []
    clock.set_to(MONDAY + timedelta(hours=8))
    business = make_business()
    ada, bo = (_with_mailbox(business, name, email) for name, email in (("Dr Ada Blum", ADA), ("Dr Bo Lund", BO)))
    with teams() as (cloud, meetings):
        settings.CONFIGURATION = load({"VESTIBULE_DATA": "/nonexistent", "VESTIBULE_GATEWAY_HOSTS": "127.0.0.1"})
        give_account(business, cloud.access)
        clinic = Clinic(cloud, meetings, business, ada, bo, manager_of(business))
        clinic.prefers("teams")
        yield clinic
