"""What is sent, how it is worded, by which gateway, to whom it may go, and what came back."""

from vestibule.notifications.models.addresses import Address, ConsentEntry
from vestibule.notifications.models.answers import IncomingText, MessageEvent
from vestibule.notifications.models.gateways import Gateway, SentCount
from vestibule.notifications.models.outbox import OutboxMessage
from vestibule.notifications.models.programs import ProgramMail
from vestibule.notifications.models.push import PushSubscription
from vestibule.notifications.models.rules import MessageChoice, MessageRules, Reminder
from vestibule.notifications.models.templates import Template

__all__ = [
    "Address",
    "ConsentEntry",
    "Gateway",
    "IncomingText",
    "MessageChoice",
    "MessageEvent",
    "MessageRules",
    "OutboxMessage",
    "ProgramMail",
    "PushSubscription",
    "Reminder",
    "SentCount",
    "Template",
]
