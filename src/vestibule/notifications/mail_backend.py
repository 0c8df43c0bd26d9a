"""Django's mail, such as that of the sign-in pages, goes through the outbox like every other message."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import get_language

from vestibule.notifications.facts import Kind
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.outbox import Message, enqueue_all
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing


class OutboxBackend(BaseEmailBackend):
    """Puts mail into the outbox, ahead of everything else: somebody waits for it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store one message per recipient and return how many mails that were."""
        with writing():
            enqueue_all([_message(mail, to) for mail in email_messages for to in mail.recipients()])
        return len(email_messages)


def _message(mail: EmailMessage, to: str) -> Message:
    return Message(
        key=f"{Kind.SIGN_IN}:{new_ref()}",
        business_id=None,
        subject_ref="",
        kind=Kind.SIGN_IN,
        channel=OutboxMessage.Channel.EMAIL,
        to=to,
        to_name="",
        language=get_language() or "en",
        timezone="UTC",
        facts={"subject": str(mail.subject), "text": str(mail.body)},
        is_urgent=True,
    )
