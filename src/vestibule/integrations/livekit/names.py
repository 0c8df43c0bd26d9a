"""Names of our rooms on a LiveKit server, which other programs may use as well."""

from vestibule.meetings.ports import RoomRef

PREFIX = "vestibule."


def room_name(room: RoomRef) -> str:
    """Return the server's name of a room; each epoch has its own, so that an old token opens nothing newer."""
    return f"{PREFIX}{room.room}.{room.epoch}"


def meeting_of(name: str) -> tuple[str, int]:
    """Return the meeting and the epoch a room's name stands for, `("", 0)` for a room that is not ours."""
    meeting, _, epoch = name.removeprefix(PREFIX).rpartition(".")
    if not name.startswith(PREFIX) or not meeting or not (epoch.isascii() and epoch.isdigit() and len(epoch) < 9):
        return "", 0
    return meeting, int(epoch)
