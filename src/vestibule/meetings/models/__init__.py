"""Tables of meetings: waiting areas, meetings, seats, and what stays of a visit."""

from vestibule.meetings.models.aftermath import CallRequest, Recording, VisitNote, VisitRecord
from vestibule.meetings.models.areas import AreaMedia, DeskAlerts, PreparedText, WaitingArea
from vestibule.meetings.models.online import OnlineMeeting
from vestibule.meetings.models.outside import OutsideIdentity, OutsidePlace, OutsideThread
from vestibule.meetings.models.places import Meeting, VisitRules
from vestibule.meetings.models.relays import RelayCheck
from vestibule.meetings.models.seats import TURNED_AWAY, WAITS, MeetingEvent, Participant, ParticipantQuerySet

__all__ = [
    "TURNED_AWAY",
    "WAITS",
    "AreaMedia",
    "CallRequest",
    "DeskAlerts",
    "Meeting",
    "MeetingEvent",
    "OnlineMeeting",
    "OutsideIdentity",
    "OutsidePlace",
    "OutsideThread",
    "Participant",
    "ParticipantQuerySet",
    "PreparedText",
    "Recording",
    "RelayCheck",
    "VisitNote",
    "VisitRecord",
    "VisitRules",
    "WaitingArea",
]
