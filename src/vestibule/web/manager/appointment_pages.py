"""One appointment: all about it, and what the office can do with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking import again, announcements, beside, documents, lifecycle, links, series, texts, timely
from vestibule.booking.models import Appointment
from vestibule.booking.outside import linking, stating
from vestibule.booking.status import NEXT, OVER
from vestibule.chat import verbs as chat
from vestibule.meetings import elsewhere, talking
from vestibule.notifications import history
from vestibule.notifications.models import OutboxMessage
from vestibule.people.errors import Invalid, NotFound, NotPermitted, Refusal
from vestibule.people.models import AuditEntry, Provider
from vestibule.store import clock
from vestibule.web import times
from vestibule.web.consumer.starts import instant
from vestibule.web.manager import fields
from vestibule.web.manager.activity import who_words
from vestibule.web.manager.messages_shown import Entry, for_reading, story
from vestibule.web.manager.pages import (
    CHANGES_APPOINTMENTS,
    SEES_APPOINTMENTS,
    Permission,
    StaffRequest,
    attempt,
    confirm,
    done,
    find,
    open_to,
    show,
)
from vestibule.web.manager.picker import WhoForm, choose, providers_for

S = Appointment.Status
VIA = {
    "page": gettext_lazy("on the booking page"),
    "manage": gettext_lazy("by the office"),
    "desk": gettext_lazy("at the desk"),
    "api": gettext_lazy("by a program"),
    "graph": gettext_lazy("by a program"),
    "demo": gettext_lazy("by the demonstration"),
    "bookings": gettext_lazy("in Microsoft Bookings"),
}


@dataclass(frozen=True)
class Happening:
    """One line of an appointment's story: the status it got, or from which start it was moved to which."""

    at: datetime
    by: str
    status: str = ""
    previous: datetime | None = None
    start: datetime | None = None


class CancelForm(fields.Form):
    """Why an appointment is cancelled."""

    reason = fields.lines(
        gettext_lazy("Reason"), most=300, hint=gettext_lazy("Both sides read it. Leave it empty to say nothing.")
    )
    rest = fields.tick(gettext_lazy("Cancel all later ones of the series as well"))


LATE_CHOICES = (10, 20, 30, 45, 60)
CAN_BE_LATE_FOR = (S.BOOKED, S.ARRIVED, S.WAITING)
NEAR = timedelta(hours=12)


class LabelForm(fields.Form):
    """A word or two by which the office finds an appointment again."""

    label = fields.text(
        gettext_lazy("Label"), most=40, required=False, hint=gettext_lazy("Only staff see it, such as “New patient”.")
    )

    def __init__(self, request: StaffRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labelled = Appointment.objects.visible_to(request.actor).exclude(label="").order_by("label")
        self.known = list(labelled.values_list("label", flat=True).distinct()[:40])
        self.fields["label"].widget.attrs["list"] = "known-labels"


def one(request: StaffRequest, ref: str) -> Appointment:
    """Return an appointment the reader may see, or 404."""
    rows = Appointment.objects.select_related("business", "service__location", "provider", "consumer", "meeting")
    appointment: Appointment = find(request, rows, ref=ref)
    return appointment


def _to_hand_on(request: StaffRequest, appointment: Appointment) -> str:
    """Return the consumer's own address where we write nothing to them, so that staff can give it to them; else ""."""
    is_told = appointment.email and not linking.tells_consumers(appointment)
    if is_told or not request.actor.may(Permission.CHANGE_APPOINTMENTS):
        return ""
    addresses = links.addresses(appointment)
    return addresses.visit or addresses.manage


def _talk(request: StaffRequest, appointment: Appointment) -> dict[str, Any]:
    """Return whether the reader may open the conversation, and how many messages wait there for them."""
    if appointment.meeting is None:
        return {"may_host": False}
    try:
        talker = talking.staff(request.actor, appointment.meeting.ref)
    except Refusal:
        return {"may_host": False}
    return {"may_host": True, "unread_messages": chat.unread(talker.thread_id, talker.key)}


def _messages(request: StaffRequest, appointment: Appointment) -> list[Entry]:
    """Return what was said about an appointment and what was written back, as one story."""
    rows = OutboxMessage.objects.visible_to(request.actor).filter(subject_ref=appointment.ref)
    known = (appointment.email, appointment.phone)
    told = for_reading(rows.select_related("used_gateway").order_by("due_at", "pk"), request.actor, known)
    return story(told, history.texts_about(appointment.business_id, appointment.ref))


def may_change(request: StaffRequest, appointment: Appointment) -> bool:
    """Tell whether the reader may change this appointment: everybody's, or one they take part in."""
    actor = request.actor
    if actor.may(Permission.CHANGE_APPOINTMENTS):
        return True
    if actor.provider_id is None or not actor.may(Permission.CHANGE_OWN_APPOINTMENTS):
        return False
    return actor.provider_id in {provider.pk for provider in announcements.team_of(appointment)}


def require_change(request: StaffRequest, appointment: Appointment) -> None:
    """Raise NotPermitted unless the reader may change this appointment."""
    if not may_change(request, appointment):
        request.actor.require(Permission.CHANGE_APPOINTMENTS)


@open_to(*SEES_APPOINTMENTS)
def details(request: StaffRequest, ref: str) -> HttpResponse:
    """Show what is known of an appointment, and its story."""
    appointment = one(request, ref)
    is_active = appointment.status in Appointment.ACTIVE
    is_request = appointment.status == S.REQUESTED
    has_begun = appointment.start <= clock.now()
    may = may_change(request, appointment)
    context: dict[str, Any] = {
        "appointment": appointment,
        "held": elsewhere.for_staff(appointment.meeting) if appointment.meeting is not None else None,
        "in_step": stating.line(appointment),
        "answers": _answers(appointment),
        "changes": _story(appointment),
        "story": _messages(request, appointment),
        "others": announcements.team_of(appointment)[1:],
        "noted": beside.notes_for_staff(appointment),
        "via": VIA.get(appointment.booked_via, appointment.booked_via),
        "earlier": appointment.consumer.appointments.exclude(pk=appointment.pk).count(),
        "may_move": may
        and (is_active or is_request)
        and appointment.status != S.IN_VISIT
        and appointment.service.is_active,
        "may_cancel": may and is_active and appointment.status != S.IN_VISIT,
        "may_answer": may and is_request,
        **_talk(request, appointment),
        "may_label": may,
        "may_be_late": may and appointment.status in CAN_BE_LATE_FOR and _is_near(appointment),
        "late_choices": LATE_CHOICES,
        "late_is_told": timely.is_told(appointment),
        "may_follow_up": may and appointment.service.is_active and not is_request and appointment.status != S.CANCELLED,
        "label_form": LabelForm(request, initial={"label": appointment.label}),
        "family": _family(appointment),
        "siblings": series.others(appointment),
        "files": documents.listed(request.actor, appointment),
        "consents": _consents(appointment),
        "texts": texts.of(appointment),
        "texts_said": texts.said_of(appointment),
        "may_settle": may and has_begun and (is_active or appointment.status in OVER),
        "may_be_not_seen": S.NOT_SEEN in NEXT[appointment.status],
        "may_resend": request.actor.may(Permission.CHANGE_APPOINTMENTS)
        and is_active
        and appointment.takes_mails
        and appointment.email,
        "to_hand_on": _to_hand_on(request, appointment) if is_active else "",
    }
    return show(request, "appointment.html", **context)


@open_to(*SEES_APPOINTMENTS, change=CHANGES_APPOINTMENTS)
def move(request: StaffRequest, ref: str) -> HttpResponse:
    """Choose another time, and perhaps another person, and move the appointment there."""
    appointment = one(request, ref)
    require_change(request, appointment)
    service, zone = appointment.service, request.business.timezone
    providers = providers_for(request, service)
    usual = appointment.provider if appointment.provider in providers else next(iter(providers), None)
    asked = request.GET.copy()
    asked.setdefault("provider", usual.slug if usual else "")
    form = WhoForm(asked, providers=providers, must_choose=True)
    chosen = form.cleaned_data["provider"] if form.is_valid() else ""
    provider = next((one for one in providers if one.slug == chosen), usual)
    problem, status = "", 422 if form.errors else 200
    if request.method == "POST":
        try:
            moved = _move(request, appointment, provider)
        except (NotPermitted, NotFound):
            raise
        except Refusal as refused:
            problem, status = refused.sentence, refused.status
        else:
            words = _("Moved to %(when)s. Both sides are told.")
            when = times.span(moved.start, moved.end, zone)
            return done(request, words % {"when": when}, reverse("manage-appointment", args=[ref]))
    choice = choose(service, zone, form, provider, appointment)
    context: dict[str, Any] = {"appointment": appointment, "service": service, "choice": choice, "problem": problem}
    return show(request, "move.html", status=status, form=form, provider=provider, **context)


@open_to(*SEES_APPOINTMENTS, change=CHANGES_APPOINTMENTS)
def cancel(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then cancel."""
    appointment = one(request, ref)
    require_change(request, appointment)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason, rest = form.cleaned_data["reason"], form.cleaned_data["rest"]
        verb = series.cancel_rest if rest else lifecycle.cancel
        attempt(form, lambda: verb(request.actor, appointment, reason=reason))
        if not form.errors:
            words = _("The appointment with %(name)s was cancelled. Both sides are told.")
            if rest:
                words = _("The appointment with %(name)s and all later ones of the series were cancelled.")
            return done(request, words % {"name": appointment.name}, reverse("manage-appointment", args=[ref]))
    coming = [one for one in series.others(appointment) if one.status in Appointment.OPEN]
    later = [one for one in coming if one.start_minute > appointment.start_minute]
    return show(request, "cancel.html", form=form, appointment=appointment, later=later)


@open_to(*CHANGES_APPOINTMENTS, only_post=True)
def settle(request: StaffRequest, ref: str, verdict: str) -> HttpResponse:
    """Note that somebody came, or did not."""
    appointment = one(request, ref)
    if verdict == "no-show":
        lifecycle.no_show(request.actor, appointment)
        words = _("Noted: %(name)s did not come. You can change this on the appointment's page.")
    elif verdict == "not-seen":
        lifecycle.not_seen(request.actor, appointment)
        words = _("Noted: %(name)s left before being seen. You can change this on the appointment's page.")
    else:
        lifecycle.complete(request.actor, appointment)
        words = _("Noted: the visit of %(name)s took place.")
    back = request.POST.get("back", "")
    to = "manage" if back == "today" else reverse("manage-appointment", args=[ref])
    if back == "ended" and appointment.meeting is not None:
        to = reverse("desk-ended", args=[appointment.meeting.ref])
    return done(request, words % {"name": appointment.name}, to)


@open_to(Permission.CHANGE_APPOINTMENTS)
def resend(request: StaffRequest, ref: str) -> HttpResponse:
    """Ask, then send the confirmation once more."""
    appointment = one(request, ref)

    def sent() -> str:
        again.resend(request.actor, appointment)
        return _("The confirmation is on its way to %(email)s again.") % {"email": appointment.email}

    return confirm(
        request,
        sent,
        title=_("Send the confirmation again?"),
        text=_("%(email)s gets the time, the links and the calendar entry once more.") % {"email": appointment.email},
        button=_("Send it again"),
        back=reverse("manage-appointment", args=[ref]),
    )


@open_to(*CHANGES_APPOINTMENTS, only_post=True)
def late(request: StaffRequest, ref: str) -> HttpResponse:
    """Tell the consumer that their provider is late by so many minutes, or on time again."""
    appointment = one(request, ref)
    require_change(request, appointment)
    given = request.POST.get("minutes", "")
    if not given.isascii() or not given.isdigit() or len(given) > 3:
        raise Invalid(_("Say how late: 5 to %(most)s minutes, or 0.") % {"most": timely.LONGEST})
    changed = timely.provider_late(request.actor, appointment, int(given))
    if not changed.provider_late_minutes:
        words = _("Noted: on time again. No message goes out; %(name)s sees it on the page of the appointment.")
    elif timely.is_told(changed):
        words = _("%(name)s is told that %(provider)s is late.")
    else:
        words = _("Noted. No message goes out; %(name)s sees it on the page of the appointment.")
    names = {"name": changed.name, "provider": changed.provider.name}
    return done(request, words % names, reverse("manage-appointment", args=[ref]))


@open_to(*CHANGES_APPOINTMENTS, only_post=True)
def label(request: StaffRequest, ref: str) -> HttpResponse:
    """Give an appointment a label, or take it away."""
    appointment = one(request, ref)
    require_change(request, appointment)
    form = LabelForm(request, request.POST)
    back = reverse("manage-appointment", args=[ref])
    if not form.is_valid():
        raise Invalid(_("A label has at most 40 characters, so nothing was changed. Go back and shorten it."))
    changed = lifecycle.set_label(request.actor, appointment, form.cleaned_data["label"])
    if not changed.label:
        return done(request, _("The label was taken away."), back)
    return done(request, _("Labelled “%(label)s”.") % {"label": changed.label}, back)


def _is_near(appointment: Appointment) -> bool:
    """Tell whether it makes sense to say now that one is late for it."""
    now = clock.now()
    return bool(appointment.start - NEAR < now < appointment.end + NEAR)


def _family(appointment: Appointment) -> list[Appointment]:
    """Return what belongs to it: the one it follows, and those that follow it."""
    rows = Appointment.objects.filter(business=appointment.business).select_related("service")
    found = rows.filter(follow_up_of=appointment)
    if appointment.follow_up_of_id:
        found = found | rows.filter(pk=appointment.follow_up_of_id)
    return list(found.order_by("start_minute")[:10])


def _move(request: StaffRequest, appointment: Appointment, provider: Provider | None) -> Appointment:
    start = instant(request.POST.get("start", ""))
    return lifecycle.move(request.actor, appointment, start, provider=provider)


def _consents(appointment: Appointment) -> list[dict[str, Any]]:
    """Return what the consumer agreed to, each by the label its question has now, with the instant."""
    labels = {question["id"]: question["label"] for question in appointment.service.questions}
    return [
        {**one, "label": labels.get(one["id"], one["id"]), "at": datetime.fromisoformat(one["at"])}
        for one in appointment.consents
    ]


def _story(appointment: Appointment) -> list[Happening]:
    """Return how the status changed and where it was moved, oldest first, each with who did it in words."""
    told = [
        Happening(one.at, who_words(one.by_kind, one.by_label), one.status) for one in appointment.status_changes.all()
    ]
    moves = AuditEntry.objects.filter(
        business_id=appointment.business_id, subject_ref=appointment.ref, action="appointment.moved"
    )
    told += [
        Happening(
            one.at,
            who_words(one.actor_kind, one.actor_label),
            previous=datetime.fromisoformat(one.details["previous"]),
            start=datetime.fromisoformat(one.details["start"]),
        )
        for one in moves
    ]
    return sorted(told, key=lambda one: one.at)


def _answers(appointment: Appointment) -> list[tuple[str, Any]]:
    labels = {question["id"]: question["label"] for question in appointment.service.questions}
    return [(labels.get(name, name), _said(answer)) for name, answer in appointment.answers.items()]


def _said(answer: Any) -> str:
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
