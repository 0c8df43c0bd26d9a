"""Looking into files after they came whole: a scanner first, then pictures are drawn anew. Never within a request.

Whatever fails in between leaves the file as it is, being checked, and it is looked at again.
"""

import logging
from datetime import timedelta
from typing import Final

from vestibule.chat import files, scanning
from vestibule.chat.models import Attachment
from vestibule.chat.ports import ScannerError
from vestibule.store import clock, file_kinds, pictures
from vestibule.store.transactions import writing

log = logging.getLogger(__name__)
State = Attachment.State
TRIED_FOR: Final = timedelta(hours=1)
_KIND_OF: Final = {media_type: kind for kind, media_type in file_kinds.TYPES.items()}


def check_due(*, waited: timedelta = timedelta(0)) -> list[Attachment]:
    """Look into every file that came whole at least `waited` ago; return those that are decided now.

    Files a scanner could not be asked about stay, and are refused after an hour.
    """
    due = Attachment.objects.filter(state=State.CHECKING, finished_at__lte=clock.now() - waited)
    decided = []
    for file in due.defer("content", "thumbnail").order_by("pk")[:20]:
        try:
            if check(file):
                decided.append(file)
        except ScannerError as silent:
            log.warning("a file waits for the scanner: %s", silent)
            if file.finished_at is not None and clock.now() - file.finished_at > TRIED_FOR:
                decided.extend([file] if _decide(file, State.REFUSED, refusal="not_checked") else [])
    return decided


def check(file: Attachment) -> bool:
    """Look into one file and store what it is; False when somebody else did, or it is gone. Raises ScannerError."""
    scanner = scanning.scanner()
    if scanner is not None:
        verdict = scanner.scan(files.parts(file))
        if not verdict.is_clean:
            log.warning("file %s is harmful (%s) and was taken away", file.ref, verdict.found[:100])
            return _decide(file, State.QUARANTINED, refusal="infected")
    if _KIND_OF.get(file.media_type) in pictures.KINDS:
        return _draw(file, is_scanned=scanner is not None)
    return _decide(file, State.READY, is_scanned=scanner is not None)


def _draw(file: Attachment, *, is_scanned: bool) -> bool:
    try:
        picture = pictures.draw_anew(b"".join(files.parts(file)))
    except pictures.TooManyPixels:
        return _decide(file, State.REFUSED, refusal="too_many_pixels")
    except pictures.NotAPicture:
        return _decide(file, State.REFUSED, refusal="not_a_picture")
    name = file_kinds.clean_name(file.name.rpartition(".")[0], _KIND_OF[picture.media_type])
    return _decide(
        file,
        State.READY,
        is_scanned=is_scanned,
        name=name,
        media_type=picture.media_type,
        size=len(picture.content),
        width=picture.width,
        height=picture.height,
        content=picture.content,
        thumbnail=picture.thumbnail,
    )


def _decide(file: Attachment, state: Attachment.State, **fields: object) -> bool:
    """Store the outcome, once. Of what is not handed out as it came, the bytes that came are deleted."""
    fields |= {"state": state, "checked_at": clock.now()}
    with writing():
        if not Attachment.objects.filter(pk=file.pk, state=State.CHECKING).update(**fields):
            return False
        if state != State.READY or "content" in fields:
            file.parts.all().delete()
    for name, value in fields.items():
        setattr(file, name, value)
    return True
