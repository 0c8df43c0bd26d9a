"""Makes what is sent out of a row of the outbox, at the moment it is sent."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.html import strip_tags

from vestibule.notifications import by_program_content, choices, letters, pushing, saying, trials
from vestibule.notifications.choices import Choices
from vestibule.notifications.facts import INVITES, AppointmentFacts, Kind
from vestibule.notifications.models import OutboxMessage
from vestibule.notifications.ports import DeliveryError, Mail, Sms
from vestibule.notifications.telling import Telling
from vestibule.people import links
from vestibule.people.languages import spoken
from vestibule.people.models import CapabilityLink

PRODUCT_NAME = "Vestibule"


@dataclass(frozen=True)
class Place:
    """Where links of messages lead: the public address of this installation."""

    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"


def place() -> Place:
    """Return the public address as set."""
    return Place(settings.PUBLIC_URL or "http://localhost:8000")


def tokens_for(messages: Iterable[OutboxMessage], now: datetime) -> dict[int, str]:
    """Return the tokens of all links that messages mention, by link id; revoked and expired links are left out."""
    wanted = {link for message in messages for link in _links_in(message.facts)}
    if not wanted:
        return {}
    live = CapabilityLink.objects.filter(pk__in=wanted, revoked_at__isnull=True, expires_at__gt=now)
    return {link.pk: links.token(link) for link in live}


def _links_in(facts: Mapping[str, Any]) -> list[int]:
    """Return the ids of all links that stored facts mention."""
    named = [facts.get(name) for name in ("manage_link", "visit_link", "waitlist_link")]
    named += [link for one in facts.get("series", []) for link in one[3:]]
    return [link for link in named if link is not None]


def mail(message: OutboxMessage, tokens: Mapping[int, str], now: datetime) -> Mail:
    """Return the e-mail a row stands for. Raises KeyError or TypeError when its kind or facts make no mail."""
    with translation.override(spoken(message.language)):
        if message.kind == Kind.SIGN_IN:
            return _sign_in(message)
        if message.kind == Kind.PROGRAM:
            return by_program_content.mail(message)
        from vestibule.notifications.invitation import method

        facts = AppointmentFacts.from_json(message.facts)
        told, chosen = _telling(facts, message, tokens, now), _choices(message)
        letter = _letter(message, told, chosen)
        has_invitation = message.kind in INVITES and not facts.was_request and trials.of(message) is None
        return Mail(
            ref=message.ref,
            to=message.to,
            to_name=message.to_name,
            sender_name=saying.sender_name(facts, chosen),
            reply_to=facts.organiser_email,
            subject=letter.subject,
            text=letter.as_text(),
            html=letter.as_html(),
            calendar=_calendar(facts, message, told) if has_invitation else "",
            calendar_method=method(facts) if has_invitation else "",
        )


def sms(message: OutboxMessage, tokens: Mapping[int, str], now: datetime) -> Sms:
    """Return the text message a row stands for.

    Raises KeyError or TypeError when its kind or facts make none, DeliveryError when its number is none.
    """
    if message.kind == Kind.PROGRAM:
        return Sms(ref=message.ref, to=international(message.to), body=by_program_content.text(message.facts))
    with translation.override(spoken(message.language)):
        facts = AppointmentFacts.from_json(message.facts)
        told, trial = _telling(facts, message, tokens, now), trials.of(message)
        tried = trial.words if trial is not None else None
        body = saying.text(message.kind, told, _choices(message), message.language, message.service_ref, tried)
        body = trials.marked(body) if trial is not None and trial.is_marked else body
        return Sms(ref=message.ref, to=international(message.to), body=body)


def international(number: str) -> str:
    """Return a telephone number as E.164. Raises DeliveryError when it is not one with its country."""
    bare = re.sub(r"[\s().\-/]", "", number)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", bare):
        raise DeliveryError("the telephone number does not begin with + and a country", permanent=True)
    return bare


def preview(message: OutboxMessage, tokens: Mapping[int, str], now: datetime) -> tuple[str, str]:
    """Return subject and plain text of what a row would say now; the subject of a text message is empty."""
    if message.channel == OutboxMessage.Channel.SMS:
        return "", sms(message, tokens, now).body
    if message.channel == OutboxMessage.Channel.PUSH:
        said = pushing.notice(message.kind, message.facts, message.language, message.timezone)
        return said.title, said.body
    if message.kind == Kind.SIGN_IN:
        return str(message.facts["subject"]), str(message.facts["text"])
    if message.kind == Kind.PROGRAM:
        written = by_program_content.letter(message)
        return written.subject, written.text or strip_tags(written.html)
    with translation.override(spoken(message.language)):
        told = _telling(AppointmentFacts.from_json(message.facts), message, tokens, now)
        letter = _letter(message, told, _choices(message))
        return letter.subject, letter.as_text()


def _letter(message: OutboxMessage, told: Telling, chosen: Choices | None) -> letters.Letter:
    trial = trials.of(message)
    tried = trial.words if trial is not None else None
    letter = saying.letter(message.kind, told, chosen, message.language, message.service_ref, tried)
    return trials.marked_letter(letter) if trial is not None and trial.is_marked else letter


def _choices(message: OutboxMessage) -> Choices | None:
    return choices.of(message.business) if message.business is not None else None


def _telling(facts: AppointmentFacts, message: OutboxMessage, tokens: Mapping[int, str], now: datetime) -> Telling:
    is_trial = trials.of(message) is not None
    return telling(facts, message.timezone, trials.TOKENS if is_trial else tokens, now)


def telling(facts: AppointmentFacts, zone: str, tokens: Mapping[int, str], now: datetime) -> Telling:
    """Return facts as they are told to a reader in `zone`; `tokens` are those of the links they mention, by id."""
    url = place().url
    visit, manage = tokens.get(facts.visit_link or 0), tokens.get(facts.manage_link or 0)
    waitlist = tokens.get(facts.waitlist_link or 0)
    each = {link: tokens[link] for link in _links_in({"series": facts.series}) if link in tokens}
    return Telling(
        facts=facts,
        zone=zone,
        now=now,
        join=f"{url}/visit?v={visit}" if visit else "",
        check=f"{url}/test-call?v={visit}" if visit else "",
        manage=f"{url}/appointment?v={manage}" if manage else "",
        book=f"{url}/book/{facts.business_slug}",
        desk=f"{url}/desk",
        waitlist=f"{url}/waitlist?v={waitlist}" if waitlist else "",
        manager=f"{url}/manage/appointments/{facts.appointment}"
        if facts.appointment
        else f"{url}/manage/setup/gateways",
        manage_each={link: f"{url}/appointment?v={token}" for link, token in each.items()},
        join_each={link: f"{url}/visit?v={token}" for link, token in each.items()},
    )


def _calendar(facts: AppointmentFacts, message: OutboxMessage, told: Telling) -> str:
    from vestibule.notifications.invitation import invitation

    facts = saying.for_calendar(facts, _choices(message))
    joins = told.join if told.is_online else ""
    if facts.series:
        return _calendar_of_series(facts, message, told)
    return invitation(
        facts,
        host=place().host,
        zone=message.timezone,
        to=message.to,
        to_name=message.to_name,
        organiser=settings.DEFAULT_FROM_EMAIL,
        link=joins or (told.desk if told.is_for_provider else told.manage),
        now=told.now,
    )


def _calendar_of_series(facts: AppointmentFacts, message: OutboxMessage, told: Telling) -> str:
    from vestibule.notifications.invitation import invitations

    each = [
        (
            replace(facts, appointment=ref, start_minute=start, end_minute=end, series=[]),
            (told.join_each.get(visit or 0, "") if told.is_online else "")
            or (told.desk if told.is_for_provider else told.manage_each.get(manage or 0, "")),
        )
        for ref, start, end, manage, visit in facts.series
    ]
    return invitations(
        each,
        host=place().host,
        zone=message.timezone,
        organiser=settings.DEFAULT_FROM_EMAIL,
        now=told.now,
    )


def _sign_in(message: OutboxMessage) -> Mail:
    subject, text = str(message.facts["subject"]), str(message.facts["text"])
    letter = letters.plain(subject, text, sender=PRODUCT_NAME)
    return Mail(
        ref=message.ref,
        to=message.to,
        to_name=message.to_name,
        sender_name=PRODUCT_NAME,
        reply_to="",
        subject=letter.subject,
        text=text if text.endswith("\n") else text + "\n",
        html=letter.as_html(),
    )


def kept(made: Mail | Sms) -> dict[str, str]:
    """Return what of a message stays readable in the outbox."""
    return kept_mail(made) if isinstance(made, Mail) else kept_sms(made)


def kept_mail(mail: Mail) -> dict[str, str]:
    """Return what of a mail stays readable in the outbox."""
    return {
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "calendar": mail.calendar,
        "calendar_method": mail.calendar_method,
    }


def kept_sms(sms: Sms) -> dict[str, str]:
    """Return what of a text message stays readable in the outbox."""
    return {"subject": "", "text": sms.body, "html": ""}
