"""People whom a program of a business knows, and the tokens by which they chat and meet here.

How they are named and what their tokens say is Azure Communication Services', so that its client libraries take them.
A token lives by the world's clock: both sides of it must agree what time it is.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import connection
from django.db.models import UUIDField
from django.utils.translation import gettext as _

from vestibule.people import communication, secrets
from vestibule.people.communication import AccessKey, Resource
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.people.models import ProgramIdentity
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store import clock
from vestibule.store.transactions import writing

PREFIX = "8:acs:"
SCOPES = ("chat", "chat.join", "chat.join.limited", "voip", "voip.join")
SHORTEST, LONGEST = 60, 1440
"""How many minutes a token may live."""
DELETED_KEPT = timedelta(days=30)
_KEY = "acs:"
_ALGORITHM = "HS256"
_GUID = UUIDField()
_ALIVE = "SELECT id, generation FROM people_programidentity WHERE business_id = %s AND guid = %s AND deleted_at IS NULL"


class TokenRefused(Refusal):
    """A token that opens nothing here: forged, expired, revoked, or of another server."""

    code = "token_refused"
    status = 401


@dataclass(frozen=True)
class Token:
    """A token as its holder gets it, and when it ends."""

    text: str
    expires_at: datetime


@dataclass(frozen=True)
class Bearer:
    """Who holds a token that is good now: `key` is how chats know them, `ends_at` is in seconds since 1970."""

    resource: Resource
    identity: ProgramIdentity
    scopes: frozenset[str]
    ends_at: int

    @property
    def key(self) -> str:
        return key_of_guid(self.identity.guid)

    @property
    def has_ended(self) -> bool:
        """Tell whether its time is over by now."""
        return time.time() >= self.ends_at

    @property
    def actor(self) -> Actor:
        """Who is said to have done what they do."""
        return Actor(ActorKind.CONSUMER, "somebody a program knows", self.resource.business_id)


def mri(resource: UUID, key: str) -> str:
    """Return the name on the wire of whom chats and meetings know by `key`: an identity, or somebody of ours."""
    guid = UUID(hex=key.removeprefix(_KEY)) if key.startswith(_KEY) else uuid5(resource, key)
    return f"{PREFIX}{resource}_{guid}"


def guid_of(resource: UUID, given: str) -> UUID | None:
    """Return the own part of the name `given`, if it is one of this resource's."""
    mine = f"{PREFIX}{resource}_"
    if not given.casefold().startswith(mine):
        return None
    try:
        guid = UUID(given[len(mine) :])
    except ValueError:
        return None
    return guid if len(given) == len(mine) + 36 else None


def key_of_guid(guid: UUID) -> str:
    """Return by what chats and meetings know an identity."""
    return f"{_KEY}{guid.hex}"


def is_key(key: str) -> bool:
    """Tell whether `key` is an identity's, not one of our own people's."""
    return key.startswith(_KEY)


def create(resource: Resource) -> ProgramIdentity:
    """Make an identity."""
    with writing():
        made: ProgramIdentity = ProgramIdentity.objects.create(business_id=resource.business_id)
    return made


def find(resource: Resource, given: str) -> ProgramIdentity:
    """Return the identity called `given` on the wire. Raises NotFound for a foreign, unknown or deleted one."""
    guid = guid_of(resource.resource, given)
    found = _alive(resource, guid) if guid is not None else None
    if found is None:
        raise NotFound(_("There is no such identity in this resource."))
    return found


def _alive(resource: Resource, guid: UUID) -> ProgramIdentity | None:
    """Return an identity that was not deleted. Django takes far longer to put this statement together than to run it,
    and every request asks for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALIVE, [resource.business_id, _GUID.get_db_prep_value(guid, connection)])
        row = cursor.fetchone()
    if row is None:
        return None
    found = ProgramIdentity(pk=row[0], business_id=resource.business_id, guid=guid, generation=row[1])
    found._state.adding = False
    return found


def known(resource: Resource, guids: Iterable[UUID]) -> set[UUID]:
    """Return which of `guids` are identities of this resource that were not deleted, by one query."""
    rows = ProgramIdentity.objects.filter(business_id=resource.business_id, deleted_at=None, guid__in=list(guids))
    return set(rows.values_list("guid", flat=True))


def alive(business_id: int, keys: Iterable[str]) -> set[str]:
    """Return which of `keys`, by which chats and meetings know people, are identities that were not deleted."""
    guids = [UUID(key.removeprefix(_KEY)) for key in keys if is_key(key)]
    rows = ProgramIdentity.objects.filter(business_id=business_id, deleted_at=None, guid__in=guids) if guids else ()
    return {key_of_guid(row.guid) for row in rows}


def generations(rows: Iterable[ProgramIdentity]) -> Mapping[int, int]:
    """Return the generation that each of `rows` has now, by primary key and by one query; without those deleted."""
    still = ProgramIdentity.objects.filter(pk__in={row.pk for row in rows}, deleted_at=None)
    return dict(still.values_list("pk", "generation"))


def revoke(resource: Resource, given: str) -> ProgramIdentity:
    """End every token of an identity at once. Raises NotFound."""
    with writing():
        found = find(resource, given)
        found.generation += 1
        found.save(update_fields=["generation"])
    return found


def delete(resource: Resource, given: str) -> ProgramIdentity:
    """Delete an identity and end its tokens; what it said stays. Raises NotFound."""
    with writing():
        found = find(resource, given)
        found.generation, found.deleted_at = found.generation + 1, clock.now()
        found.save(update_fields=["generation", "deleted_at"])
    return found


def purge() -> int:
    """Forget identities that were deleted a month ago; return how many. Conversations know them by key and name."""
    with writing():
        return ProgramIdentity.objects.filter(deleted_at__lte=clock.now() - DELETED_KEPT).delete()[0]


def issue(
    resource: Resource, key: AccessKey, identity: ProgramIdentity, scopes: Iterable[str], minutes: int = LONGEST
) -> Token:
    """Return a fresh token for `identity`; it ends with `key`, by which it was asked for.

    Raises Invalid for no or an unknown scope, or a lifetime outside 60 to 1440 minutes.
    """
    import jwt

    wanted = list(dict.fromkeys(scopes))
    if not wanted or set(wanted) - set(SCOPES):
        raise Invalid(_("A token needs one or more of these scopes: %(known)s.") % {"known": ", ".join(SCOPES)})
    if not SHORTEST <= minutes <= LONGEST:
        raise Invalid(_("A token lives from 60 to 1440 minutes."))
    now = int(time.time())
    ends_at = now + minutes * 60
    claims = _claims(resource, key, identity) | {"acsScope": ",".join(wanted), "csi": str(now), "iat": now}
    text = jwt.encode(claims | {"exp": ends_at}, _secret(resource.resource), algorithm=_ALGORITHM, sort_headers=False)
    return Token(text, datetime.fromtimestamp(ends_at, UTC))


def _claims(resource: Resource, key: AccessKey, identity: ProgramIdentity) -> dict[str, object]:
    """Return whom a token names, as the clients read it, and what ends it before its time."""
    return {
        "skypeid": mri(resource.resource, key_of_guid(identity.guid)).removeprefix("8:"),
        "scp": 1792,
        "rgn": "local",
        "resourceId": str(resource.resource),
        "resourceLocation": "local",
        "key": f"{key.slot}.{key.number}",
        "gen": identity.generation,
    }


def bearer(text: str) -> Bearer:
    """Return who holds the token `text`. Raises TokenRefused."""
    resource, claims = _opened(text)
    slot, _dot, number = str(claims.get("key", "")).partition(".")
    if slot not in communication.SLOTS or str(resource.key(slot).number) != number:
        raise _refused()
    guid = guid_of(resource.resource, f"8:{claims.get('skypeid', '')}")
    identity = _alive(resource, guid) if guid is not None else None
    if identity is None or identity.generation != claims.get("gen"):
        raise _refused()
    return Bearer(resource, identity, frozenset(str(claims["acsScope"]).split(",")), int(claims["exp"]))


def _opened(text: str) -> tuple[Resource, dict[str, Any]]:
    import jwt

    try:
        name = UUID(str(jwt.decode(text, options={"verify_signature": False}).get("resourceId")))
        resource = communication.answering()[name]
        return resource, jwt.decode(
            text, _secret(name), algorithms=[_ALGORITHM], options={"require": ["exp", "iat", "acsScope"]}
        )
    except (jwt.InvalidTokenError, KeyError, ValueError) as wrong:
        raise _refused() from wrong


def _secret(resource: UUID) -> str:
    return secrets.derived("communication tokens", str(resource))


def _refused() -> TokenRefused:
    return TokenRefused(_("This token opens nothing here: it has ended, was revoked, or is of another resource."))
