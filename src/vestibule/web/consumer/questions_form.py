"""The questions of a service as form fields. What an answer must be is decided by the verb that takes it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vestibule.booking import documents
from vestibule.booking.models import Appointment, Document, Service
from vestibule.people import rates
from vestibule.people.errors import Invalid, Refusal
from vestibule.people.models import Business

PREFIX = "answers."
FILE_PREFIX = "file."
ACCEPTED = ".pdf,.png,.jpg,.jpeg,.webp,.heic,.txt,.docx,.odt"
Question = Mapping[str, Any]


class FileAnswer(forms.Widget):
    """A file to choose; one that was sent already is named, and goes along with the form as its reference."""

    def __init__(self, known: Mapping[str, Document]) -> None:
        super().__init__({"accept": ACCEPTED})
        self.known = known

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = self.build_attrs(self.attrs, attrs)
        listed = format_html(
            ' accept="{}" id="{}"{}',
            given["accept"],
            given.get("id", ""),
            format_html(' aria-describedby="{}"', given["aria-describedby"]) if "aria-describedby" in given else "",
        )
        control = format_html('<input type="file" name="{}"{}>', FILE_PREFIX + name.removeprefix(PREFIX), listed)
        kept = self.known.get(str(value or ""))
        if kept is None:
            return control
        words = _("%(name)s (%(size)s) is attached. Choose another file to replace it.")
        said = words % {"name": kept.name, "size": filesizeformat(kept.size)}
        return format_html(
            '{}<input type="hidden" name="{}" value="{}"><span class="field__kept">{}</span>',
            control,
            name,
            kept.ref,
            said,
        )


class QuestionsForm(forms.Form):
    """The questions of one service. `refused` are sentences by question about files that were not taken."""

    def __init__(
        self,
        service: Service,
        data: QueryDict | None = None,
        *,
        questions: Iterable[Question] | None = None,
        refused: Mapping[str, str] | None = None,
        initial: Mapping[str, Any] | None = None,
        appointment: Appointment | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.questions = list(service.questions if questions is None else questions)
        self.refused = dict(refused or {})
        known = _known(service.business, appointment, self._given_references(data))
        for question in self.questions:
            self.fields[PREFIX + question["id"]] = _field(question, known)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for question, sentence in self.refused.items():
            self.errors.pop(PREFIX + question, None)
            self.add_error(PREFIX + question, sentence)
        return given

    def keep_typed(self, data: QueryDict) -> None:
        """Show what was typed without judging it yet."""
        for name, field in self.fields.items():
            typed = data.getlist(name) if isinstance(field, forms.MultipleChoiceField) else data.get(name)
            if typed is not None:
                self.initial[name] = typed

    def question_fields(self) -> list[forms.BoundField]:
        """Return the questions as the template shows them, in their order."""
        return [self[PREFIX + question["id"]] for question in self.questions]

    def answers(self) -> dict[str, Any]:
        """Return the answers by question id, as the verbs take them."""
        return {question["id"]: _plain(self.cleaned_data[PREFIX + question["id"]]) for question in self.questions}

    def consents(self) -> tuple[str, ...]:
        """Return what was agreed to, with the version of the text that was read."""
        agreed = [one for one in self.questions if one["type"] == "consent" and self.cleaned_data[PREFIX + one["id"]]]
        return tuple(
            f"{one['id']}@{version}" if version else str(one["id"])
            for one in agreed
            for version in (self.data.get(f"version.{one['id']}") or one.get("version"),)
        )

    def place(self, refusal: Refusal) -> bool:
        """Show `refusal` at the field it speaks of, or above the form; return whether it named a field."""
        named = refusal.facts.get("field")
        field = str(named).split("@", maxsplit=1)[0] if named is not None else None
        self.add_error(field if field in self.fields else None, refusal.sentence)
        return field in self.fields

    def _given_references(self, data: QueryDict | None) -> list[str]:
        named = [*(data.items() if data is not None else ()), *self.initial.items()]
        return [value for name, value in named if name.startswith(PREFIX) and isinstance(value, str)]


def keep_files(request: HttpRequest, service: Service) -> tuple[QueryDict, dict[str, str]]:
    """Keep the files that came with a form; return the form with their references, and why some were not taken."""
    data = request.POST.copy()
    files: MultiValueDict[str, UploadedFile[Any]] = request.FILES
    refused: dict[str, str] = {}
    for question in service.questions:
        sent = files.get(FILE_PREFIX + question["id"])
        if question["type"] != "file" or sent is None:
            continue
        rates.limit("book.file", rates.client_key(request), 20, 600)
        rates.limit("book.file.day", rates.client_key(request), documents.PER_DAY, 24 * 3600)
        try:
            kept = documents.keep(
                service.business,
                name=sent.name or "",
                media_type=sent.content_type or "",
                content=_content(sent),
                question=question["id"],
            )
            data[PREFIX + question["id"]] = kept.ref
        except Invalid as refusal:
            refused[question["id"]] = refusal.sentence
    return data, refused


def _content(sent: "UploadedFile[Any]") -> bytes:
    """Return what was sent, or the first of it where that is enough to see that it is too large."""
    content: bytes = sent.read(documents.MOST_BYTES + 1)
    return content


def _known(business: Business, appointment: Appointment | None, references: list[str]) -> dict[str, Document]:
    """Return the files among `references` that were kept for this form, or belong to its appointment."""
    plain = [one for one in references if "\0" not in one]
    if not plain:
        return {}
    rows = Document.objects.filter(business=business, ref__in=plain).exclude(question="")
    mine = (
        rows.filter(Q(appointment=None) | Q(appointment=appointment)) if appointment else rows.filter(appointment=None)
    )
    return {one.ref: one for one in mine.defer("content")}


def _field(question: Question, known: Mapping[str, Document]) -> forms.Field:
    kind = question["type"]
    given: dict[str, Any] = {
        "label": question["label"],
        "help_text": question.get("help", ""),
        "required": question["required"],
        "error_messages": {"required": _("Please answer this question.")},
    }
    choices = [(choice, choice) for choice in question.get("choices", [])]
    if kind == "long_text":
        return forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), **given)
    if kind == "choice":
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **given)
    if kind == "many":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **given)
    if kind == "number":
        return forms.FloatField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **given)
    if kind == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)
    if kind == "consent":
        return _consent(question, given)
    if kind == "file":
        missing = {"required": _("Choose a file.")}
        hint = given["help_text"] or _("A PDF, picture or document of at most 10 MB.")
        return forms.CharField(widget=FileAnswer(known), **given | {"error_messages": missing, "help_text": hint})
    return forms.CharField(max_length=200, **given)


def _consent(question: Question, given: dict[str, Any]) -> forms.Field:
    field = forms.BooleanField(**given | {"error_messages": {"required": _("Please tick the box to go on.")}})
    field.consent = question  # type: ignore[attr-defined]  # what consumer/parts/question.html shows above the box
    return field


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
