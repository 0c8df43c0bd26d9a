"""What people mean who answer a text message: stop, start, help, comes, cancels, late; in the words of many countries.

The English words for stop are those carriers in North America require (CTIA, Messaging Principles and Best Practices;
FCC 24-24 for "revoke" and "opt out"); there "cancel" ends messages, so an appointment is cancelled by X alone.
"""

import re
import unicodedata
from dataclasses import dataclass

from vestibule.notifications.models import IncomingText

Meaning = IncomingText.Meaning
LATE_AT_MOST = 120
USUALLY_LATE = 10

WORDS: dict[str, str] = {
    Meaning.STOP: (
        "stop stopall stop-all unsubscribe end quit cancel revoke optout opt-out remove"
        " stopp abmelden austragen arret desabonner alto baja parar cancelar sair basta cancella afmelden stoppen"
        " rezygnuje koniec stopp توقف ايقاف الغاء قف"
    ),
    Meaning.START: "start unstop subscribe anmelden reprendre alta iniciar comecar inizia aanmelden wznow ابدا اشتراك",
    Meaning.HELP: "help info hilfe aide ayuda ajuda aiuto hulp pomoc مساعدة",
    Meaning.CONFIRM: "c confirm confirmed yes y ok okay ja j oui si sim tak ano nai 1 نعم",
    Meaning.CANCEL: "x",
    Meaning.LATE: "l late verspaetet verspatet retard tarde atrasado ritardo laat spozniony متاخر",
}
_MEANINGS = {word: Meaning(meaning) for meaning, words in WORDS.items() for word in words.split()}
_MARKS = re.compile(r"[^\w\s-]", re.UNICODE)
_NUMBER = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True)
class Reply:
    """What a text means; `minutes` is how late, where it says so or is late at all."""

    meaning: Meaning
    minutes: int = 0


def read(text: str) -> Reply:
    """Return what a text means. One word decides, in any case and with or without accents and full stops.

    A sentence means something else, and is left to people: "I cannot stop coughing" ends nothing. Late may be said
    with how many minutes.
    """
    words = _MARKS.sub(" ", _plain(text)).split()
    if not words:
        return Reply(Meaning.OTHER)
    meaning = _MEANINGS.get(words[0]) or _MEANINGS.get("".join(words) if len(words) == 2 else "")
    if meaning is Meaning.LATE and len(words) <= 3:
        found = _NUMBER.search(" ".join(words[1:]))
        minutes = int(found.group()) if found else USUALLY_LATE
        return Reply(meaning, minutes) if 1 <= minutes <= LATE_AT_MOST else Reply(Meaning.OTHER)
    if meaning is None or (len(words) > 1 and _MEANINGS.get("".join(words)) is None):
        return Reply(Meaning.OTHER)
    return Reply(meaning)


def _plain(text: str) -> str:
    """Return a text in small letters, without accents and what cannot be seen."""
    folded = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
