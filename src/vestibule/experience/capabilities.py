"""What a business can do in the ways it has chosen: by us, by Microsoft in our place, or not at all, with the reason.

What holds for our own ways throughout is not listed here: all of it works.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.people.models import BusinessWays


class By(StrEnum):
    """By whom something is done."""

    US = "us"
    THEM = "them"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Capability:
    """One thing people can do, or not. `why` is "" where we do it as ever."""

    title: str
    by: By
    why: str = ""


Verdict = tuple[By, str]
Judge = Callable[[BusinessWays], Verdict]
AS_EVER: Verdict = (By.US, "")
IN_TEAMS = gettext_noop("Teams has its own, in the meeting.")
THEIR_PAGE = gettext_noop("The page of Bookings does not know it.")
THEIR_MESSAGES = gettext_noop("Bookings writes its own messages, which cannot do that.")


def of(ways: BusinessWays) -> list[tuple[str, list[Capability]]]:
    """Return all capabilities by area, in the ways given."""
    return [(_(area), [_capability(title, judge, ways) for title, judge in listed]) for area, listed in AREAS]


def changed(ways: BusinessWays) -> list[tuple[str, list[Capability]]]:
    """Return only what is not as it would be with ours throughout; areas without any are left out."""
    found = [(area, [one for one in listed if one.why]) for area, listed in of(ways)]
    return [(area, listed) for area, listed in found if listed]


def options_elsewhere(ways: BusinessWays) -> dict[str, str]:
    """Return the options of visits (`VisitRules`) that have no meaning in these ways, each with the reason."""
    if ways.place == "teams":
        return dict.fromkeys(IN_THE_CALL, _("Visits are held in Teams, which has its own. What is chosen here stays."))
    if ways.join == "acs_calling":
        return dict.fromkeys(NOT_BY_AZURE, _("Microsoft’s calling software carries the call: this is not ours to do."))
    return {}


def _capability(title: str, judge: Judge, ways: BusinessWays) -> Capability:
    by, why = judge(ways)
    return Capability(_(title), by, _(why) if why else "")


def _in_call(theirs: str = IN_TEAMS, *, with_azure: Verdict = AS_EVER) -> Judge:
    def judge(ways: BusinessWays) -> Verdict:
        if ways.place == "teams":
            return By.THEM, theirs
        return with_azure if ways.join == "acs_calling" else AS_EVER

    return judge


def _only_own_call(why: str) -> Judge:
    def judge(ways: BusinessWays) -> Verdict:
        return AS_EVER if ways.place != "teams" and ways.join == "own" else (By.NOBODY, why)

    return judge


def _on_our_page(why: str = THEIR_PAGE) -> Judge:
    return lambda ways: AS_EVER if ways.page == "own" else (By.NOBODY, why)


def _in_our_messages(why: str = THEIR_MESSAGES) -> Judge:
    return lambda ways: AS_EVER if ways.reminders != "bookings" else (By.NOBODY, why)


def _device_check(ways: BusinessWays) -> Verdict:
    if ways.join == "teams_web":
        return By.US, gettext_noop("Offered before the visit; Teams asks for camera and microphone once more.")
    return AS_EVER


def _messages_beside(ways: BusinessWays) -> Verdict:
    if ways.place == "teams":
        return By.US, gettext_noop("Beside the meeting, on our page and the desk: Teams’ own chat is another one.")
    return AS_EVER


def _how_it_went(ways: BusinessWays) -> Verdict:
    if ways.place == "teams":
        return By.US, gettext_noop(
            "From what the desk and the waiting room know: Teams does not tell when people leave."
        )
    return AS_EVER


def _rules(ways: BusinessWays) -> Verdict:
    if ways.scheduler == "bookings":
        return By.THEM, gettext_noop("Set in Bookings, and followed here.")
    return AS_EVER


def _at_once(ways: BusinessWays) -> Verdict:
    if ways.scheduler == "bookings":
        return By.US, gettext_noop(
            "What is changed in Bookings is seen here minutes later; both at once is shown to staff."
        )
    return AS_EVER


def _surveys(ways: BusinessWays) -> Verdict:
    if ways.reminders == "bookings":
        return By.US, gettext_noop("Asked when people come back from the visit, not by a message later.")
    return AS_EVER


NOT_BY_AZURE = ("backend", "hides_addresses", "recording", "recording_days", "captions")
IN_THE_CALL = (*NOT_BY_AZURE, "blur", "consumers_share", "staff_share")
RECORDING = gettext_noop("Staff record in Teams, by the rules of your tenant.")
NOT_WITH_AZURE = gettext_noop("Microsoft’s calling software carries the call, where we cannot record.")
AREAS: tuple[tuple[str, tuple[tuple[str, Judge], ...]], ...] = (
    (
        gettext_noop("Booking"),
        (
            (gettext_noop("Hours, notice, buffers and windows"), _rules),
            (gettext_noop("How soon changes are seen"), _at_once),
            (gettext_noop("Your brand and languages on the booking page"), _on_our_page()),
            (gettext_noop("Questions with files, and consents with their wording"), _on_our_page()),
            (gettext_noop("Waitlist, series and requests for approval"), _on_our_page()),
            (gettext_noop("Rooms and devices shared by appointments"), _on_our_page()),
        ),
    ),
    (
        gettext_noop("Messages"),
        (
            (gettext_noop("Your own words, in the consumer’s language"), _in_our_messages()),
            (gettext_noop("Text messages by any gateway, in any country"), _in_our_messages()),
            (gettext_noop("Answers by one tap or one letter"), _in_our_messages()),
            (gettext_noop("Quiet hours and discreet messages"), _in_our_messages()),
        ),
    ),
    (
        gettext_noop("Before the visit"),
        (
            (gettext_noop("Waiting room, queue and desk"), lambda ways: AS_EVER),
            (gettext_noop("Check of camera and microphone"), _device_check),
            (gettext_noop("Messages and files beside the visit"), _messages_beside),
        ),
    ),
    (
        gettext_noop("In the visit"),
        (
            (gettext_noop("Sharing the screen"), _in_call()),
            (gettext_noop("Blurred background"), _in_call()),
            (gettext_noop("Captions"), _in_call()),
            (gettext_noop("Recording"), _in_call(RECORDING, with_azure=(By.NOBODY, NOT_WITH_AZURE))),
            (
                gettext_noop("Encryption from end to end, with a code to compare"),
                _only_own_call(gettext_noop("Microsoft carries the sound and the picture, and could look in.")),
            ),
            (
                gettext_noop("Coming back by itself after a network change"),
                _in_call(gettext_noop("As Teams does it.")),
            ),
            (gettext_noop("What became of the visit"), _how_it_went),
        ),
    ),
    (gettext_noop("After the visit"), ((gettext_noop("Survey and notes"), _surveys),)),
)
