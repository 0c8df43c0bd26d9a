"""Bringing somebody into a visit from inside it: a helper by a one-time link, a colleague by a seat on their desk."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from vestibule.booking import announcements, companions, contacts, links, quota
from vestibule.booking.companions import Invited
from vestibule.booking.models import Appointment
from vestibule.booking.wishes import Helper
from vestibule.meetings import outside, planning
from vestibule.meetings.access import hosted_meeting, locked_seat, require_going_on
from vestibule.meetings.models import TURNED_AWAY, Meeting, Participant
from vestibule.meetings.roles import Ability, may
from vestibule.meetings.waiting import is_in
from vestibule.notifications import choices, outbox
from vestibule.notifications.choices import EMAIL, SMS
from vestibule.notifications.facts import AppointmentFacts, Audience, Kind
from vestibule.notifications.outbox import Message
from vestibule.people import audit, rates
from vestibule.people import links as capability
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Provider
from vestibule.people.permissions import Actor, ActorKind
from vestibule.store.clock import to_minute
from vestibule.store.transactions import writing

State, Kinds = Participant.State, Participant.Kind
PER_HOUR = 20


@dataclass(frozen=True)
class Colleague:
    """A provider who may be asked into a visit; `invited` ones have a seat already."""

    slug: str
    name: str
    presence: str
    invited: bool


def invite(seat_ref: str, helper: Helper, staff: Actor | None = None) -> Invited:
    """Give somebody from outside a seat in the visit of `seat_ref`, and return their one-time address, shown this once.

    `staff` is the member of staff who sits there; without one it is the consumer, or a guest whom staff made a host,
    and they bring attendees only. Who is brought is told by mail and text message where an address is given, and waits
    to be let in like everybody else.
    Raises NotPermitted for other guests, MeetingOver, Invalid or InvalidContact naming the field, TooMany.
    """
    with writing():
        seat = locked_seat(seat_ref)
        meeting = seat.meeting
        require_going_on(meeting)
        if staff is not None:
            meeting = hosted_meeting(staff, meeting.ref)
        elif not _may_bring(seat):
            raise NotPermitted(_("Only staff, and whoever booked, can bring others into this visit. Ask them."))
        rates.limit("visit.invite", seat.ref, PER_HOUR, 3600)
        appointment = Appointment.objects.filter(meeting=meeting).select_related("business").first()
        if appointment is not None:
            actor = staff or _as_consumer(seat, appointment)
            return companions.invite(actor, appointment, helper)
        return _into_walk_in(staff, seat, helper)


def colleagues(actor: Actor, meeting_ref: str) -> list[Colleague]:
    """Return the active providers who may be asked into a visit the actor hosts, ready ones first, then by name."""
    with writing():
        meeting = hosted_meeting(actor, meeting_ref)
    seated = set(meeting.participants.filter(kind=Kinds.PROVIDER).values_list("provider_id", flat=True))
    rows = Provider.objects.filter(business_id=meeting.business_id, is_active=True, membership__is_active=True)
    others = rows.exclude(pk=actor.provider_id) if actor.provider_id else rows
    found = [Colleague(one.slug, one.name, str(one.presence), one.pk in seated) for one in others]
    return sorted(found, key=lambda one: (one.invited, one.presence != Provider.Presence.READY, one.name))


def invite_colleague(actor: Actor, meeting_ref: str, provider_slug: str, *, hand_over: bool = False) -> Participant:
    """Give another provider a seat in a visit the actor hosts, tell them at once, and return the seat. Twice is once.

    With `hand_over` the visit becomes theirs: who waits, waits for them. Whoever hands over stays as long as they
    like. Raises NotFound, NotPermitted, MeetingOver, Invalid for somebody who cannot sign in.
    """
    with writing():
        meeting = hosted_meeting(actor, meeting_ref)
        require_going_on(meeting)
        colleague = Provider.objects.filter(business_id=meeting.business_id, slug=provider_slug, is_active=True).first()
        if colleague is None:
            raise NotFound(_("There is no such provider here any more. Load the page again."))
        if colleague.membership is None or not colleague.membership.is_active:
            words = _("%(name)s has no sign-in, so they could not come in. A manager can invite them to the team.")
            raise Invalid(words % {"name": colleague.name}, field="provider")
        seat = meeting.participants.filter(provider=colleague).first()
        if seat is None:
            seat = planning.invite(meeting, planning.Seat("provider", "presenter", colleague.name, colleague.pk))
            _tell_colleague(meeting, colleague, seat)
            _note(actor, meeting, "colleague_invited", colleague)
        if hand_over and meeting.host_id != colleague.pk:
            meeting.host = colleague
            meeting.save(update_fields=["host"])
            outside.changed(meeting)
            _note(actor, meeting, "handed_over", colleague)
        found: Participant = seat
        return found


def _may_bring(seat: Participant) -> bool:
    """Tell whether a guest may bring others: whoever booked, and whom staff made a host of the call they are in.

    To a room a program invites: of its participants only hosts bring somebody.
    """
    if seat.state in TURNED_AWAY or seat.locked_at is not None:
        return False
    booked = seat.kind == Kinds.CONSUMER and seat.meeting.kind != Meeting.Kind.ROOM
    return booked or (is_in(seat) and may(seat, Ability.MODERATE))


def _as_consumer(seat: Participant, appointment: Appointment) -> Actor:
    subjects = frozenset({appointment.ref})
    return Actor(ActorKind.CONSUMER, seat.name, appointment.business_id, subjects=subjects)


def _note(actor: Actor, meeting: Meeting, action: str, colleague: Provider) -> None:
    audit.record(actor, meeting.business_id, f"meeting.{action}", "meeting", meeting.ref, summary=colleague.name)


def _into_walk_in(staff: Actor | None, by: Participant, helper: Helper) -> Invited:
    """A walk-in has no appointment: the seat and what is said of it hang on the meeting alone."""
    meeting = by.meeting
    companions.require_links(meeting.business_id)
    new = contacts.clean_helper(helper, business=meeting.business)
    actor = staff or Actor(ActorKind.CONSUMER, by.name, meeting.business_id)
    role = companions.role_for(actor, helper.role)
    if meeting.participants.filter(kind=Kinds.HELPER).exclude(state=State.REMOVED).count() >= companions.MOST:
        raise Invalid(_("A visit takes at most five helpers."), field="helpers")
    if staff is None:
        _require_known(by, new)
        quota.count_written_to(new["email"], new.get("phone", ""))
    seat = planning.invite(meeting, planning.Seat("helper", role, new["name"]))
    until = meeting.ends_at + links.VISIT_DAYS
    draft = capability.draft(meeting.business_id, capability.Purpose.VISIT, role, seat.ref, until, once=True)
    (link,) = capability.store([draft])
    outbox.enqueue_all(list(_asked(meeting, seat, new, link.pk)))
    audit.record(actor, meeting.business_id, "meeting.helper_added", "meeting", meeting.ref)
    return Invited(links.address_of(link), until, seat.ref)


def _require_known(by: Participant, helper: dict[str, str]) -> None:
    """Raise NotPermitted if a stranger whom nobody has let in wants us to write to somebody.

    Anybody can come by, under any name: nobody's telephone is to be filled by that, nor at the business' cost.
    """
    if (helper["email"] or helper.get("phone")) and not is_in(by):
        words = _("We write to somebody for you once you have been let in. Until then, leave e-mail and number empty.")
        raise NotPermitted(words)


def _tell_colleague(meeting: Meeting, colleague: Provider, seat: Participant) -> None:
    appointment = Appointment.objects.filter(meeting=meeting).first()
    if appointment is not None:
        link, _address = links.invite(appointment, seat)
        announcements.teller(appointment).called_in(colleague, link)
        return
    facts = replace(_facts(meeting), audience=Audience.PROVIDER, provider=colleague.name)
    zone = colleague.timezone or meeting.business.timezone
    outbox.enqueue_all(
        [
            _message(Kind.CALLED_IN, meeting, seat, colleague.name, channel, to, zone, facts)
            for channel, to in ((EMAIL, colleague.email), (SMS, colleague.phone))
            if to
        ]
    )


def _asked(meeting: Meeting, seat: Participant, helper: dict[str, str], link: int) -> list[Message]:
    facts = replace(_facts(meeting), audience=Audience.HELPER, helper=helper["name"], visit_link=link)
    zone = str(meeting.contact.get("timezone", "")) or meeting.business.timezone
    language = str(meeting.contact.get("language", ""))
    chosen, ways = choices.of(meeting.business), ((EMAIL, helper["email"]), (SMS, helper.get("phone", "")))
    return [
        _message(Kind.HELPER_INVITED, meeting, seat, helper["name"], channel, to, zone, facts, language)
        for channel, to in ways
        if to and chosen.is_on(Kind.HELPER_INVITED, Audience.HELPER, channel)
    ]


def _message(
    kind: Kind,
    meeting: Meeting,
    seat: Participant,
    name: str,
    channel: str,
    to: str,
    zone: str,
    facts: AppointmentFacts,
    language: str = "",
) -> Message:
    return Message(
        key=f"{meeting.ref}:{kind}:{seat.ref}:{channel}",
        business_id=meeting.business_id,
        subject_ref=meeting.ref,
        kind=kind,
        channel=channel,
        to=to,
        to_name=name,
        language=language or meeting.business.language,
        timezone=zone,
        facts=facts,
        is_urgent=True,
    )


def _facts(meeting: Meeting) -> AppointmentFacts:
    business, host = meeting.business, meeting.host
    consumer = meeting.participants.filter(kind=Kinds.CONSUMER).first()
    return AppointmentFacts(
        appointment=meeting.ref,
        version=0,
        business_slug=business.slug,
        business_name=business.name,
        business_timezone=business.timezone,
        service=meeting.title,
        provider=host.name if host is not None else business.name,
        consumer=consumer.name if consumer is not None else meeting.title,
        start_minute=to_minute(meeting.starts_at),
        end_minute=to_minute(meeting.ends_at),
        business_phone=business.phone,
        organiser_email=business.email,
        accent=business.tone,
        status="booked",
    )
