"""The built-in words of every message about an appointment: what is said to whom, as a letter and as a text message."""

from collections.abc import Callable

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from vestibule.notifications import gsm, when
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.further_wording import FURTHER
from vestibule.notifications.letters import Action, Letter
from vestibule.notifications.telling import Telling, actions_of, compose, is_off, ltr, said_besides
from vestibule.notifications.timely_wording import TIMELY, late_words


def letter(kind: str, told: Telling) -> Letter:
    """Return the e-mail of `kind`. Raises KeyError for a kind without wording."""
    return LETTERS[kind](told)


def _confirmation(told: Telling) -> Letter:
    facts = told.facts
    return compose(
        told,
        subject=_("Booked: %(moment)s") % {"moment": told.moment},
        preview=_("Your appointment with %(provider)s is booked.") % {"provider": facts.provider},
        heading=_("Your appointment is booked"),
        opening=[
            _("Hello %(name)s, we look forward to seeing you. The file attached puts the time into your calendar.")
            % {"name": facts.consumer}
        ],
    )


def _moved(told: Telling) -> Letter:
    facts = told.facts
    opening = [
        _("Hello %(name)s, your appointment has a new time. The file attached changes it in your calendar.")
        % {"name": facts.consumer}
    ]
    return compose(
        told,
        subject=_("Moved to %(moment)s") % {"moment": told.moment},
        preview=_("Your appointment with %(provider)s has a new time.") % {"provider": facts.provider},
        heading=_("Your appointment has moved"),
        opening=opening,
    )


def _cancelled(told: Telling) -> Letter:
    facts = told.facts
    by_us = _("Hello %(name)s, we are sorry: %(business)s had to cancel your appointment.")
    by_you = _("Hello %(name)s, your appointment is cancelled as you asked. You do not need to do anything.")
    words = by_you if facts.changed_by == "consumer" else by_us
    return compose(
        told,
        subject=_("Cancelled: %(moment)s") % {"moment": told.moment},
        preview=_("Your appointment with %(provider)s will not take place.") % {"provider": facts.provider},
        heading=_("Your appointment is cancelled"),
        opening=[words % {"name": facts.consumer, "business": facts.business_name}],
    )


def _reminder(told: Telling) -> Letter:
    facts = told.facts
    words = {
        "day": when.near(facts.start_minute, told.zone, told.now),
        "time": when.clock(facts.start_minute, told.zone),
        "zone": when.zone_words(told.zone, facts.start_minute),
        "name": facts.consumer if told.is_for_provider else facts.provider,
    }
    greeting = facts.provider if told.is_for_provider else facts.helper or facts.consumer
    return compose(
        told,
        subject=_("Reminder: %(day)s at %(time)s (%(zone)s)") % words,
        preview=_("Your appointment with %(name)s.") % words,
        heading=_("Your appointment is %(day)s at %(time)s") % words,
        opening=[_("Hello %(name)s, this is a reminder.") % {"name": greeting}, *said_besides(told)],
        actions=_with_answer(told),
    )


def _with_answer(told: Telling) -> tuple[Action | None, list[Action]]:
    """Return the actions of a reminder: one more for its consumer, to say on the page whether they come."""
    button, links = actions_of(told)
    if told.facts.audience != Audience.CONSUMER or not told.manage:
        return button, links
    return button, [Action(_("Say that you come"), f"{told.manage}#answer"), *links]


def _provider_booked(told: Telling) -> Letter:
    return _for_provider(
        told,
        subject=_("New appointment: %(moment)s"),
        heading=_("New appointment with %(name)s"),
        opening=_("%(name)s booked %(service)s with you."),
    )


def _provider_moved(told: Telling) -> Letter:
    return _for_provider(
        told,
        subject=_("Moved to %(moment)s"),
        heading=_("Appointment with %(name)s moved"),
        opening=_("The appointment has a new time. It was moved by %(by)s."),
    )


def _provider_cancelled(told: Telling) -> Letter:
    return _for_provider(
        told,
        subject=_("Cancelled: %(moment)s"),
        heading=_("Appointment with %(name)s cancelled"),
        opening=_("The appointment was cancelled by %(by)s. The time is free again."),
    )


def _for_provider(told: Telling, *, subject: str, heading: str, opening: str) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "service": facts.service, "moment": told.moment, "by": _by(told)}
    return compose(
        told,
        subject=subject % words,
        preview=_("%(name)s, %(service)s") % words,
        heading=heading % words,
        opening=[opening % words],
    )


def _by(told: Telling) -> str:
    """Return who changed the appointment, as a provider reads it."""
    facts = told.facts
    if facts.changed_by == "consumer":
        return facts.consumer
    return _("you") if facts.changed_by == "provider" else facts.business_name


LETTERS: dict[str, Callable[[Telling], Letter]] = {
    **FURTHER,
    **TIMELY,
    Kind.CONFIRMATION: _confirmation,
    Kind.MOVED: _moved,
    Kind.CANCELLED: _cancelled,
    Kind.REMINDER: _reminder,
    Kind.PROVIDER_BOOKED: _provider_booked,
    Kind.PROVIDER_MOVED: _provider_moved,
    Kind.PROVIDER_CANCELLED: _provider_cancelled,
}


def text_message(kind: str, told: Telling) -> str:
    """Return the text message of `kind`: at most two segments, in the alphabet of text messages.

    A name that the alphabet cannot say is left out rather than garbled. Where the language itself needs other signs,
    names are kept, and three segments are used if two cannot hold it. Raises KeyError for a kind without wording.
    """
    sentence = TEXTS[kind](told)
    alphabet = gsm.alphabet_for(sentence)
    sentence = sentence % _sms_words(told, alphabet)
    link = _sms_link(told)
    for limit in alphabet.limits:
        for most in (60, 24, 12, 0):
            head = alphabet.shorten(told.facts.business_name, most) if most else ""
            whole = alphabet.say(_sided(f"{head}: {sentence}" if head and sentence else sentence, link))
            if whole and alphabet.length(whole) <= limit:
                return whole
    room = alphabet.limits[-1] - alphabet.length(_sided("", link)) - 1
    return _sided(alphabet.shorten(sentence, room), link) if room > 0 else link


def _sided(sentence: str, link: str) -> str:
    """Return both as one line. A name may come first: telephones would take its direction for that of the message."""
    mark = "\u200f" if sentence and get_language_bidi() else ""
    return mark + f"{sentence} {link}".strip()


def _sms_words(told: Telling, alphabet: gsm.Alphabet) -> dict[str, str]:
    facts = told.facts
    name = alphabet.shorten(facts.consumer if told.is_for_provider else facts.provider, 40)
    return {
        "with": _(" with %(name)s") % {"name": name} if name else "",
        "asker": alphabet.shorten(facts.consumer, 40) or _("Somebody"),
        "moment": _("%(day)s, %(time)s (%(zone)s)")
        % {
            "day": when.short_day(facts.start_minute, told.zone),
            "time": when.clock(facts.start_minute, told.zone),
            "zone": when.zone_words(told.zone, facts.start_minute),
        },
        "time": when.clock(facts.start_minute, told.zone),
        "deadline": when.clock(facts.deadline_minute or facts.start_minute, told.zone),
        "late": late_words(told),
    }


def _besides(told: Telling) -> str:
    """Return what the office adds, as the end of a sentence that is filled in yet."""
    return " ".join(["", *told.facts.words.split()]).replace("%", "%%")


def _asks(told: Telling) -> str:
    """Return how a consumer can answer, where an answer is heard."""
    if not told.takes_answers or told.facts.audience != Audience.CONSUMER:
        return ""
    # Translators: the letters are what people send back, and stay as they are.
    return " " + _("Reply C: I come. X: cancel. L: late.")


TEXTS: dict[str, Callable[[Telling], str]] = {
    Kind.CONFIRMATION: lambda told: _("your appointment%(with)s is booked: %(moment)s."),
    Kind.MOVED: lambda told: _("your appointment%(with)s has moved to %(moment)s."),
    Kind.CANCELLED: lambda told: _("your appointment%(with)s on %(moment)s is cancelled."),
    Kind.REMINDER: lambda told: _("reminder of your appointment%(with)s: %(moment)s.") + _besides(told) + _asks(told),
    Kind.PROVIDER_BOOKED: lambda told: _("new appointment%(with)s: %(moment)s."),
    Kind.PROVIDER_MOVED: lambda told: _("appointment%(with)s has moved to %(moment)s."),
    Kind.PROVIDER_CANCELLED: lambda told: _("appointment%(with)s on %(moment)s is cancelled."),
    Kind.HELPER_INVITED: lambda told: _("%(asker)s asks you to join an appointment: %(moment)s."),
    Kind.CALLED_IN: lambda told: _("a colleague asks you into a visit that goes on now."),
    Kind.PROVIDER_LATE: lambda told: _("your appointment%(with)s begins about %(late)s later. Your place is kept."),
    Kind.NEXT: lambda told: _("you are next. Please come back to your appointment."),
    Kind.FOLLOW_UP: lambda told: _("thank you for coming.") + _besides(told),
    Kind.MISSED: lambda told: _("we missed you on %(moment)s. Choose another time whenever it suits you."),
    Kind.DECLINED: lambda told: _("we are sorry, %(moment)s is not possible."),
    Kind.ARRIVED: lambda told: _("%(asker)s has arrived for %(time)s."),
    Kind.WAITS_TOO_LONG: lambda told: _("%(asker)s has waited for %(late)s."),
    Kind.SMS_ANSWER: lambda told: _besides(told).strip(),
    Kind.HELPER_MOVED: lambda told: _("the appointment of %(asker)s has moved to %(moment)s."),
    Kind.HELPER_CANCELLED: lambda told: _("the appointment of %(asker)s on %(moment)s is cancelled."),
    Kind.SOMEBODY_WAITS: lambda told: _("%(asker)s is waiting since %(time)s."),
    Kind.VISIT_NOTE: lambda told: _("there is a message for you after your appointment%(with)s."),
    Kind.WAITLIST_OFFER: lambda told: _("a time became free%(with)s: %(moment)s. Take it before %(deadline)s."),
}


def _afterwards(told: Telling) -> str:
    """Return where to go once it is over: to say how it was, or to another time; to the page where a note waits."""
    if told.facts.has_survey and told.manage:
        return f"{_('Say how it was')}: {told.manage}#survey"
    if told.facts.status in ("no_show", "not_seen") and told.rebook:
        return f"{_('Choose another time')}: {told.rebook}"
    return _("See or change it: %(url)s") % {"url": told.manage} if told.manage else ""


def _sms_link(told: Telling) -> str:
    facts = told.facts
    if told.waitlist:
        return _("Answer: %(url)s") % {"url": told.waitlist}
    if is_off(told):
        number = gsm.fold(facts.business_phone)
        return "" if told.is_for_provider or not number else _("Questions: %(phone)s") % {"phone": ltr(number)}
    if told.is_over and facts.audience == Audience.CONSUMER:
        return _afterwards(told)
    if told.is_online and told.join:
        return _("Join: %(url)s") % {"url": told.join}
    if told.is_for_provider:
        return told.desk
    return _("See or change it: %(url)s") % {"url": told.manage} if told.manage else ""
