"""Questions of a business that several services ask: made apart from any, changed wherever they are asked alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vestibule.booking import intake
from vestibule.booking.models import Service, SharedQuestion
from vestibule.booking.setup import values
from vestibule.booking.setup.offerings import change_service
from vestibule.people import audit
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.people.permissions import Actor, Permission
from vestibule.store import clock
from vestibule.store.transactions import writing

MOST = 300


def add_question(actor: Actor, business: Business, label: str, choices: Sequence[str] = ()) -> SharedQuestion:
    """Make a question that no service asks yet: with choices one of them is chosen, else a line is typed.

    Raises Invalid naming `label` or `choices`.
    """
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    made = SharedQuestion(business=business)
    _put(made, checked(made.question_id, label, choices))
    with writing():
        if SharedQuestion.objects.filter(business=business).count() >= MOST:
            raise Invalid(_("A business keeps at most 300 questions. Take some away first."), field="label")
        made.save()
        audit.record(actor, business.pk, "question.added", "question", made.ref, summary=made.label)
    return made


def change_question(
    actor: Actor, business: Business, row: SharedQuestion | None, wanted: Mapping[str, Any], asking: Sequence[Service]
) -> None:
    """Bring a question, and the services that ask it, to what is wanted: `id`, `type`, `label`, `choices`.

    `row` is it apart from services, None for one that staff wrote at a service. Raises Invalid naming the part.
    """
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    clean = intake.clean_questions([dict(wanted)])[0]
    with writing():
        if row is not None:
            _put(row, clean)
            row.changed_at = clock.now()
            row.save()
        for service in _locked(asking):
            changed = [_changed(one, clean) if one["id"] == clean["id"] else one for one in service.questions]
            change_service(actor, service, questions=changed)
        audit.record(actor, business.pk, "question.changed", "question", clean["id"], summary=clean["label"])


def remove_question(
    actor: Actor, business: Business, row: SharedQuestion | None, question_id: str, asking: Sequence[Service]
) -> None:
    """Ask a question no longer, anywhere; answers already given stay with their appointments."""
    values.permit(actor, business.pk, Permission.MANAGE_SETUP)
    with writing():
        for service in _locked(asking):
            change_service(actor, service, questions=[one for one in service.questions if one["id"] != question_id])
        if row is not None:
            row.delete()
        audit.record(actor, business.pk, "question.removed", "question", question_id)


def checked(question_id: str, label: str, choices: Sequence[str]) -> dict[str, Any]:
    """Return a question as services hold it. Raises Invalid naming `label` or `choices`."""
    kind = "choice" if choices else "text"
    return intake.clean_questions([{"id": question_id, "type": kind, "label": label, "choices": list(choices)}])[0]


def _locked(services: Sequence[Service]) -> list[Service]:
    """Return services as they are now, kept from changing until the transaction ends: staff may edit the same one."""
    keys = [service.pk for service in services]
    return list(Service.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def _put(row: SharedQuestion, clean: Mapping[str, Any]) -> None:
    row.label, row.choices = clean["label"], clean["choices"]


def _changed(before: Mapping[str, Any], clean: Mapping[str, Any]) -> dict[str, Any]:
    more = {name: before[name] for name in ("help", "required") if name in before}
    more |= {"confirms": before["confirms"]} if before.get("confirms") and before["type"] == clean["type"] else {}
    return {**clean, **more}
