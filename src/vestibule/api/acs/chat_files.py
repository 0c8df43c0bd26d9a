"""Chat: pictures and files of a thread, for whoever may read the message they came with. Fetched by their token."""

from typing import Final

from vestibule.api.acs import chat_wire as wire
from vestibule.api.acs.asked import TOKEN, Asked
from vestibule.api.acs.chat_wire import ALL
from vestibule.api.acs.faults import Fault
from vestibule.api.plain import Answer, Operations
from vestibule.chat import files, reading
from vestibule.chat.models import Attachment, Message

operations: Operations[Asked] = Operations()
AT: Final = "/chat/threads/{chatThreadId}"


@operations.on("GET", f"{AT}/images/{{imageId}}/views/{{view}}", by=TOKEN, service="chat", scopes=ALL, operation="")
def picture(asked: Asked) -> Answer:
    """Hand out a picture, or a small one of it."""
    if asked.params["view"] not in ("original", "small"):
        raise Fault(404, "NotFound", "A picture is shown as `original` or `small`.")
    file = _file(asked, asked.params["imageId"])
    if asked.params["view"] == "small" and file.thumbnail is not None:
        return Answer(200, bytes(file.thumbnail), kind="image/jpeg")
    return _whole(file)


@operations.on("GET", f"{AT}/files/{{fileId}}", by=TOKEN, service="chat", scopes=ALL, operation="")
def file(asked: Asked) -> Answer:
    """Hand out a file, to be kept and not to be shown."""
    return _whole(_file(asked, asked.params["fileId"]), **{"Content-Disposition": "attachment"})


def _file(asked: Asked, ref: str) -> Attachment:
    thread, person = reading.of(asked.caller.business_id, wire.ref_of(asked), wire.key_of(asked))
    found = files.ready(thread.pk, wire.plain_ref(ref))
    stamp = Message.objects.filter(attachment=found).values_list("stamp", flat=True).first()
    reading.message(thread, person, stamp or 0)
    return found


def _whole(found: Attachment, **headers: str) -> Answer:
    return Answer(200, headers=headers, kind=found.media_type, pieces=files.pieces(found), size=found.size)
