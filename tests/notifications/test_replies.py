"""What a text message is understood as: one word, in any case, in the words of many countries; never a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.notifications import replies
from vestibule.notifications.replies import Meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *[(word, "stop") for word in ("STOP", "stop.", " Stop! ", "StopAll", "STOP ALL", "opt out", "Opt-Out", "QUIT")],
        *[(word, "stop") for word in ("Stopp", "ARRÊT", "arret", "BAJA", "Parar", "afmelden", "cancel", "توقف")],
        *[(word, "start") for word in ("START", "unstop", "Reprendre", "anmelden")],
        *[(word, "help") for word in ("HELP", "info", "Hilfe", "Aide", "AYUDA", "مساعدة")],
        *[(word, "confirm") for word in ("C", "c", "Yes", "ok", "Ja", "Oui!", "SÍ", "Sim", "tak", "نعم")],
        *[(word, "cancel") for word in ("X", "x.", " x ")],
        *[(word, "late") for word in ("L", "late", "L 15", "verspätet", "late 20 min")],
        *[(word, "other") for word in ("", "   ", "?!", "\u200f", "I cannot stop coughing", "stop by at nine", "xx")],
        *[(word, "other") for word in ("L 500", "late because of the bus", "yes but at ten", "can I cancel")],
    ],
)
def test_one_word_decides_and_a_sentence_is_left_to_people(text: str, meaning: str) -> None:
    assert replies.read(text).meaning == meaning


def test_how_late_is_said_with_it_or_taken_to_be_ten_minutes() -> None:
    assert [replies.read(text).minutes for text in ("L", "L 25", "late 5 min")] == [10, 25, 5]


@given(st.text(max_size=200))
def test_whatever_is_sent_means_something(text: str) -> None:
    reply = replies.read(text)
    assert reply.meaning in Meaning
    assert (reply.minutes > 0) == (reply.meaning == Meaning.LATE)
