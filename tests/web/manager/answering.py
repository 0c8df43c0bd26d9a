"""Answering the steps of the builder as a browser does."""

from typing import Any

from django.test import Client

from tests.web.manager.office import Office, url
from vestibule.experience.models import Draft
from vestibule.people.actors import actor_of_membership
from vestibule.people.permissions import Actor, Role


def mara(office: Office) -> Actor:
    """The manager, as verbs know her."""
    return actor_of_membership(office.staff[Role.MANAGER])


def answers_of(page: Any) -> dict[str, Any]:
    """What a browser would send if somebody pressed the button without changing anything."""
    form = page.context["form"]
    rows = getattr(form, "all_rows", [])
    found: dict[str, Any] = {"step": page.context["here"].slug, "rows": str(max(0, len(rows) - 1)), **form.place}
    for one in (form, *form.inner):
        for field in one:
            value = field.value()
            if isinstance(value, bool):
                found |= {field.html_name: "on"} if value else {}
            elif hasattr(value, "strftime"):
                found[field.html_name] = value.strftime("%H:%M")
            elif value is not None:
                found[field.html_name] = value
    return found


def answered(client: Client, slug: str, *, at: Any = None, **changes: Any) -> Any:
    """Answer a step with `changes` (None: not sent), and press the first button; `at` is said in its address."""
    page = client.get(url("experience-step", slug, **(at or {})))
    given = {name: value for name, value in (answers_of(page) | changes).items() if value is not None}
    return client.post(url("experience-step", slug), given)


def wanted(office: Office) -> Any:
    """The document of the draft."""
    return Draft.objects.get(business=office.business).document
