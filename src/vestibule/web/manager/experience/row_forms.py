"""Steps that ask for a list: a form for each entry, and an empty one for the next, all on one page.

An entry is named by its prefix, `s0` for the first; `s0-gone` takes it out. The last is empty and counts once it is
filled in, so that adding works without a script.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from vestibule.people.models import Business
from vestibule.web.manager import fields
from vestibule.web.manager.experience.step_form import Document, StepForm


class RowForm(fields.Form):
    """One entry. `needed` names the question without which it counts as empty."""

    needed = ""
    gone = fields.tick(gettext_lazy("Take this out"))

    def __init__(self, data: QueryDict | None, entry: Any, prefix: str, *, is_new: bool) -> None:
        self.entry, self.is_new = entry, is_new
        super().__init__(data, prefix=prefix, initial=self.initial_of(entry))
        if is_new:
            del self.fields["gone"]
            if not self._is_filled():
                self.empty_permitted, self.use_required_attribute = True, False

    def _is_filled(self) -> bool:
        return bool(self.is_bound and self.data.get(self.add_prefix(self.needed), "").strip())

    @property
    def counts(self) -> bool:
        """Whether a valid form stands for an entry: it is not taken out, and not left empty."""
        return not self.cleaned_data.get("gone") and (not self.is_new or self._is_filled())

    def initial_of(self, entry: Any) -> dict[str, Any]:
        """Return what the form begins with."""
        return dict(entry)

    @property
    def told(self) -> str:
        """What the entry is, in a few words."""
        return str(self.entry.get(self.needed) or self.data.get(self.add_prefix(self.needed), ""))

    def questions(self) -> list[forms.BoundField]:
        """Return what is asked of an entry, without taking it out."""
        return [field for field in self if field.name != "gone"]

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_new and self.is_bound and not self._is_filled():
            self._errors = forms.utils.ErrorDict()


class RowsForm(StepForm):
    """A list of entries, of forms of class `row`."""

    row: type[RowForm] = RowForm
    most = 100
    add_words: Any = ""
    fresh: dict[str, Any] = {}

    def __init__(self, data: QueryDict | None, document: Document, business: Business) -> None:
        super().__init__(data, document, business)
        entries = self.entries()
        count = _count(data, len(entries)) if data is not None else len(entries)
        given = [*entries, *({} for _more in range(count - len(entries)))][:count]
        self.rows: list[RowForm] = [
            self.row(data, entry or self.fresh, f"s{number}", is_new=False) for number, entry in enumerate(given)
        ]
        self.new = self.row(data, self.fresh, f"s{len(self.rows)}", is_new=True)
        self.has_room = len(self.rows) < self.most

    def entries(self) -> Sequence[Any]:
        """Return the entries of the document: each step says which. Forms have a metaclass of Django's, not `ABC`."""
        raise NotImplementedError

    @property
    def inner(self) -> Sequence[RowForm]:
        return self.all_rows

    @property
    def all_rows(self) -> list[RowForm]:
        return [*self.rows, *([self.new] if self.has_room else [])]

    def is_valid(self) -> bool:
        wrong = [one for one in self.all_rows if not one.is_valid()]  # each says what is wrong with it
        return super().is_valid() and not wrong

    def kept(self) -> list[RowForm]:
        """Return the forms of the entries that stay, of a valid form."""
        return [one for one in self.all_rows if one.counts]


def _count(data: QueryDict, least: int) -> int:
    """Return how many entries the page showed: the draft may have more or fewer since."""
    text = data.get("rows", "")
    return min(int(text), 100) if text.isascii() and text.isdigit() and len(text) < 4 else least
