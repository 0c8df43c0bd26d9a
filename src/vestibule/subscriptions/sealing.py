"""What is written down of an address, and how it is read again."""

from cryptography.fernet import InvalidToken
from django.conf import settings

from vestibule.people import secrets
from vestibule.subscriptions.models import Subscription
from vestibule.subscriptions.ports import Addressee

PURPOSE = "subscriptions.address"


class Unreadable(Exception):
    """What is stored cannot be read: the server's secret was changed."""


def sealed(clear: str) -> str:
    """Return an address or a client state as it is stored; "" stays what it is."""
    return secrets.encrypt(PURPOSE, clear.encode()) if clear else ""


def opened(stored: str) -> str:
    """Return what was sealed. Never to be shown or logged. Raises Unreadable."""
    try:
        return secrets.decrypt(PURPOSE, stored).decode() if stored else ""
    except InvalidToken:
        raise Unreadable("its address cannot be read: the server's secret was changed") from None


def addressee(row: Subscription) -> Addressee:
    """Return a subscription as shapes know it. Raises Unreadable."""
    return Addressee(
        guid=row.guid,
        name=row.name,
        business_id=row.business_id,
        address=opened(row.address),
        life_address=opened(row.life_address),
        client_state=opened(row.client_state),
        wants=tuple(row.wants),
        resource=row.resource,
        expires_at=row.expires_at,
        validation_code=row.validation_code,
        confirm_url=confirm_url(row),
    )


def confirm_url(row: Subscription) -> str:
    """Return where somebody may confirm a subscription; "" where the installation does not know its own address."""
    if not settings.PUBLIC_URL or not row.validation_code:
        return ""
    return f"{settings.PUBLIC_URL}/hooks/subscriptions/{row.guid}?code={row.validation_code}"
