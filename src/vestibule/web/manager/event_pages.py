"""Events for programs: who is told what happens here, whether it arrives, one more, and the way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.subscriptions import verbs
from vestibule.subscriptions.kinds import Kind
from vestibule.subscriptions.models import Delivery, Subscription
from vestibule.subscriptions.shapes import shape
from vestibule.web.manager import fields
from vestibule.web.manager.fields import words
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, confirm, done, open_to, show

SHOWN = 50
SHAPES = (
    (Subscription.Shape.EVENT_GRID, gettext_lazy("Event Grid’s own, as most programs for Azure expect")),
    (Subscription.Shape.CLOUD_EVENTS, gettext_lazy("CloudEvents 1.0")),
)
GROUPS: tuple[tuple[str, str | Promise, tuple[str, ...]], ...] = (
    (
        "threads",
        gettext_lazy("Conversations: what is written, and who comes and goes"),
        (
            *("ChatMessageReceivedInThread", "ChatMessageEditedInThread", "ChatMessageDeletedInThread"),
            *("ChatThreadCreated", "ChatThreadPropertiesUpdated", "ChatThreadDeleted"),
            *("ChatThreadParticipantAdded", "ChatThreadParticipantRemoved"),
        ),
    ),
    (
        "readers",
        gettext_lazy("The same once more for each person in a conversation"),
        (
            *("ChatMessageReceived", "ChatMessageEdited", "ChatMessageDeleted"),
            *("ChatThreadCreatedWithUser", "ChatThreadPropertiesUpdatedPerUser", "ChatThreadWithUserDeleted"),
            *("ChatParticipantAddedToThreadWithUser", "ChatParticipantRemovedFromThreadWithUser"),
        ),
    ),
    (
        "texts",
        gettext_lazy("Text messages: those that come in, and what became of those sent"),
        ("SMSReceived", "SMSDeliveryReportReceived"),
    ),
    ("mails", gettext_lazy("E-mail: what became of those sent"), ("EmailDeliveryReportReceived",)),
    (
        "calls",
        gettext_lazy("Calls: when they begin and end, who joins and leaves"),
        ("CallStarted", "CallEnded", "CallParticipantAdded", "CallParticipantRemoved"),
    ),
    ("recordings", gettext_lazy("Recordings"), ("RecordingFileStatusUpdated",)),
)
"""What may be chosen together; all of it makes up the types of events there are."""
HAPPENED: dict[str, str | Promise] = {
    Kind.MESSAGE_RECEIVED: gettext_lazy("A message was written"),
    Kind.MESSAGE_EDITED: gettext_lazy("A message was changed"),
    Kind.MESSAGE_DELETED: gettext_lazy("A message was taken back"),
    Kind.THREAD_CREATED: gettext_lazy("A conversation began"),
    Kind.THREAD_UPDATED: gettext_lazy("A conversation changed its topic"),
    Kind.THREAD_DELETED: gettext_lazy("A conversation was deleted"),
    Kind.MEMBER_ADDED: gettext_lazy("Somebody came into a conversation"),
    Kind.MEMBER_REMOVED: gettext_lazy("Somebody left a conversation"),
    Kind.SMS_RECEIVED: gettext_lazy("A text message came in"),
    Kind.SMS_REPORTED: gettext_lazy("A text message was reported on"),
    Kind.EMAIL_REPORTED: gettext_lazy("An e-mail was reported on"),
    Kind.CALL_STARTED: gettext_lazy("A call began"),
    Kind.CALL_ENDED: gettext_lazy("A call ended"),
    Kind.CALL_JOINED: gettext_lazy("Somebody joined a call"),
    Kind.CALL_LEFT: gettext_lazy("Somebody left a call"),
    Kind.RECORDING_UPDATED: gettext_lazy("A recording is ready"),
    Kind.APPOINTMENT_CREATED: gettext_lazy("An event came into a calendar"),
    Kind.APPOINTMENT_UPDATED: gettext_lazy("An event in a calendar changed"),
    Kind.APPOINTMENT_DELETED: gettext_lazy("An event left a calendar"),
    Kind.MISSED: gettext_lazy("Changes could not be told"),
}


@dataclass(frozen=True)
class Line:
    """A subscription in words: `tone` and `label` say how it does, and `said` what its address did last, if not well.

    `counts` is how many events wait, were taken, and were given up.
    """

    row: Subscription
    tone: str
    icon: str
    label: str
    said: str
    wants: Sequence[str]
    counts: dict[str, int]


class EventsForm(fields.Form):
    """Who is to be told, and what."""

    name = fields.text(
        gettext_lazy("Name"), most=64, hint=gettext_lazy("Letters, digits and hyphens, such as practice-software.")
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        help_text=gettext_lazy(
            "Begins with https://. Let it hold a secret, such as ?key=…, by which your program knows us: it is stored"
            " encrypted and not shown again."
        ),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    shape = fields.one_of(gettext_lazy("Format"), words(SHAPES), radio=True)
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"),
        choices=words((key, label) for key, label, _types in GROUPS),
        widget=forms.CheckboxSelectMultiple,
    )

    def wish(self) -> verbs.Wish:
        """Return what was asked for; with everything chosen, also types of events that come later."""
        given = self.cleaned_data
        chosen = [types for key, _label, types in GROUPS if key in given["groups"]]
        wants = tuple(one for types in chosen for one in types)
        everything = set(wants) == set(shape(given["shape"]).names())
        return verbs.Wish(given["shape"], given["name"], given["address"].strip(), () if everything else wants)


@open_to(Permission.MANAGE_KEYS)
def listing(request: StaffRequest) -> HttpResponse:
    """List who is told of events, and whether it arrives."""
    rows = verbs.visible(request.actor)
    return show(request, "events.html", lines=_lines(rows))


@open_to(Permission.MANAGE_KEYS)
def new(request: StaffRequest) -> HttpResponse:
    """Make a subscription; its address is asked at once whether it wants to be told."""
    begins = {"shape": Subscription.Shape.EVENT_GRID, "groups": ["threads", "texts", "mails", "calls", "recordings"]}
    form = EventsForm(request.POST or None, initial=begins)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: verbs.add(request.actor, request.business, form.wish()), wants="groups")
        if made is not None:
            sentence = (
                _("“%(name)s” is told from now on.")
                if _is_told(made)
                else _("“%(name)s” was stored, and has still to confirm.")
            )
            return done(request, sentence % {"name": made.name}, reverse("manage-event", args=[made.guid]))
    return show(request, "events_new.html", form=form)


@open_to(Permission.MANAGE_KEYS)
def one(request: StaffRequest, guid: UUID) -> HttpResponse:
    """Show how a subscription does, and what it was told lately."""
    row = verbs.get(request.actor, guid)
    named = _named(row)
    told = [
        (HAPPENED.get(each.kind, each.kind), named.get(each.kind, ""), each)
        for each in row.deliveries.order_by("-pk")[:SHOWN]
    ]
    return show(request, "events_one.html", line=_lines([row])[0], told=told, states=Delivery.State)


@open_to(Permission.MANAGE_KEYS, only_post=True)
def try_again(request: StaffRequest, guid: UUID) -> HttpResponse:
    """Tell at once what waits, and once more what was given up."""
    verbs.try_again(request.actor, guid)
    return done(request, _("It is tried again now."), reverse("manage-event", args=[guid]))


@open_to(Permission.MANAGE_KEYS, only_post=True)
def ask(request: StaffRequest, guid: UUID) -> HttpResponse:
    """Ask an address that has not confirmed once more."""
    row = verbs.ask_again(request.actor, guid)
    sentence = _("“%(name)s” is told from now on.") if _is_told(row) else _("“%(name)s” was asked again.")
    return done(request, sentence % {"name": row.name}, reverse("manage-event", args=[guid]))


@open_to(Permission.MANAGE_KEYS)
def end(request: StaffRequest, guid: UUID) -> HttpResponse:
    """Ask, then end a subscription."""
    row = verbs.get(request.actor, guid)

    def ended() -> str:
        verbs.end(request.actor, guid)
        return _("“%(name)s” is told nothing any more.") % {"name": row.name}

    return confirm(
        request,
        ended,
        title=_("Tell “%(name)s” nothing any more?") % {"name": row.name},
        text=_("What waits for it is thrown away, and from this moment nothing is sent there."),
        button=_("End it"),
        back=reverse("manage-event", args=[guid]),
        to=reverse("manage-events"),
    )


def _is_told(row: Subscription) -> bool:
    return row.state == Subscription.State.ACTIVE


def _lines(rows: Sequence[Subscription]) -> list[Line]:
    counts = verbs.counts(rows)
    return [Line(row, *_doing(row), _said(row), _wants(row), counts[row.pk]) for row in rows]


def _doing(row: Subscription) -> tuple[str, str, str]:
    """Return the tone, the sign and the word for how a subscription does."""
    if not _is_told(row):
        return "warning", "clock", _("Not confirmed")
    if row.failing_since is not None:
        return "problem", "warning", _("Fails")
    return "success", "check", _("Told")


def _said(row: Subscription) -> str:
    """Say what an address did that was not what was hoped for; what is stored goes on after "It"."""
    return _("It %(problem)s.") % {"problem": row.problem} if row.problem else ""


def _named(row: Subscription) -> dict[str, str]:
    """Return the type each kind of ours has in the words of a listener; none where it is told what changed alone."""
    if row.resource:
        return {}
    of = shape(row.shape)
    return {str(kind): name for name in reversed(of.names()) for kind in of.kinds([name], "")}


def _wants(row: Subscription) -> Sequence[str]:
    """Say what a subscription is told: a calendar's changes, everything, what was chosen together, or single types."""
    if row.resource or not row.wants:
        return [row.resource or _("Everything")]
    whole = [(label, types) for _key, label, types in GROUPS if set(types) <= set(row.wants)]
    left = set(row.wants) - {one for _label, types in whole for one in types}
    return [*(str(label) for label, _types in whole), *(one for one in row.wants if one in left)]
