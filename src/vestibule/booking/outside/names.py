"""What things of ours are called outside, while a set-up is brought over: by either side."""

import hashlib
from collections.abc import Iterable
from typing import Any

from vestibule.booking.models import OutsideName, SchedulerLink
from vestibule.booking.ports import TheirQuestion

BUSINESS, PROVIDER, SERVICE, QUESTION = "business", "provider", "service", "question"


class Names:
    """The names of one link, read once and kept in step with what is written; ids outside in any letter case."""

    def __init__(self, link: SchedulerLink) -> None:
        self.link = link
        self._rows = list(OutsideName.objects.filter(link=link))
        self._theirs = {(one.kind, one.external_id.casefold()): one for one in self._rows}
        self._ours = {(one.kind, one.ours): one for one in self._rows}

    def ours(self, kind: str, external_id: str) -> str:
        """Return what we call what they call so, or ""."""
        found = self._theirs.get((kind, external_id.casefold()))
        return found.ours if found is not None else ""

    def theirs(self, kind: str, ours: str) -> str:
        """Return what they call what we call so, or ""."""
        found = self._ours.get((kind, ours))
        return found.external_id if found is not None else ""

    def seen(self, kind: str, external_id: str) -> dict[str, Any]:
        """Return what something last was there; empty where it was never seen."""
        found = self._theirs.get((kind, external_id.casefold()))
        return dict(found.seen) if found is not None else {}

    def all(self, kind: str) -> list[OutsideName]:
        """Return all names of a kind."""
        return [one for (one_kind, _id), one in self._theirs.items() if one_kind == kind]

    def question_ids(self, there: Iterable[TheirQuestion]) -> dict[str, str]:
        """Return under which id each question of theirs is asked here, by theirs in small letters.

        One that two services here ask under one id with different words is kept as `service.id`.
        """
        return {
            one.id.casefold(): self.ours(QUESTION, one.id).rpartition(".")[2] or _question_id(one.id) for one in there
        }

    def keep(self, kind: str, ours: str, external_id: str, seen: dict[str, Any]) -> None:
        """Keep under what name something is known there, and what it is; each side names one thing once."""
        stale = {
            one.pk: one
            for one in (self._ours.get((kind, ours)), self._theirs.get((kind, external_id.casefold())))
            if one
        }
        for one in stale.values():
            self._ours.pop((kind, one.ours), None)
            self._theirs.pop((kind, one.external_id.casefold()), None)
        same = [one for one in stale.values() if one.ours == ours and one.external_id == external_id]
        row = same[0] if same else OutsideName(link=self.link, kind=kind, ours=ours, external_id=external_id)
        OutsideName.objects.filter(pk__in=[pk for pk in stale if pk != row.pk]).delete()
        if not same or row.seen != seen:
            row.seen = seen
            row.save()
        self._ours[kind, ours] = self._theirs[kind, external_id.casefold()] = row


def _question_id(external_id: str) -> str:
    return f"b_{hashlib.sha256(external_id.casefold().encode()).hexdigest()[:16]}"
