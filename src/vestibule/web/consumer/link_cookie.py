"""After a capability link is opened, a cookie stands for it and the address is clean.

The cookie names the link's row, signed; at each request the link must still be live. There is one for each purpose,
sent to the pages of that purpose only.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from vestibule.people.models import CapabilityLink
from vestibule.store import clock

Purpose = CapabilityLink.Purpose
COOKIES: dict[str, tuple[str, str]] = {
    Purpose.MANAGE: ("vestibule_appointment", "/appointment"),
    Purpose.WAITLIST: ("vestibule_waitlist", "/waitlist"),
}
_SALT = "vestibule.appointment"
_AGE_SECONDS = 30 * 24 * 3600


def remember(answer: HttpResponseBase, link: CapabilityLink) -> None:
    """Let `answer` set the cookie that stands for `link` from now on."""
    name, path = COOKIES[link.purpose]
    answer.set_cookie(
        name,
        signing.dumps(link.pk, salt=_SALT),
        max_age=_AGE_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        path=path,
    )


def current(request: HttpRequest, purpose: Purpose = Purpose.MANAGE) -> CapabilityLink | None:
    """Return the live link of `purpose` that this browser holds, or None."""
    name, _path = COOKIES[purpose]
    return live(request.COOKIES.get(name, ""), purpose)


def live(cookie: str, purpose: Purpose = Purpose.MANAGE) -> CapabilityLink | None:
    """Return the live link of `purpose` that a cookie's value stands for, or None."""
    try:
        number = signing.loads(cookie, salt=_SALT, max_age=_AGE_SECONDS)
    except signing.BadSignature:
        return None
    found: CapabilityLink | None = (
        CapabilityLink.objects.select_related("business")
        .filter(pk=number, purpose=purpose, revoked_at__isnull=True, expires_at__gt=clock.now())
        .first()
    )
    return found


def link_to(subject: str, purpose: Purpose = Purpose.MANAGE) -> CapabilityLink:
    """Return the live link of `purpose` to `subject`, which whoever just made it may hold."""
    link: CapabilityLink = CapabilityLink.objects.filter(
        subject=subject, purpose=purpose, revoked_at__isnull=True
    ).latest("pk")
    return link
