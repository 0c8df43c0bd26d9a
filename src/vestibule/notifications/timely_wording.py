"""The built-in words of what is said around the time itself: late, next, arrived, waiting too long; and afterwards."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vestibule.notifications import when
from vestibule.notifications.facts import Kind
from vestibule.notifications.letters import Action, Letter
from vestibule.notifications.telling import Telling, compose, said_besides


def late_words(told: Telling) -> str:
    """Return how late somebody is: "15 minutes"."""
    minutes = told.facts.late_minutes or 0
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def _provider_late(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "provider": facts.provider, "late": late_words(told)}
    return compose(
        told,
        subject=_("About %(late)s later: your appointment") % words,
        preview=_("%(provider)s is running late.") % words,
        heading=_("%(provider)s is running late") % words,
        opening=[
            _("Hello %(name)s, we are sorry: your appointment begins about %(late)s later.") % words,
            _("Come at your time or a little later; your place is kept either way."),
        ],
    )


def _next(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "provider": facts.provider}
    return compose(
        told,
        subject=_("You are next"),
        preview=_("Please come back to your appointment."),
        heading=_("You are next"),
        opening=[_("Hello %(name)s, you are next. Please open your appointment again and stay there.") % words],
    )


def _follow_up(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "provider": facts.provider, "moment": told.moment}
    survey = Action(_("Say how it was"), f"{told.manage}#survey") if facts.has_survey and told.manage else None
    asks = [_("How was it? Your answer takes a minute and helps us.")] if survey else []
    slug = facts.service_slug
    again = Action(_("Book another time"), f"{told.book}/{slug}" if slug else told.book)
    see = [Action(_("See your appointment"), told.manage)] if told.manage else []
    return compose(
        told,
        subject=_("After your appointment of %(moment)s") % words,
        preview=_("Thank you for coming."),
        heading=_("Thank you for coming"),
        opening=[
            _("Hello %(name)s, thank you for your appointment with %(provider)s.") % words,
            *said_besides(told),
            *asks,
        ],
        actions=(survey or again, [*([again] if survey else []), *see]),
    )


def _arrived(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "time": when.clock(facts.start_minute, told.zone)}
    return compose(
        told,
        subject=_("%(name)s has arrived") % words,
        preview=_("Your appointment at %(time)s.") % words,
        heading=_("%(name)s has arrived") % words,
        opening=[_("%(name)s has come for the appointment at %(time)s and can be let in.") % words],
        actions=(Action(_("Open your desk"), told.desk), []),
    )


def _waits_too_long(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "late": late_words(told), "provider": facts.provider}
    return compose(
        told,
        subject=_("%(name)s has waited for %(late)s") % words,
        preview=_("Somebody waits for you online."),
        heading=_("%(name)s has waited for %(late)s") % words,
        opening=[
            _("%(name)s waits for %(provider)s and has not been seen yet. Let them in, or write to them.") % words
        ],
        actions=(Action(_("Open your desk"), told.desk), []),
    )


def _gateway_fails(told: Telling) -> Letter:
    """Takes the name of the gateway as `service`, what it says as `reason`."""
    facts = told.facts
    words = {"gateway": facts.service, "since": told.moment}
    return compose(
        told,
        subject=_("Messages are not leaving: %(gateway)s") % words,
        preview=_("The gateway has not taken messages since %(since)s.") % words,
        heading=_("A gateway takes no messages"),
        opening=[
            _("%(gateway)s has not taken messages since %(since)s. They wait and leave as soon as it works.") % words,
            _("Reminders that would come after the start of their appointment are not sent any more."),
        ],
        rows=[(_("Gateway"), facts.service), (_("Since"), words["since"]), (_("It says"), facts.reason)],
        actions=(Action(_("See the gateways"), told.manager), []),
    )


TIMELY: dict[str, Callable[[Telling], Letter]] = {
    Kind.FOLLOW_UP: _follow_up,
    Kind.PROVIDER_LATE: _provider_late,
    Kind.NEXT: _next,
    Kind.ARRIVED: _arrived,
    Kind.WAITS_TOO_LONG: _waits_too_long,
    Kind.GATEWAY_FAILS: _gateway_fails,
}
