"""What a business asks after visits: several questions for each audience, put in place together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vestibule.booking.setup import values
from vestibule.booking.setup.values import permit
from vestibule.experience.models import SurveyQuestion
from vestibule.experience.survey import elsewhere
from vestibule.meetings.models import Participant
from vestibule.people import audit
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store.transactions import writing

MOST_QUESTIONS = 20
MOST_CHOICES = 20
LONGEST_TEXT = 200
LONGEST_CHOICE = 100
Kind = SurveyQuestion.Kind
Audience = SurveyQuestion.Audience
SCORES = {Kind.STARS: range(1, 6), Kind.THUMBS: range(2), Kind.NPS: range(11)}
"""The scores of the kinds that have one, lowest first."""
WITH_CHOICES = (Kind.CHOICE, Kind.MANY)
_text = values.text(LONGEST_TEXT, least=1)
_choice_text = values.text(LONGEST_CHOICE, least=1)
_choice_id = values.word(40)


@dataclass(frozen=True)
class Wanted:
    """One question to ask. `texts` has the text in other languages; `choices` are `{"id", "text", "texts"}`.

    With `ref`, that question is reworded: it goes on, and its answers are counted together with those to come.
    """

    kind: str
    text: str
    texts: Mapping[str, Any] = field(default_factory=dict)
    choices: Sequence[Any] = ()
    is_required: bool = False
    asks_comment: bool = False
    ref: str = ""


def of(business: Business, audience: str) -> list[SurveyQuestion]:
    """Return what is asked of an audience now, in order."""
    rows = SurveyQuestion.objects.filter(business=business, audience=audience, is_active=True)
    return list(rows.order_by("position", "id"))


def is_asked(business: Business) -> bool:
    """Tell whether this business asks consumers how a visit was, by itself or elsewhere."""
    return bool(of(business, Audience.CONSUMER)) or bool(elsewhere.url_of(business))


def audience_of(participant: Participant) -> str:
    """Return whose questions somebody in a visit is asked."""
    is_staff = participant.kind == Participant.Kind.PROVIDER
    return str(Audience.PROVIDER if is_staff else Audience.CONSUMER)


def asked_of(participant: Participant) -> list[SurveyQuestion]:
    """Return what this participant is asked now: nothing of somebody whom nobody let in, or who is asked elsewhere."""
    business, audience = participant.meeting.business, audience_of(participant)
    if participant.admitted_at is None or (audience == Audience.CONSUMER and elsewhere.url_of(business)):
        return []
    return of(business, audience)


def in_language(text: str, texts: Mapping[str, str], language: str | None = None) -> str:
    """Return a text in the reader's language (None: that of the page), else in that of the business."""
    tag = (language or get_language() or "").lower()
    return texts.get(tag) or texts.get(tag.split("-")[0]) or text


def put(actor: Actor, business: Business, audience: str, wanted: Sequence[Wanted]) -> list[SurveyQuestion]:
    """Ask exactly these questions of an audience from now on, in this order; none asks nothing.

    A question of the same kind and text, and with the choices it had, stays the question it was, also one that was
    asked before; any other is a new one, and answers given stay with what was asked.
    Raises Invalid with a field such as "consumer.0.text".
    """
    permit(actor, business.pk, Permission.MANAGE_SETUP)
    values.choice(Audience.values)(audience, "audience")
    if len(wanted) > MOST_QUESTIONS:
        raise Invalid(
            _("Ask at most %(most)s questions; fewer are answered more.") % {"most": MOST_QUESTIONS}, field=audience
        )
    clean = [_checked(one, f"{audience}.{number}") for number, one in enumerate(wanted)]
    for number, one in enumerate(clean):
        if any(one.text == other.text for other in clean[:number]):
            raise Invalid(_("This is asked already. Ask something else."), field=f"{audience}.{number}.text")
    with writing():
        before = [_as_asked(row) for row in of(business, audience)]
        found = _put(business, audience, clean)
        if [_as_asked(row) for row in found] != before:
            _record(actor, business, audience, found)
    return found


def _put(business: Business, audience: str, wanted: Sequence[Wanted]) -> list[SurveyQuestion]:
    rows = SurveyQuestion.objects.select_for_update().filter(business=business, audience=audience)
    known = list(rows.order_by("-is_active", "-id"))
    found = []
    for position, one in enumerate(wanted):
        row = next((row for row in known if _goes_on(row, one)), None)
        if row is None:
            row = SurveyQuestion(business=business, audience=audience, kind=one.kind)
        else:
            known.remove(row)
        for name in ("text", "texts", "choices", "is_required", "asks_comment"):
            setattr(row, name, getattr(one, name))
        row.position, row.is_active = position, True
        row.save()
        found.append(row)
    rows.filter(is_active=True).exclude(pk__in=[row.pk for row in found]).update(is_active=False)
    return found


def _goes_on(row: SurveyQuestion, wanted: Wanted) -> bool:
    """Tell whether answers to `row` are answers to what is wanted."""
    if row.kind != wanted.kind or (row.ref != wanted.ref if wanted.ref else row.text != wanted.text):
        return False
    return {one["id"] for one in row.choices} <= {one["id"] for one in wanted.choices}


def _as_asked(row: SurveyQuestion) -> tuple[Any, ...]:
    return row.pk, row.kind, row.text, row.texts, row.choices, row.is_required, row.asks_comment


def _record(actor: Actor, business: Business, audience: str, asked: Sequence[SurveyQuestion]) -> None:
    if asked:
        facts = {"audience": audience, "questions": [row.ref for row in asked]}
        audit.record(actor, business.pk, "survey.changed", "survey", asked[0].ref, summary=asked[0].text, **facts)
    else:
        audit.record(actor, business.pk, "survey.stopped", "survey", business.slug, audience=audience)


def _checked(given: Wanted, path: str) -> Wanted:
    kind = values.choice(Kind.values)(given.kind, f"{path}.kind")
    return replace(
        given,
        text=_text(given.text, f"{path}.text"),
        texts=_texts(given.texts, f"{path}.texts", _text),
        choices=_choices(given.choices, f"{path}.choices") if kind in WITH_CHOICES else _none(given.choices, path),
        is_required=values.yes_or_no(given.is_required, f"{path}.is_required"),
        asks_comment=values.yes_or_no(given.asks_comment, f"{path}.asks_comment") and kind != Kind.TEXT,
    )


def _texts(given: Any, path: str, check: values.Check) -> dict[str, str]:
    """Return texts by language as they are stored; empty ones are left out."""
    known = dict(settings.LANGUAGES)
    if not isinstance(given, Mapping) or not all(code in known for code in given):
        raise Invalid(
            _("Texts in other languages are named by these: %(all)s.") % {"all": ", ".join(known)}, field=path
        )
    return {code: check(text, f"{path}.{code}") for code, text in given.items() if text != ""}


def _choices(given: Any, path: str) -> list[dict[str, Any]]:
    if not isinstance(given, Sequence) or not 2 <= len(given) <= MOST_CHOICES:
        words = _("Give 2 to %(most)s answers to choose from.")
        raise Invalid(words % {"most": MOST_CHOICES}, field=path)
    found: list[dict[str, Any]] = []
    for number, one in enumerate(given):
        found.append(_choice(one, f"{path}.{number}"))
        if any(found[-1][key] == other[key] for other in found[:-1] for key in ("id", "text")):
            raise Invalid(_("Each answer is there once. Change or remove one."), field=f"{path}.{number}")
    return found


def _choice(given: Any, path: str) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not {"id", "text"} <= set(given) <= {"id", "text", "texts"}:
        raise Invalid(_("Each answer to choose has an id and a text."), field=path)
    return {
        "id": _choice_id(given["id"], f"{path}.id"),
        "text": _choice_text(given["text"], f"{path}.text"),
        "texts": _texts(given.get("texts", {}), f"{path}.texts", _choice_text),
    }


def _none(given: Any, path: str) -> list[Any]:
    if given != () and given != []:
        raise Invalid(_("Questions of this kind have no answers to choose from."), field=f"{path}.choices")
    return []
