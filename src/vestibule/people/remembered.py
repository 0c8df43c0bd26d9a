"""Requests that carry an `Idempotency-Key`: their repetition changes nothing and gets the same answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from vestibule.people import secrets
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import RememberedRequest
from vestibule.store import clock, rows
from vestibule.store.transactions import writing

KEPT = timedelta(hours=24)
LONGEST_KEY = 255


class IdempotencyMismatch(Refusal):
    """The key was used before, for another request."""

    code = "idempotency_mismatch"
    status = 422


def fingerprint_of(*parts: str | bytes) -> str:
    """Return what tells this request from others: a digest of its method, address and body."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def answer_once(scope: str, key: str, fingerprint: str, do: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes, bool]:
    """Return status and body of `do`, run once for `key` in `scope` within 24 hours, and whether it is a repetition.

    `do` runs in one write transaction with the storing of its answer, which is encrypted: either both are kept or
    neither. Of parallel duplicates one executes, the others wait and get its answer. What `do` raises (a refusal, say)
    undoes everything and is not remembered: the same key may try again. `scope` (at most 64 characters) names who asks.

    Raises IdempotencyMismatch when the key came with another `fingerprint`, Invalid when it is empty or over 255 long.
    """
    if not 0 < len(key) <= LONGEST_KEY or "\0" in key:
        raise Invalid(_("An Idempotency-Key has 1 to 255 characters."), field="Idempotency-Key")
    with writing():
        row = _claim(scope, key, fingerprint)
        if row is None:
            return _replay(RememberedRequest.objects.get(scope=scope, key=key), fingerprint)
        status, body = do()
        row.status, row.answer = status, secrets.encrypt("remembered", body)
        rows.update(row, "status", "answer")
    return status, body, False


def purge() -> int:
    """Delete answers older than 24 hours; return how many."""
    with writing():
        return RememberedRequest.objects.filter(created_at__lte=_oldest()).delete()[0]


def _oldest() -> datetime:
    return clock.now() - KEPT


def _claim(scope: str, key: str, fingerprint: str) -> RememberedRequest | None:
    """Insert the row that the answer goes into; None if another request has it. Waits for one under way."""
    row = RememberedRequest(scope=scope, key=key, fingerprint=fingerprint)
    if rows.insert([row], unless=("scope", "key")):
        return row
    outdated, _kinds = RememberedRequest.objects.filter(scope=scope, key=key, created_at__lte=_oldest()).delete()
    if outdated and rows.insert([row], unless=("scope", "key")):
        return row
    return None


def _replay(row: RememberedRequest, fingerprint: str) -> tuple[int, bytes, bool]:
    if row.fingerprint != fingerprint:
        raise IdempotencyMismatch(
            _(
                "This Idempotency-Key was used for another request, so nothing was done."
                " Use a fresh key for each request, and the same key only to repeat one."
            )
        )
    return row.status, secrets.decrypt("remembered", row.answer), True
