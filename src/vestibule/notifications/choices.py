"""Which messages there are, and which of them a business lets go out: by kind, audience and channel, or by service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.models import Gateway, MessageChoice, MessageRules, OutboxMessage, Reminder, Template
from vestibule.people import audit
from vestibule.people.errors import Invalid, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.ids import new_ref
from vestibule.store.transactions import writing

EMAIL, SMS = str(OutboxMessage.Channel.EMAIL), str(OutboxMessage.Channel.SMS)
C, P, H, OFFICE = Audience.CONSUMER, Audience.PROVIDER, Audience.HELPER, Audience.OFFICE
Choice = tuple[str, str, str]
"""Kind, audience, channel."""

DEFAULTS: Mapping[Choice, bool] = {
    (str(kind), str(audience), channel): is_on
    for kind, audience, by_mail, by_text in (
        (Kind.CONFIRMATION, C, True, False),
        (Kind.MOVED, C, True, False),
        (Kind.CANCELLED, C, True, False),
        (Kind.REQUESTED, C, True, None),
        (Kind.DECLINED, C, True, False),
        (Kind.REQUEST_EXPIRED, C, True, None),
        (Kind.MISSED, C, True, False),
        (Kind.PROVIDER_LATE, C, False, True),
        (Kind.NEXT, C, None, False),
        (Kind.SERIES_BOOKED, C, True, None),
        (Kind.VISIT_NOTE, C, True, True),
        (Kind.MESSAGE_WAITS, C, True, None),
        (Kind.WAITLIST_JOINED, C, True, None),
        (Kind.WAITLIST_OFFER, C, True, True),
        (Kind.WAITLIST_ENDED, C, True, None),
        (Kind.PROVIDER_BOOKED, P, True, False),
        (Kind.PROVIDER_MOVED, P, True, False),
        (Kind.PROVIDER_CANCELLED, P, True, False),
        (Kind.PROVIDER_REQUESTED, P, True, None),
        (Kind.PROVIDER_REQUESTED, OFFICE, True, None),
        (Kind.PROVIDER_SERIES_BOOKED, P, True, None),
        (Kind.ARRIVED, P, False, False),
        (Kind.WAITS_TOO_LONG, P, False, False),
        (Kind.WAITS_TOO_LONG, OFFICE, False, None),
        (Kind.MESSAGE_WAITS, P, True, None),
        (Kind.HELPER_INVITED, H, True, True),
        (Kind.HELPER_MOVED, H, True, False),
        (Kind.HELPER_CANCELLED, H, True, False),
    )
    for channel, is_on in ((EMAIL, by_mail), (SMS, by_text))
    if is_on is not None
}
"""What may be chosen, and how it is until a business chooses.

A channel left out has no words. Kinds left out altogether, as a sign-in code, always go, by mail.
"""


_CHOSEN_KINDS = frozenset((kind, audience) for kind, audience, _channel in DEFAULTS)


@dataclass(frozen=True)
class PlannedReminder:
    """One reminder as it is planned: `ahead` is minutes before the start, negative ones after the end."""

    ref: str
    ahead: int
    audiences: tuple[str, ...]
    channel: str
    words: str = ""


@dataclass(frozen=True)
class Words:
    """What a message says in a business' own words; subject and heading may be empty, for the built-in ones."""

    subject: str
    heading: str
    body: str


EVERYBODY = (str(C), str(P), str(H))
BUILT_IN = (
    PlannedReminder("day", 24 * 60, EVERYBODY, EMAIL),
    PlannedReminder("hour", 60, EVERYBODY, SMS),
)


@dataclass(frozen=True)
class Choices:
    """What one business sends. Cheap to ask: made once for each change of its settings.

    It `takes_answers` to text messages if it wants them and its first gateway hands on what comes in. With `pays_texts`
    a gateway of its own carries them, else that of the installation.
    """

    rules: MessageRules
    takes_answers: bool
    pays_texts: bool
    _chosen: Mapping[tuple[str, Choice], bool]
    _reminders: Mapping[str, tuple[PlannedReminder, ...]]
    _words: Mapping[tuple[str, Choice, str], Words]

    def is_on(self, kind: str, audience: str, channel: str, service_ref: str = "") -> bool:
        """Tell whether a message goes out: as chosen for the service, else for the business, else by default."""
        choice = (str(kind), str(audience), str(channel))
        for where in dict.fromkeys((service_ref, "")):
            if (where, choice) in self._chosen:
                return self._chosen[where, choice]
        return DEFAULTS.get(choice, channel == EMAIL and choice[:2] not in _CHOSEN_KINDS)

    def reminders(self, service_ref: str = "") -> tuple[PlannedReminder, ...]:
        """Return the reminders of a service: its own if it has any, else the business', else the built-in ones.

        Rows that are switched off still say that there are own ones: so a service may have none.
        """
        return self._reminders.get(service_ref, self._reminders.get("", BUILT_IN))

    def sends_texts(self, audience: str = str(C), service_ref: str = "") -> bool:
        """Tell whether any text message goes out to an audience: a reminder, or news of the appointment."""
        said = (choice for choice in DEFAULTS if choice[1:] == (str(audience), SMS))
        reminded = (one for one in self.reminders(service_ref) if one.channel == SMS and audience in one.audiences)
        return any(self.is_on(*choice, service_ref) for choice in said) or any(reminded)

    def words(self, choice: Choice, language: str, service_ref: str = "") -> Words | None:
        """Return the own words of a message in a language, the service's before the business'; None: built-in ones."""
        for where in dict.fromkeys((service_ref, "")):
            for tag in dict.fromkeys((language, language.partition("-")[0])):
                if found := self._words.get((where, choice, tag)):
                    return found
        return None


def of(business: Business) -> Choices:
    """Return what `business` sends, as of the stamp of its settings that the row at hand has."""
    return _read(business.pk, business.messages_stamp)


@lru_cache(maxsize=512)
def _read(business_id: int, _stamp: str) -> Choices:
    chosen = {
        (one.service_ref, (one.kind, one.audience, one.channel)): one.is_on
        for one in MessageChoice.objects.filter(business_id=business_id)
    }
    reminders: dict[str, tuple[PlannedReminder, ...]] = {}
    for one in Reminder.objects.filter(business_id=business_id):
        reminders[one.service_ref] = (*reminders.get(one.service_ref, ()), *([_planned(one)] if one.is_on else ()))
    words = {
        (one.service_ref, (one.kind, one.audience, one.channel), one.language): Words(
            one.subject, one.heading, one.body
        )
        for one in Template.objects.filter(business_id=business_id)
    }
    rules = rules_of(business_id)
    own = Gateway.objects.filter(business_id=business_id, channel=SMS, is_active=True)
    first: Gateway | None = own.order_by("position", "pk").first()
    return Choices(rules, rules.asks_for_answer and _hands_on(first), first is not None, chosen, reminders, words)


def _hands_on(first: Gateway | None) -> bool:
    """Tell whether the gateway that carries text messages first also hands on those that come in."""
    return first is not None and first.kind in settings.MESSAGE_CALLBACKS and settings.PUBLIC_URL.startswith("https://")


def _planned(one: Reminder) -> PlannedReminder:
    ahead = one.offset_minutes if one.side == Reminder.Side.BEFORE else -one.offset_minutes
    return PlannedReminder(one.ref, ahead, tuple(one.audiences), one.channel, one.words)


def rules_of(business_id: int) -> MessageRules:
    """Return how a business sends: its row, or one with the defaults that is not stored."""
    found: MessageRules | None = MessageRules.objects.filter(business_id=business_id).first()
    return found or MessageRules(business_id=business_id)


def changed(business_id: int) -> None:
    """Let everybody read the settings of messages anew. Call it in the writing block that changes them."""
    Business.objects.filter(pk=business_id).update(messages_stamp=new_ref())


def choose(
    actor: Actor, business: Business, choices: Sequence[tuple[Choice, bool | None]], service_ref: str = ""
) -> int:
    """Switch messages on or off, for a service or for all; None goes back to what holds otherwise.

    Returns how many choices changed. Raises NotPermitted, and Invalid for what cannot be chosen.
    """
    allow(actor, business)
    for choice, _is_on in choices:
        if choice not in DEFAULTS:
            raise Invalid(_("There is no such message to choose."), field=".".join(choice))
    with writing():
        changes = {choice: is_on for choice, is_on in choices if _choose(business.pk, service_ref, choice, is_on)}
        if changes:
            changed(business.pk)
            said = {".".join(choice): is_on for choice, is_on in changes.items()}
            where = ("service", service_ref) if service_ref else ("business", business.ref)
            audit.record(actor, business.pk, "messages.chosen", *where, choices=said)
        return len(changes)


def allow(actor: Actor, business: Business) -> None:
    """Raise NotPermitted unless `actor` may set up the messages of `business`."""
    if actor.business_of(Permission.MANAGE_SETUP) != business.pk:
        raise NotPermitted(_("This is not your business, so nothing was changed."))


def _choose(business_id: int, service_ref: str, choice: Choice, is_on: bool | None) -> bool:
    kind, audience, channel = choice
    rows = MessageChoice.objects.filter(
        business_id=business_id, service_ref=service_ref, kind=kind, audience=audience, channel=channel
    )
    stored = rows.first()
    if is_on is None:
        return bool(rows.delete()[0])
    if stored is not None and stored.is_on == is_on:
        return False
    MessageChoice.objects.update_or_create(
        business_id=business_id,
        service_ref=service_ref,
        kind=kind,
        audience=audience,
        channel=channel,
        defaults={"is_on": is_on},
    )
    return True


def own_of(business: Business, service_ref: str) -> dict[Choice, bool]:
    """Return what was chosen for one service, otherwise than for all."""
    rows = MessageChoice.objects.filter(business=business, service_ref=service_ref)
    return {(one.kind, one.audience, one.channel): one.is_on for one in rows}
