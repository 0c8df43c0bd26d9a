"""`POST /hooks/livekit`: the media server tells who came and left its rooms, and what became of recordings."""

import asyncio
import hashlib
import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from vestibule.meetings import carrying, recordings
from vestibule.meetings.backends import backend_named
from vestibule.meetings.ports import BackendError, BackendEvent, BadSignature, RoomRef
from vestibule.people import remembered
from vestibule.people.problems import problem

log = logging.getLogger(__name__)
LARGEST = 256 * 1024
SCOPE = "hooks.livekit"


@csrf_exempt
@require_POST
def told(request: HttpRequest) -> HttpResponse:
    """Take one signed event; 204 when taken, also when it was before. 401 for what the media server did not send."""
    if not carrying.is_set_up(carrying.SFU):
        raise Http404
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return problem(413, "too_large", "An event has at most 256 KB.")
    try:
        events = backend_named(carrying.SFU).verify_webhook(body, dict(request.headers.items()))
    except BadSignature as refused:
        return problem(401, "bad_signature", str(refused))
    for event in events:
        _once(event, body)
    return HttpResponse(status=204)


def _once(event: BackendEvent, body: bytes) -> None:
    """Act on an event the first time it is told; acting twice would be harmless, and is not done."""

    def act() -> tuple[int, bytes]:
        if event.kind.startswith("recording_"):
            recordings.learn(event)
        else:
            carrying.note(event)
        return 204, b""

    fingerprint = hashlib.sha256(body).hexdigest()
    try:
        *_answer, was_known = remembered.answer_once(SCOPE, event.id, fingerprint, act)
    except remembered.IdempotencyMismatch:
        return  # the same event in other words is the same event
    if not was_known and event.kind == "joined" and carrying.is_intruder(event):
        _put_out(event)
    if not was_known and event.kind == "recording_started" and recordings.is_unwanted(event):
        _stop(event)


def _put_out(event: BackendEvent) -> None:
    """Somebody came in with a token from before they were removed, or after the end."""
    room = RoomRef(carrying.SFU, event.meeting, epoch=event.epoch)
    log.warning("somebody who is not let in came into the room of %s and is put out", event.meeting)
    try:
        asyncio.run(backend_named(carrying.SFU).remove(room, event.participant))
    except BackendError as failure:
        log.warning("they could not be put out: %s", failure)


def _stop(event: BackendEvent) -> None:
    """A recording began that counts as failed, since the answer to its start was lost, or that nobody agreed to."""
    log.warning("a recording of %s that is not wanted is stopped", event.meeting)
    try:
        asyncio.run(backend_named(carrying.SFU).stop_recording(event.recording))
    except BackendError as failure:
        log.warning("it could not be stopped: %s", failure)
