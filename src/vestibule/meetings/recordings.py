"""Recording a call: asked of everybody, started when all agreed, told by the media server, gone after its time.

Nobody is recorded who did not agree: whoever comes later answers before they come in, and one no ends it.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from vestibule.meetings import call_news, calls, carrying, visit_rules
from vestibule.meetings.access import OVER, locked_meeting, locked_seat, require_going_on, require_host
from vestibule.meetings.backends import backend_named
from vestibule.meetings.calls import may_moderate
from vestibule.meetings.errors import NotAdmitted, NotSetUp, RecordingConsentNeeded, WrongState
from vestibule.meetings.listeners import happened
from vestibule.meetings.models import Meeting, Participant, Recording
from vestibule.meetings.ports import BackendEvent, RoomRef
from vestibule.meetings.waiting import is_in
from vestibule.people import audit
from vestibule.people.errors import NotFound
from vestibule.people.permissions import SYSTEM, Actor, ActorKind, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

State = Recording.State
SeatState = Participant.State
OPEN = (State.ASKING, State.RUNNING)
UNFINISHED = (State.RUNNING, State.STOPPING)
SILENT = _noop("The recorder was not heard of again.")
NOT_STARTED = _noop("The recorder could not be started.")
"""Why a recording failed, as it is stored; whoever reads it reads it in their language: `failure_words`."""
SILENT_AFTER = timedelta(hours=2)
"""So long after a meeting ended its recording may still be worked on; then it counts as lost."""


@dataclass(frozen=True)
class Start:
    """A recording everybody agreed to: what has to move first, if anything, where to record and into which file."""

    recording: str
    meeting: str
    move: carrying.Move | None
    room: RoomRef
    place: str


def why_not(meeting: Meeting) -> str:
    """Return why the call of `meeting` cannot be recorded, in words for staff; empty when it can."""
    if not carrying.rules_of(meeting).recording:
        return _("The rules of this business do not allow recording. A manager can change them under Visits.")
    if carrying.is_set_up(carrying.SFU) and not carrying.may_move(meeting, carrying.SFU):
        return _("The rules of this business keep calls between the browsers, where nothing can record them.")
    return not_set_up()


def not_set_up() -> str:
    """Return why this server can record nothing, in words for staff; empty when it can."""
    if not carrying.is_set_up(carrying.SFU):
        return carrying.no_media_server()
    if not backend_named(carrying.SFU).capabilities.recording or not settings.CONFIGURATION["RECORDINGS"]:
        return _("No folder for recordings is set up. Whoever runs this server can name one: VESTIBULE_RECORDINGS.")
    return ""


def current(meeting: Meeting) -> Recording | None:
    """Return the recording of `meeting` that everybody inside is told of: the latest one."""
    found: Recording | None = Recording.objects.filter(meeting=meeting).last()
    return found


def ask(seat_ref: str) -> Recording:
    """Ask everybody in the call; whoever asks agrees. Asking again changes nothing.

    Raises NotPermitted for a role that does not moderate, NotSetUp with the reason.
    """
    may_moderate(seat_ref)
    with writing():
        seat = locked_seat(seat_ref)
        reason = why_not(seat.meeting)
        if reason:
            raise NotSetUp(reason)
        if seat.state != SeatState.IN_CALL:
            raise NotAdmitted
        known: Recording | None = _open(seat.meeting)
        if known is not None:
            return known
        made: Recording = Recording.objects.create(
            business_id=seat.meeting.business_id,
            meeting=seat.meeting,
            asked_by=seat.name,
            consents={seat.ref: clock.now().isoformat()},
        )
        _note(seat, made, "recording_asked")
        return made


def answer(seat_ref: str, recording_ref: str, agree: bool) -> Recording:
    """Keep what somebody says to being recorded. A no refuses a recording asked for, and stops one that runs.

    Who never came in may agree beforehand, but stops nothing by a no. Raises NotAdmitted, NotFound.
    """
    with writing():
        seat = locked_seat(seat_ref)
        require_going_on(seat.meeting)
        if not is_in(seat):
            raise NotAdmitted
        recording = _locked(seat.meeting, recording_ref)
        if recording.state not in OPEN:
            return recording
        if agree:
            recording.consents = {**recording.consents, seat.ref: clock.now().isoformat()}
            _note(seat, recording, "recording_agreed")
        elif seat.state == SeatState.IN_CALL or seat.ref in recording.consents:
            recording.consents = {ref: at for ref, at in recording.consents.items() if ref != seat.ref}
            recording.state = State.REFUSED if recording.state == State.ASKING else State.STOPPING
            recording.ended_at = clock.now()
            _note(seat, recording, "recording_declined")
        recording.save()
        return recording


def stop(seat_ref: str) -> Recording | None:
    """End the recording, or the asking. Raises NotPermitted for a role that does not moderate."""
    may_moderate(seat_ref)
    with writing():
        seat = locked_seat(seat_ref)
        recording = _open(seat.meeting)
        if recording is None:
            return None
        recording.state = State.STOPPING if recording.state == State.RUNNING else State.REFUSED
        recording.ended_at = clock.now()
        recording.save(update_fields=["state", "ended_at"])
        _note(seat, recording, "recording_stopped")
        return recording


def require_consent(seat_ref: str) -> None:
    """Raise RecordingConsentNeeded if the call is being recorded, or about to be, and this person has not agreed."""
    recording = Recording.objects.filter(meeting__participants__ref=seat_ref, state__in=OPEN).last()
    if recording is not None and seat_ref not in recording.consents:
        raise RecordingConsentNeeded(recording.ref)


def join_call(seat_ref: str) -> Participant:
    """As `calls.join_call`, for somebody who agreed to a recording there may be. Raises RecordingConsentNeeded as well.

    Both under one lock: a call cannot begin to be recorded while somebody who was not asked comes in.
    """
    with writing():
        locked_seat(seat_ref)
        require_consent(seat_ref)
        return calls.join_call(seat_ref)


def claim_start(meeting_ref: str) -> Start | None:
    """Take the recording everybody in the call agreed to, to start it; None when there is none, or somebody has not.

    Of several that ask at once one gets it. Call `started` or `failed` afterwards. Raises NotSetUp.
    """
    with writing():
        meeting = locked_meeting(meeting_ref)
        recording = Recording.objects.filter(meeting=meeting, state=State.ASKING).last()
        inside = set(meeting.participants.filter(state=SeatState.IN_CALL).values_list("ref", flat=True))
        if recording is None or meeting.state in OVER or not inside or inside - set(recording.consents):
            return None
        move = carrying.for_recording(meeting)
        recording.state, recording.started_at = State.RUNNING, clock.now()
        recording.place = f"{meeting.ref}/{recording.ref}.mp4"
        recording.save(update_fields=["state", "started_at", "place"])
        room = move.room if move is not None else carrying.room_of(meeting)
        return Start(recording.ref, meeting.ref, move, room, recording.place)


def started(recording_ref: str, backend_ref: str) -> bool:
    """Note the media server's name of a recording; False if it was ended meanwhile, so must be stopped there."""
    with writing():
        recording = Recording.objects.select_for_update().get(ref=recording_ref)
        recording.backend_ref = backend_ref
        recording.save(update_fields=["backend_ref"])
        return bool(recording.state == State.RUNNING)


def still_to_stop() -> list[str]:
    """Return the media server's names of recordings that were ended here and that it has not ended yet."""
    since = clock.now() - SILENT_AFTER
    ended = Recording.objects.filter(state=State.STOPPING, ended_at__gt=since).exclude(backend_ref="")
    return list(ended.values_list("backend_ref", flat=True))


def is_unwanted(event: BackendEvent) -> bool:
    """Tell whether the media server records a meeting that nobody agreed to, or no longer: it has to be stopped."""
    wanted = Recording.objects.filter(meeting__ref=event.meeting, backend_ref=event.recording, state=State.RUNNING)
    return not wanted.exists()


def failed(recording_ref: str, why: str) -> None:
    """Note that a recording did not come to be, or was lost."""
    with writing():
        recording = Recording.objects.select_for_update().get(ref=recording_ref)
        if recording.state in (*UNFINISHED, State.ASKING):
            _fail(recording, why)


def learn(event: BackendEvent) -> str:
    """Take in what the media server tells of a recording; return its meeting's reference, empty when it is not ours."""
    with writing():
        rows = Recording.objects.select_for_update().filter(meeting__ref=event.meeting)
        recording = rows.filter(backend_ref=event.recording).last() or _nameless(rows)
        if recording is None:
            return ""
        if event.kind == "recording_started" and not recording.backend_ref:
            recording.backend_ref = event.recording
            recording.save(update_fields=["backend_ref"])
        elif event.kind == "recording_ended" and recording.state in UNFINISHED:
            if event.error:
                _fail(recording, event.error)
            else:
                _finish(recording, event)
        return event.meeting


def of_meeting(actor: Actor, meeting_ref: str) -> list[Recording]:
    """Return the recordings of a meeting, latest first, for who may see every appointment or hosts this one."""
    meeting = Meeting.objects.visible_to(actor).filter(ref=meeting_ref).first()
    if meeting is None:
        raise NotFound(_("There is no such visit here. Go back to the desk and open it from there."))
    _require_reader(actor, meeting)
    return list(Recording.objects.filter(meeting=meeting).order_by("-id"))


def opened(actor: Actor, recording_ref: str) -> tuple[Recording, Path]:
    """Return a finished recording and its file, and write down who took it.

    Raises NotFound, NotPermitted, or WrongState where there is no file.
    """
    recording = _readable(actor, recording_ref)
    path = file_of(recording)
    if recording.state != State.READY or path is None or not path.is_file():
        raise WrongState(_("This recording is not there: it is not finished, failed, or its time is over."))
    with writing():
        _record(actor, recording, "downloaded")
    return recording, path


def delete(actor: Actor, recording_ref: str) -> Recording:
    """Delete a finished recording before its time. Raises NotFound, NotPermitted."""
    recording = _readable(actor, recording_ref)
    _delete(actor, recording)
    return recording


def delete_due() -> int:
    """Delete every recording whose time is over and give up those nobody heard of again; return how many."""
    now = clock.now()
    due = Recording.objects.filter(state=State.READY, delete_after__lte=now)
    lost = Recording.objects.filter(state__in=UNFINISHED, meeting__ended_at__lte=now - SILENT_AFTER)
    count = 0
    for recording in due:
        _delete(SYSTEM, recording)
        count += 1
    for ref in lost.values_list("ref", flat=True):
        failed(ref, SILENT)
        count += 1
    return count


def failure_words(recording: Recording) -> str:
    """Return why a recording failed, in the reader's language where the words are ours; "" for one that did not."""
    return _(recording.failure) if recording.failure in (SILENT, NOT_STARTED) else str(recording.failure)


def file_of(recording: Recording) -> Path | None:
    """Return where a recording's file lies on this machine; None where no folder is set, or it would lie outside."""
    folder = settings.CONFIGURATION["RECORDINGS"]
    place = PurePosixPath(recording.place)
    if not folder or not recording.place or place.is_absolute() or ".." in place.parts:
        return None
    return Path(folder) / place


def _open(meeting: Meeting) -> Recording | None:
    found: Recording | None = Recording.objects.select_for_update().filter(meeting=meeting, state__in=OPEN).last()
    return found


def _locked(meeting: Meeting, ref: str) -> Recording:
    found: Recording | None = Recording.objects.select_for_update().filter(meeting=meeting, ref=ref).first()
    if found is None:
        raise NotFound(_("There is no such recording in this visit."))
    return found


def _nameless(rows: QuerySet[Recording]) -> Recording | None:
    """Return the recording that was started by a process that died before it could note the server's name for it."""
    found: Recording | None = rows.filter(backend_ref="", state__in=UNFINISHED).last()
    return found


def _finish(recording: Recording, event: BackendEvent) -> None:
    now = clock.now()
    recording.state, recording.ended_at = State.READY, recording.ended_at or now
    recording.size, recording.seconds = event.size, event.seconds
    recording.delete_after = now + timedelta(days=visit_rules.of(recording.business_id).recording_days)
    recording.save()
    _record(SYSTEM, recording, "ready")
    call_news.recorded(recording)


def _fail(recording: Recording, why: str) -> None:
    recording.state, recording.failure = State.FAILED, why[:300]
    recording.ended_at = recording.ended_at or clock.now()
    recording.save(update_fields=["state", "failure", "ended_at"])
    _record(SYSTEM, recording, "failed")


def _readable(actor: Actor, ref: str) -> Recording:
    recording = Recording.objects.visible_to(actor).select_related("meeting").filter(ref=ref).first()
    if recording is None:
        raise NotFound(_("There is no such recording here."))
    _require_reader(actor, recording.meeting)
    found: Recording = recording
    return found


def _require_reader(actor: Actor, meeting: Meeting) -> None:
    if not actor.may(Permission.HOST_ANY):
        require_host(actor, meeting)


def _delete(actor: Actor, recording: Recording) -> None:
    path = file_of(recording)
    if path is not None:
        path.unlink(missing_ok=True)
    with writing():
        row = Recording.objects.select_for_update().get(pk=recording.pk)
        if row.state != State.READY:
            return
        row.state = State.DELETED
        row.save(update_fields=["state"])
        _record(actor, row, "deleted")


def _note(seat: Participant, recording: Recording, event: str) -> None:
    happened(seat.meeting, seat, event, recording=recording.ref)
    actor = Actor(ActorKind.STAFF if seat.user_id else ActorKind.CONSUMER, seat.name, seat.meeting.business_id)
    _record(actor, recording, event.removeprefix("recording_"))


def _record(actor: Actor, recording: Recording, what: str) -> None:
    about = "meeting", recording.meeting.ref
    audit.record(actor, recording.business_id, f"recording.{what}", *about, recording=recording.ref)
