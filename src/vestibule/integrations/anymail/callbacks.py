"""What e-mail service providers post back of mail they took, read by anymail's own readers of each provider.

A provider proves itself by the key in the address it posts to; signatures of some of them are not asked for besides.
anymail is loaded only when something is posted.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.utils.module_loading import import_string

from vestibule.notifications.ports import Callback, NotGenuine, Report, Told, Unreadable
from vestibule.notifications.signature import has_key

STATUSES = {
    "queued": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "opened": "delivered",
    "clicked": "delivered",
    "complained": "delivered",
    "bounced": "failed",
    "rejected": "failed",
    "failed": "failed",
}
"""Of anymail's normalised events, those that say what became of a mail; `deferred` is tried again by the provider."""
FAULTS = {"bounced": "bounced", "invalid": "bounced", "spam": "complained", "unsubscribed": "stopped"}
MOST = 1000


class AnymailCallbacks:
    """Reads what one provider posts. A subclass names anymail's reader of it."""

    tracking: ClassVar[str]

    def needs_key(self, access: Mapping[str, str]) -> bool:
        """Return that it does."""
        return True

    def read(self, callback: Callback, *, key: str, access: Mapping[str, str]) -> Told:
        """Return what a callback says. Raises NotGenuine, Unreadable."""
        if not has_key(callback.url, key):
            raise NotGenuine
        view = import_string(self.tracking)
        try:
            # Made without its own set-up, which asks for secrets of another way to prove a provider.
            events = view.parse_events(view.__new__(view), _request(callback))
        except Exception as wrong:
            raise Unreadable("Post the provider's own events.") from wrong
        return Told(reports=tuple(one for event in events[:MOST] if (one := _report(event)) is not None))


class SendGridCallbacks(AnymailCallbacks):
    """Twilio SendGrid."""

    tracking = "anymail.webhooks.sendgrid.SendGridTrackingWebhookView"


class MailgunCallbacks(AnymailCallbacks):
    """Mailgun."""

    tracking = "anymail.webhooks.mailgun.MailgunTrackingWebhookView"


class PostmarkCallbacks(AnymailCallbacks):
    """Postmark."""

    tracking = "anymail.webhooks.postmark.PostmarkTrackingWebhookView"


class BrevoCallbacks(AnymailCallbacks):
    """Brevo."""

    tracking = "anymail.webhooks.brevo.BrevoTrackingWebhookView"


class MailjetCallbacks(AnymailCallbacks):
    """Mailjet."""

    tracking = "anymail.webhooks.mailjet.MailjetTrackingWebhookView"


class ResendCallbacks(AnymailCallbacks):
    """Resend."""

    tracking = "anymail.webhooks.resend.ResendTrackingWebhookView"


class SparkPostCallbacks(AnymailCallbacks):
    """SparkPost."""

    tracking = "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView"


class MailerSendCallbacks(AnymailCallbacks):
    """MailerSend."""

    tracking = "anymail.webhooks.mailersend.MailerSendTrackingWebhookView"


def _request(callback: Callback) -> WSGIRequest:
    """Return a callback as anymail's readers take it."""
    url = urlsplit(callback.url)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "CONTENT_TYPE": callback.headers.get("content-type", "application/json"),
            "CONTENT_LENGTH": str(len(callback.body)),
            "wsgi.input": BytesIO(callback.body),
            "wsgi.url_scheme": "https",
        }
    )


def _report(event: Any) -> Report | None:
    """Return what an event says of a mail, None where it says nothing that is kept."""
    status, name = STATUSES.get(str(event.event_type)), event.message_id
    if status is None or not isinstance(name, str) or not name or _plain(name) != name:
        return None
    words = event.description or event.mta_response or str(event.event_type)
    return Report(status, gateway_id=name, words=_plain(words), address_fault=_fault(event))


def _fault(event: Any) -> str:
    """Return what an event tells of the address: only what is said for good, not what was put off."""
    if event.event_type == "complained":
        return "complained"
    if event.event_type in ("bounced", "rejected", "failed"):
        named = event.reject_reason or ("bounced" if event.event_type == "bounced" else "")
        return FAULTS.get(str(named), "")
    return ""


def _plain(words: Any) -> str:
    """Return words as they can be stored, on one line; an id of a message is such words already."""
    text = " ".join(str(words).replace("\0", " ").split())
    return text.encode(errors="replace").decode()[:300]
