"""What the forms of the builder's steps share: they begin with the draft and end as parts of the document."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField, Form
from django.http import QueryDict

from vestibule.people.models import Business
from vestibule.web.manager import fields

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """Questions that stand together: each with its unit, "" for none. `note` is said above them."""

    title: Any
    rows: Sequence[tuple[BoundField, Any]]
    note: Any = ""


class StepForm(fields.Form):
    """One step. `section` is the part of the document it changes; its questions are named as the values there."""

    section = ""
    groups: Sequence[tuple[Any, Any, Sequence[str]]] = ()
    units: Mapping[str, Any] = {}

    def __init__(self, data: QueryDict | None, document: Document, business: Business) -> None:
        self.document, self.business = document, business
        self.part: Any = deepcopy(document.get(self.section))
        super().__init__(data, initial=self.initial_of(self.part))
        self.prepare()

    def prepare(self) -> None:
        """Set what is known only now."""

    @property
    def inner(self) -> Sequence[Form]:
        """The forms within this one, each with questions of its own."""
        return ()

    @property
    def is_only_drawn_again(self) -> bool:
        """Whether what was posted asks for more room to type, not to be kept."""
        return False

    @property
    def place(self) -> Mapping[str, str]:
        """What an address says besides the step to show the same part of it again."""
        return {}

    def initial_of(self, part: Any) -> dict[str, Any]:
        """Return what the form begins with."""
        return dict(part) if isinstance(part, dict) else {}

    def parts(self) -> dict[str, Any]:
        """Return the parts of the document that a valid form makes."""
        return {self.section: {**self.part, **self.values()}}

    def values(self) -> dict[str, Any]:
        """Return what was answered, by the names of the document."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.part}

    def places(self) -> dict[str, str]:
        """Return which question stands for a place of the document: `{"business.name": "name"}`."""
        return {f"{self.section}.{name}": name for name in self.fields}

    def shown(self) -> list[Group]:
        """Return the questions as the page shows them; what is not there is left out."""
        return [
            Group(title, [(self[name], self.units.get(name, "")) for name in names if name in self.fields], note)
            for title, note, names in self.groups
        ]
