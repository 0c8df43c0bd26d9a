"""After a capability link is opened, a cookie stands for it and the address is clean.

The cookie names the link's row, signed; at each request the link must still be live.
"""

from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from vestibule.people.models import CapabilityLink
from vestibule.store import clock

COOKIE = "vestibule_appointment"
_SALT = "vestibule.appointment"
_AGE_SECONDS = 30 * 24 * 3600


def remember(answer: HttpResponseBase, link: CapabilityLink, *, secure: bool) -> None:
    """Let `answer` set the cookie that stands for `link` from now on."""
    answer.set_cookie(
        COOKIE,
        signing.dumps(link.pk, salt=_SALT),
        max_age=_AGE_SECONDS,
        httponly=True,
        secure=secure,
        samesite="Lax",
        path="/appointment",
    )


def current(request: HttpRequest) -> CapabilityLink | None:
    """Return the live link this browser holds for managing an appointment, or None."""
    try:
        number = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_AGE_SECONDS)
    except signing.BadSignature:
        return None
    live: CapabilityLink | None = (
        CapabilityLink.objects.select_related("business")
        .filter(
            pk=number,
            purpose=CapabilityLink.Purpose.MANAGE,
            revoked_at__isnull=True,
            expires_at__gt=clock.now(),
        )
        .first()
    )
    return live
