"""What manager pages share: who may open them, how they answer, where a refusal lands, how lists page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django import forms
from django.contrib import messages
from django.core.paginator import Page as ListPage
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render

from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.people.models import Tenanted
from vestibule.people.permissions import Permission
from vestibule.web.account.guards import Guarded, Page, StaffRequest, staff_page
from vestibule.web.manager import setup_map

__all__ = ["Permission", "StaffRequest"]

P = Permission
SEES_APPOINTMENTS = (P.SEE_APPOINTMENTS, P.SEE_OWN_APPOINTMENTS)
CHANGES_APPOINTMENTS = (P.CHANGE_APPOINTMENTS, P.CHANGE_OWN_APPOINTMENTS)
READING = ("GET", "HEAD")
PER_PAGE = 50

Rest = ParamSpec("Rest")
Result = TypeVar("Result")


def open_to(
    *see: Permission, change: tuple[Permission, ...] = (), only_post: bool = False
) -> Callable[[Page[Rest]], Guarded[Rest]]:
    """Open a page to staff who hold any of `see`; posting to it asks for any of `change` (of `see`, if not given)."""

    def wear(view: Page[Rest]) -> Guarded[Rest]:
        @wraps(view)
        def checked(request: StaffRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            allowed = ("POST",) if only_post else (*READING, "POST")
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            wanted = (change or see) if request.method == "POST" else see
            if not any(request.actor.may(permission) for permission in wanted):
                request.actor.require(wanted[0])
            return view(request, *args, **kwargs)

        return staff_page()(checked)

    return wear


def show(request: StaffRequest, template: str, *, status: int | None = None, **context: Any) -> HttpResponse:
    """Render a page of `manager/`; with a form that has errors the status is 422."""
    form = context.get("form")
    if status is None:
        status = 422 if form is not None and form.errors else 200
    may = {permission.value: request.actor.may(permission) for permission in Permission}
    may["change_any"] = any(request.actor.may(permission) for permission in CHANGES_APPOINTMENTS)
    shared = {
        "business": request.business,
        "actor": request.actor,
        "may": may,
        "zone": request.business.timezone,
        "setup_beside": setup_map.beside(request.actor, request.path),
    }
    return render(request, f"manager/{template}", {**shared, **context}, status=status)


def done(request: HttpRequest, sentence: str, to: str) -> HttpResponse:
    """Say what was done on the page that follows."""
    messages.success(request, sentence)
    return redirect(to)


def find(request: StaffRequest, rows: QuerySet[Any], **where: Any) -> Any:
    """Return the one row of the reader's business, or 404: what belongs to others does not exist."""
    assert isinstance(rows, Tenanted)
    return get_object_or_404(rows.visible_to(request.actor), **where)


def attempt(form: forms.Form, verb: Callable[[], Result], **fields: str) -> Result | None:
    """Do what a valid form asks for. A refusal lands on the field it names, else above the form.

    `fields` says which field of the form stands for a verb's, such as `on="date"`. What is not allowed or not there
    passes on as its own page.
    """
    try:
        return verb()
    except (NotPermitted, NotFound):
        raise
    except Refusal as refusal:
        named = str(refusal.facts.get("field", ""))
        field = fields.get(named, named)
        form.add_error(field if field in form.fields else None, refusal.sentence)
        return None


def confirm(
    request: StaffRequest, do: Callable[[], str], *, title: str, text: str, button: str, back: str, to: str = ""
) -> HttpResponse:
    """Ask before what cannot be undone, naming what will happen; when posted, do it and say so.

    `do` returns the sentence to show. A refusal is shown on the same page. `to` is where to go on, else `back`.
    """
    status, problem = 200, ""
    if request.method == "POST":
        try:
            return done(request, do(), to or back)
        except (NotPermitted, NotFound):
            raise
        except Refusal as refusal:
            status, problem = refusal.status, refusal.sentence
    context: dict[str, Any] = {"question": title, "text": text, "button": button, "back": back, "problem": problem}
    return show(request, "confirm.html", status=status, **context)


def paged(request: HttpRequest, rows: Any, per_page: int = PER_PAGE) -> ListPage[Any]:
    """Return the page of `rows` that `?page=` asks for; anything odd asks for the first or the last."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def query_without(request: HttpRequest, *names: str) -> str:
    """Return the query of this address without `names`, ready to be added to, so that filters stay while paging."""
    kept = request.GET.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


def locked(form: forms.Form, may: bool) -> None:
    """Show a form for reading only to somebody who may not change it."""
    if not may:
        for field in form.fields.values():
            field.disabled = True
