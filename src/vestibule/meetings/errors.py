"""Why a meeting says no."""

from datetime import datetime

from django.utils.translation import gettext as _

from vestibule.people.errors import Refusal


class NotAdmitted(Refusal):
    """Only staff let people in; this person is still at the door."""

    code = "not_admitted"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("You are not in the meeting yet. Please wait until you are let in."))


class HeldElsewhere(Refusal):
    """The visit is held in Teams: there is no call of ours to join."""

    code = "held_elsewhere"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This visit takes place in Microsoft Teams. The way there is shown on this page."))


class WrongState(Refusal):
    """The person or meeting is not in a state in which this can happen."""

    code = "wrong_state"
    status = 409


class NotDialled(Refusal):
    """No telephone service placed the call; staff dial by hand."""

    code = "not_dialled"
    status = 503


class NoCallToken(Refusal):
    """The vendor that carries the call gives no token now, or the room there does not know this seat yet."""

    code = "no_call_token"
    status = 503

    def __init__(self) -> None:
        words = _("The service that carries this call does not answer as it should. Try again in a few seconds.")
        super().__init__(words, retry_after=5)


class TooEarly(Refusal):
    """The waiting room is still closed; `facts["opens_at"]` says when it opens."""

    code = "too_early"
    status = 409

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(
            _("The waiting room is not open yet. Keep this page open; you can come in shortly before your visit."),
            opens_at=opens_at,
        )


class MeetingOver(Refusal):
    """The meeting has ended or was cancelled."""

    code = "meeting_over"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            _("This visit is over, so nobody can come in any more. Book a new appointment if you need one.")
        )


class CallFull(Refusal):
    """As many people as the backend carries are in the call."""

    code = "call_full"
    status = 409

    def __init__(self, limit: int) -> None:
        super().__init__(
            _(
                "%(limit)s people are in the call, and it holds no more. Stay on this page and try again when "
                "somebody has left, or write a message."
            )
            % {"limit": limit},
            limit=limit,
        )


class RoomLocked(Refusal):
    """Nobody new gets in until whoever locked the room unlocks it."""

    code = "room_locked"
    status = 409

    def __init__(self, *, for_staff: bool) -> None:
        if for_staff:
            words = _("The room is locked, so nobody new can come in. Unlock it in the call, or ask who is in it to.")
        else:
            words = _("The room is locked just now, so nobody new can come in. Stay on this page and try again soon.")
        super().__init__(words)


class NotInvitedToChat(Refusal):
    """Somebody who waits wrote many messages that nobody answered yet."""

    code = "not_invited_to_chat"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Nobody has answered yet, so this was not sent. Staff can see that you wait and write."))


class NotSetUp(Refusal):
    """What was asked needs something that is not set up here, or that the business' rules exclude."""

    code = "not_set_up"
    status = 409


class BackendSilent(Refusal):
    """What carries calls did not do what was asked of it."""

    code = "backend_failed"
    status = 503

    def __init__(self, backend: str = "") -> None:
        super().__init__(
            _("The media server does not answer, so nothing changed and the call goes on as it is. Try again soon."),
            backend=backend,
        )


class RecordingConsentNeeded(Refusal):
    """The call is recorded, or is about to be, and this person has not agreed; `facts["recording"]` names it."""

    code = "recording_consent"
    status = 409

    def __init__(self, recording: str) -> None:
        super().__init__(
            _(
                "This visit is being recorded. You can come in once you agree to that. "
                "If you do not, tell the others by message, and they can end the recording."
            ),
            recording=recording,
        )


class QueueClosed(Refusal):
    """A waiting area takes nobody new at the moment; `facts["opens_at"]` says when it does again, if known."""

    code = "closed"
    status = 409

    def __init__(self, sentence: str, opens_at: datetime | None = None) -> None:
        super().__init__(sentence, **({"opens_at": opens_at} if opens_at is not None else {}))


class IdentityNotConfirmed(Refusal):
    """The area asks who people are, and nobody has confirmed this person yet."""

    code = "identity_not_confirmed"
    status = 409

    def __init__(self, name: str) -> None:
        words = _("%(name)s has not been recognised yet, so nobody was let in. Compare what they gave, then confirm.")
        super().__init__(words % {"name": name})


class IdentityWrong(Refusal):
    """What was given is not what the business knows; `facts["tries_left"]` says how often they may try again."""

    code = "identity_wrong"
    status = 422

    def __init__(self, tries_left: int) -> None:
        words = _("This is not the date of birth that was given when booking. Check day, month and year.")
        super().__init__(words, field="birth_date", tries_left=tries_left)


class PlaceLocked(Refusal):
    """Too many wrong tries: staff have to unlock this place."""

    code = "locked"
    status = 423

    def __init__(self) -> None:
        super().__init__(_("That was wrong too often, so this link is locked. Staff know, and can help you by phone."))


class ChangedElsewhere(Refusal):
    """The same text was changed in another tab or on another device meanwhile."""

    code = "changed_elsewhere"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This was changed in another tab meanwhile, so it was not kept here. Copy it, and load the page again.")
        )
