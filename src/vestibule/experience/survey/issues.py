"""What may not have worked in a visit: the words of the end-of-call survey of Azure Communication Services.

An id is a topic and the name that survey has for the issue ("audio.NoLocalAudio"), so that both can be counted
together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Topic:
    """One part of a visit, and what may not have worked of it: (name, words) each."""

    name: str
    words: Promise
    issues: Sequence[tuple[str, Promise]]

    @property
    def choices(self) -> list[tuple[str, Promise]]:
        """The ids of this topic's issues with their words."""
        return [(f"{self.name}.{name}", words) for name, words in self.issues]


TOPICS = (
    Topic(
        "overall",
        _("The visit as a whole"),
        (
            ("CallCannotJoin", _("I could not get in")),
            ("CallCannotInvite", _("I could not bring in somebody else")),
            ("HadToRejoin", _("I had to come in again")),
            ("CallEndedUnexpectedly", _("It ended all of a sudden")),
            ("OtherIssues", _("Something else")),
        ),
    ),
    Topic(
        "audio",
        _("Sound"),
        (
            ("NoLocalAudio", _("Nobody heard me")),
            ("NoRemoteAudio", _("I did not hear the others")),
            ("Echo", _("There was an echo")),
            ("AudioNoise", _("There was noise")),
            ("LowVolume", _("It was too quiet")),
            ("AudioStoppedUnexpectedly", _("The sound stopped all of a sudden")),
            ("DistortedSpeech", _("Voices were distorted")),
            ("AudioInterruption", _("The sound broke up")),
            ("OtherIssues", _("Something else with the sound")),
        ),
    ),
    Topic(
        "video",
        _("Picture"),
        (
            ("NoVideoReceived", _("I did not see the others")),
            ("NoVideoSent", _("Nobody saw me")),
            ("LowQuality", _("The picture was blurred")),
            ("Freezes", _("The picture froze")),
            ("StoppedUnexpectedly", _("The picture stopped all of a sudden")),
            ("DarkVideoReceived", _("The picture was too dark")),
            ("AudioVideoOutOfSync", _("Sound and picture did not match")),
            ("OtherIssues", _("Something else with the picture")),
        ),
    ),
    Topic(
        "screenshare",
        _("Shared screen"),
        (
            ("NoContentLocal", _("I did not see what was shown")),
            ("NoContentRemote", _("The others did not see what I showed")),
            ("CannotPresent", _("I could not show my screen")),
            ("LowQuality", _("What was shown was blurred")),
            ("Freezes", _("What was shown froze")),
            ("StoppedUnexpectedly", _("Showing stopped all of a sudden")),
            ("LargeDelay", _("What was shown came late")),
            ("OtherIssues", _("Something else with the shared screen")),
        ),
    ),
)
WORDS = {name: words for topic in TOPICS for name, words in topic.choices}
"""The words of each issue by its id, in the order in which they are shown."""
