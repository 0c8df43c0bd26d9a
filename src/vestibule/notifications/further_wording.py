"""The built-in words of requests, series, helpers, missed appointments and the waitlist."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from vestibule.notifications import when
from vestibule.notifications.facts import Audience, Kind
from vestibule.notifications.letters import Action, Letter
from vestibule.notifications.telling import Telling, check_of, compose, rows_of


def _requested(told: Telling) -> Letter:
    facts = told.facts
    see = Action(_("See or withdraw your request"), told.manage)
    return compose(
        told,
        subject=_("Asked for: %(moment)s") % {"moment": told.moment},
        preview=_("%(business)s will answer your request.") % {"business": facts.business_name},
        heading=_("Your request is with us"),
        opening=[
            _("Hello %(name)s, the time is kept for you, but it is not booked yet: %(business)s has to agree to it.")
            % {"name": facts.consumer, "business": facts.business_name},
            _("You hear from us by %(deadline)s at the latest.") % {"deadline": _deadline(told)},
        ],
        actions=(see if told.manage else None, []),
    )


def _provider_requested(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "service": facts.service, "moment": told.moment, "deadline": _deadline(told)}
    return compose(
        told,
        subject=_("Please answer: %(moment)s") % words,
        preview=_("%(name)s, %(service)s") % words,
        heading=_("%(name)s asks for an appointment") % words,
        opening=[
            _("%(name)s asks for %(service)s. The time is kept until you approve or decline.") % words,
            _("Without an answer by %(deadline)s the request ends and the time is free again.") % words,
        ],
        actions=(Action(_("Answer the request"), told.manager), []),
    )


def _declined(told: Telling) -> Letter:
    facts = told.facts
    return compose(
        told,
        subject=_("Not possible: %(moment)s") % {"moment": told.moment},
        preview=_("%(business)s cannot offer you this time.") % {"business": facts.business_name},
        heading=_("Your request could not be met"),
        opening=[
            _("Hello %(name)s, we are sorry: %(business)s cannot offer you the appointment you asked for.")
            % {"name": facts.consumer, "business": facts.business_name}
        ],
        actions=_another_time(told),
    )


def _request_expired(told: Telling) -> Letter:
    facts = told.facts
    return compose(
        told,
        subject=_("Not answered in time: %(moment)s") % {"moment": told.moment},
        preview=_("Your request has ended. Nothing was booked."),
        heading=_("Your request has ended"),
        opening=[
            _("Hello %(name)s, we are sorry: %(business)s did not answer your request in time, so nothing is booked.")
            % {"name": facts.consumer, "business": facts.business_name}
        ],
        actions=_another_time(told),
    )


def _missed(told: Telling) -> Letter:
    facts = told.facts
    return compose(
        told,
        subject=_("We missed you: %(moment)s") % {"moment": told.moment},
        preview=_("Choose another time if you still want to come."),
        heading=_("We missed you"),
        opening=[
            _("Hello %(name)s, you had an appointment with %(provider)s and we did not see you there.")
            % {"name": facts.consumer, "provider": facts.provider},
            _("Things happen. Choose another time whenever it suits you."),
        ],
        actions=_another_time(told),
    )


def _series_booked(told: Telling) -> Letter:
    facts = told.facts
    words = {"count": len(facts.series), "moment": told.moment, "provider": facts.provider, "name": facts.consumer}
    return compose(
        told,
        subject=_("Booked: %(count)s appointments from %(moment)s") % words,
        preview=_("Your appointments with %(provider)s are booked.") % words,
        heading=_("Your %(count)s appointments are booked") % words,
        opening=[
            _("Hello %(name)s, we look forward to seeing you. The file attached puts the times into your calendar.")
            % words
        ],
        rows=_series_rows(told),
        actions=_series_actions(told),
    )


def _provider_series_booked(told: Telling) -> Letter:
    facts = told.facts
    words = {
        "count": len(facts.series),
        "moment": told.moment,
        "name": facts.consumer,
        "service": facts.service,
    }
    return compose(
        told,
        subject=_("%(count)s new appointments from %(moment)s") % words,
        preview=_("%(name)s, %(service)s") % words,
        heading=_("%(count)s new appointments with %(name)s") % words,
        opening=[_("%(name)s booked %(service)s with you, %(count)s times.") % words],
        rows=_series_rows(told),
        actions=(Action(_("Open your desk"), told.desk), []),
    )


def _helper_invited(told: Telling) -> Letter:
    facts = told.facts
    words = {"helper": facts.helper, "name": facts.consumer, "moment": told.moment, "business": facts.business_name}
    return compose(
        told,
        subject=_("%(name)s asks for your help: %(moment)s") % words,
        preview=_("An appointment with %(business)s.") % words,
        heading=_("You are asked to join an appointment"),
        opening=[_("Hello %(helper)s, %(name)s would like you to be there.") % words],
        rows=_series_rows(told) if facts.series else None,
    )


def _helper_moved(told: Telling) -> Letter:
    facts = told.facts
    words = {"helper": facts.helper, "name": facts.consumer, "moment": told.moment}
    return compose(
        told,
        subject=_("Moved to %(moment)s") % words,
        preview=_("The appointment of %(name)s has a new time.") % words,
        heading=_("The appointment has moved"),
        opening=[_("Hello %(helper)s, the appointment of %(name)s has a new time. Your link stays the same.") % words],
    )


def _helper_cancelled(told: Telling) -> Letter:
    facts = told.facts
    words = {"helper": facts.helper, "name": facts.consumer, "moment": told.moment}
    return compose(
        told,
        subject=_("Cancelled: %(moment)s") % words,
        preview=_("You are not needed at this time."),
        heading=_("You are not needed any more"),
        opening=[_("Hello %(helper)s, you need not be at the appointment of %(name)s any more.") % words],
    )


def _somebody_waits(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "time": when.clock(facts.start_minute, told.zone), "area": facts.location_text}
    rows = [(_("Waits since"), words["time"]), (_("Where"), facts.location_text), (_("What"), facts.service)]
    return compose(
        told,
        subject=_("%(name)s is waiting since %(time)s") % words,
        preview=_("Somebody waits for you online."),
        heading=_("%(name)s is waiting") % words,
        opening=[_("%(name)s came at %(time)s and has not been seen yet. Let them in, or write to them.") % words],
        rows=[*rows, *([(_("Reason"), facts.reason)] if facts.reason else [])],
        actions=(Action(_("Open your desk"), told.desk), []),
    )


def _called_in(told: Telling) -> Letter:
    facts = told.facts
    words = {"service": facts.service, "moment": told.moment, "business": facts.business_name}
    return compose(
        told,
        subject=_("You are asked into a visit: %(moment)s") % words,
        preview=_("A colleague asks you to join now."),
        heading=_("A colleague asks you into a visit"),
        opening=[_("The visit goes on now. Sign in and join; it is on your desk too.")],
        actions=(Action(_("Join the visit"), told.join or told.desk), [Action(_("Open your desk"), told.desk)]),
    )


def _visit_note(told: Telling) -> Letter:
    """What was written is behind the link: a mail may be read by others."""
    facts = told.facts
    words = {"name": facts.consumer, "provider": facts.provider, "moment": told.moment}
    return compose(
        told,
        subject=_("After your appointment of %(moment)s") % words,
        preview=_("%(provider)s left a message for you.") % words,
        heading=_("There is a message for you"),
        opening=[
            _("Hello %(name)s, %(provider)s has written to you after your appointment.") % words,
            _("To keep it private it is not in this e-mail: open it on the page of your appointment."),
        ],
        actions=(Action(_("Read the message"), told.manage) if told.manage else None, []),
    )


def _message_waits(told: Telling) -> Letter:
    """What was written is behind the link, in both directions."""
    facts = told.facts
    is_staff = facts.audience == Audience.PROVIDER
    words = {"name": facts.consumer, "provider": facts.provider, "moment": told.moment}
    opening = (
        _("%(name)s has written to you about the appointment of %(moment)s.")
        if is_staff
        else _("Hello %(name)s, %(provider)s has written to you about your appointment of %(moment)s.")
    )
    where = told.desk if is_staff else told.manage
    return compose(
        told,
        subject=(_("New message from %(name)s") if is_staff else _("New message about your appointment")) % words,
        preview=_("It waits to be read."),
        heading=_("There is a new message"),
        opening=[opening % words, _("To keep it private it is not in this e-mail.")],
        actions=(Action(_("Open your desk") if is_staff else _("Read the message"), where) if where else None, []),
    )


def _waitlist_joined(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "service": facts.service, "business": facts.business_name}
    return compose(
        told,
        subject=_("On the waitlist: %(service)s") % words,
        preview=_("We write to you when a time becomes free."),
        heading=_("You are on the waitlist"),
        opening=[
            _("Hello %(name)s, we write to you as soon as a time becomes free.") % words,
            _("It is then kept for you for a while; look at your messages now and again."),
        ],
        rows=_waiting_rows(told),
        actions=(Action(_("See your place, or leave the list"), told.waitlist) if told.waitlist else None, []),
    )


def _waitlist_offer(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "moment": told.moment, "deadline": _deadline(told), "provider": facts.provider}
    return compose(
        told,
        subject=_("A time is free: %(moment)s") % words,
        preview=_("It is kept for you until %(deadline)s.") % words,
        heading=_("A time became free for you"),
        opening=[
            _("Hello %(name)s, this time is kept for you until %(deadline)s.") % words,
            _("If you do not take it, it goes to the next who waits, and you keep your place on the list."),
        ],
        actions=(Action(_("Take it, or let it pass"), told.waitlist) if told.waitlist else None, []),
    )


def _waitlist_ended(told: Telling) -> Letter:
    facts = told.facts
    words = {"name": facts.consumer, "service": facts.service}
    return compose(
        told,
        subject=_("The waitlist has ended: %(service)s") % words,
        preview=_("No time was found for you."),
        heading=_("Your wait has ended"),
        opening=[
            _("Hello %(name)s, we are sorry: no time became free by your last date, or our offers went unanswered.")
            % words,
            _("Choose one of the times that are free now, or ask for later dates."),
        ],
        rows=_waiting_rows(told),
        actions=_another_time(told),
    )


def _deadline(told: Telling) -> str:
    facts = told.facts
    minute = facts.deadline_minute if facts.deadline_minute is not None else facts.start_minute
    return when.moment(minute, told.zone)


def _another_time(told: Telling) -> tuple[Action, list[Action]]:
    slug = told.facts.service_slug
    return Action(_("Choose another time"), f"{told.book}/{slug}" if slug else told.book), []


def _waiting_rows(told: Telling) -> list[tuple[str, str]]:
    facts = told.facts
    rows = [(_("What"), facts.service)]
    if facts.provider:
        rows.append((_("With"), facts.provider))
    return [*rows, (_("Waiting for"), facts.period)]


def _series_rows(told: Telling) -> list[tuple[str, str]]:
    """Return each time by its number, then what and with whom."""
    each = [
        (str(number), when.span(start, end, told.zone))
        for number, (_ref, start, end, *_links) in enumerate(told.facts.series, 1)
    ]
    first = 2 if told.other_zone else 1  # past the time of the first, and what that is in another zone
    return [*each, *rows_of(told)[first:]]


def _series_actions(told: Telling) -> tuple[Action | None, list[Action]]:
    """Return the page where all are seen, and that of each; the way in comes with the reminder of each."""
    button = Action(_("See your appointments"), told.manage) if told.manage else None
    pages = [
        Action(_("Move or cancel %(day)s") % {"day": when.day(start, told.zone)}, told.manage_each[manage])
        for _ref, start, _end, manage, _visit in told.facts.series
        if manage in told.manage_each
    ]
    return button, [*(check_of(told) if told.is_online else []), *pages]


FURTHER: dict[str, Callable[[Telling], Letter]] = {
    Kind.REQUESTED: _requested,
    Kind.PROVIDER_REQUESTED: _provider_requested,
    Kind.DECLINED: _declined,
    Kind.REQUEST_EXPIRED: _request_expired,
    Kind.MISSED: _missed,
    Kind.SERIES_BOOKED: _series_booked,
    Kind.PROVIDER_SERIES_BOOKED: _provider_series_booked,
    Kind.HELPER_INVITED: _helper_invited,
    Kind.HELPER_MOVED: _helper_moved,
    Kind.HELPER_CANCELLED: _helper_cancelled,
    Kind.CALLED_IN: _called_in,
    Kind.SOMEBODY_WAITS: _somebody_waits,
    Kind.VISIT_NOTE: _visit_note,
    Kind.MESSAGE_WAITS: _message_waits,
    Kind.WAITLIST_JOINED: _waitlist_joined,
    Kind.WAITLIST_OFFER: _waitlist_offer,
    Kind.WAITLIST_ENDED: _waitlist_ended,
}
