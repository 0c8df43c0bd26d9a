"""What is asked after a visit.

    {"consumer": [QUESTION…], "provider": [QUESTION…], "elsewhere_url": ""}

`consumer` is asked of consumers and those they bring, `provider` of providers; at most 20 each, in this order, [] asks
nothing. A QUESTION is

    {"kind": "stars", "text": "How was your visit?", "texts": {"de": "Wie war Ihr Termin?"}, "choices": [],
     "is_required": false, "asks_comment": true}

`kind` is one of stars (1 to 5), thumbs (yes or no), nps (0 to 10), choice (one of several), many (several of several),
text (words of their own), issues (what did not work, from a list that is built in). `text` has 1 to 200 characters in
the language of the business, `texts` the same in others by their code, as many as are translated. `choice` and `many`
have 2 to 20 `choices` `{"id": "too-long", "text": "It took too long", "texts": {"de": "Es dauerte zu lange"}}`: `id` of
small letters, digits and hyphens is what is counted, `text` has at most 100 characters; other kinds have none.
`asks_comment` offers a box for words besides (text has it anyhow). Only `kind` and `text` must be there.

A question of the same kind, text and choices (more of them may be added, all may be reworded) goes on with the answers
it has; any other is a new one. `elsewhere_url` is the https address of somebody else's form, asked instead of
`consumer`; "" for none. Its key is secret and no part of this.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from vestibule.experience import survey
from vestibule.experience.models import SurveyQuestion
from vestibule.experience.sections import Section
from vestibule.experience.sections.described import address, by_language, entry, flag, many, one_of, text
from vestibule.experience.sections.wanted import changed, under
from vestibule.experience.survey import Audience, Wanted, elsewhere
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor

AUDIENCES = (str(Audience.CONSUMER), str(Audience.PROVIDER))
KEYS = (*AUDIENCES, "elsewhere_url")
ONE = ("kind", "text", "texts", "choices", "is_required", "asks_comment")


def read(business: Business) -> dict[str, Any]:
    """Return what is asked now."""
    asked = {audience: [_told(row) for row in survey.of(business, audience)] for audience in AUDIENCES}
    return {**asked, "elsewhere_url": elsewhere.url_of(business)}


def write(actor: Actor, business: Business, wanted: Any, was: Any) -> None:
    """Change what differs."""
    with under(SECTION.name):
        changes = changed(wanted, was, KEYS)
        for audience in AUDIENCES:
            if audience in changes:
                survey.put(actor, business, audience, _questions(audience, changes[audience]))
        if "elsewhere_url" in changes:
            elsewhere.put(actor, business, changes["elsewhere_url"])


def _told(row: SurveyQuestion) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ONE}


def _questions(audience: str, given: Any) -> list[Wanted]:
    if not isinstance(given, list):
        raise Invalid(_("The questions have to be a list."), field=audience)
    return [_question(f"{audience}.{number}", one) for number, one in enumerate(given)]


def _question(path: str, given: Any) -> Wanted:
    if not isinstance(given, Mapping) or not {"kind", "text"} <= set(given) <= set(ONE):
        raise Invalid(_("This question cannot be read. Write it again."), field=path)
    return Wanted(**given)


_CHOICE = entry(
    "One answer to choose.",
    {
        "id": text("What is counted.", 40, least=1, pattern=r"^[a-z0-9-]+$"),
        "text": text("As it is read.", 100, least=1),
        "texts": by_language("The same in other languages.", 100),
    },
    required=("id", "text"),
)
_QUESTION = entry(
    "One question.",
    {
        "kind": one_of("How it is answered.", SurveyQuestion.Kind.values),
        "text": text("The question, in the language of the business.", 200, least=1),
        "texts": by_language("The same in other languages.", 200),
        "choices": many("What can be chosen, of kinds that have choices.", _CHOICE, 20),
        "is_required": flag("Nothing is sent without an answer."),
        "asks_comment": flag("A box for words of their own stands below it."),
    },
    required=("kind", "text"),
)
SCHEMA = entry(
    "What is asked after a visit.",
    {
        "consumer": many("Of consumers and those they bring.", _QUESTION, 20),
        "provider": many("Of providers.", _QUESTION, 20),
        "elsewhere_url": address("Somebody else's form, asked instead of consumers' questions."),
    },
)
SECTION = Section("survey", read, write, SCHEMA)
