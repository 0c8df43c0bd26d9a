"""The one form a consumer fills in: who they are, what the service asks, and whom they bring."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Location, Service
from vestibule.booking.wishes import Contact, Helper
from vestibule.meetings import visit_rules
from vestibule.people.errors import Refusal
from vestibule.web.consumer.questions_form import QuestionsForm
from vestibule.web.texts_asked import TextsAsked, texts_asked

ELSEWHERE = {"helpers.0.name": "helper_name", "helpers.0.email": "helper_email", "helpers": "helper_name"}


class ContactForm(forms.Form):
    """Who books, or waits. Shapes only: what can be written to is decided by the verb."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter your name, so that we know whom we meet.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("We send the link for your visit and a reminder there."),
        error_messages={"required": gettext_lazy("Enter your e-mail address; the link for your visit goes there.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Mobile number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "inputmode": "tel"}),
    )
    texts: TextsAsked

    def ask_about_texts(self, texts: TextsAsked) -> None:
        """Say beside the number what is sent there, or put the tick box that asks below it."""
        self.texts = texts
        self.fields["phone"].help_text = " ".join(filter(None, [str(self.fields["phone"].help_text), texts.notice]))
        if texts.question:
            names = list(self.fields)
            self.fields["sms_consent"] = forms.BooleanField(label=texts.question, required=False)
            self.order_fields([*names[: names.index("phone") + 1], "sms_consent"])

    def contact(self, zone: str, language: str) -> Contact:
        """Return who it is, as typed."""
        given = self.cleaned_data
        agrees, wording = self.texts.answer(ticked=bool(given.get("sms_consent")))
        return Contact(given["name"], given["email"], given["phone"], zone, language, agrees, wording)


class DetailsForm(ContactForm, QuestionsForm):
    """Contact, intake questions, language and companion."""

    def __init__(
        self,
        service: Service,
        data: QueryDict | None = None,
        *,
        refused: Mapping[str, str] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(service, data, refused=refused, initial=initial)
        if service.asks_language_need:
            self.fields["language_need"] = _language_field()
        if service.location is None or service.location.kind == Location.Kind.ONLINE:
            self.fields |= _helper_fields() if visit_rules.of(service.business_id).helper_links else {}
        if service.location is not None and service.location.kind == Location.Kind.PHONE:
            _require_phone(self.fields["phone"])
        self.ask_about_texts(self.texts_asked(service))
        if service.needs_approval:
            self.fields["email"].help_text = _("We send our answer and the link for your visit there.")

    def texts_asked(self, service: Service) -> TextsAsked:
        """Return what is said about text messages beside the number."""
        return texts_asked(service)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("helper_email") and not given.get("helper_name"):
            self.add_error("helper_name", _("Enter their name, so that we know who joins you."))
        if given.get("helper_name") and not given.get("helper_email"):
            self.add_error("helper_email", _("Enter their e-mail address; the link they join by goes there."))
        return given

    def helpers(self) -> tuple[Helper, ...]:
        """Return whom the consumer brings: one person, or nobody."""
        name = self.cleaned_data.get("helper_name", "")
        return (Helper(name, self.cleaned_data.get("helper_email", ""), "helper"),) if name else ()

    def helper_fields(self) -> list[forms.BoundField]:
        """Return the questions about a companion, as the template shows them."""
        return [self[name] for name in ("helper_name", "helper_email") if name in self.fields]

    def brings_somebody(self) -> bool:
        """Tell whether anything about a companion was typed, so that its questions are shown at once."""
        return any(field.value() or field.errors for field in self.helper_fields())

    def place(self, refusal: Refusal) -> bool:
        """Show `refusal` at the field it speaks of, or above the form; return whether it named a field."""
        field = ELSEWHERE.get(str(refusal.facts.get("field")))
        if field is None or field not in self.fields:
            return super().place(refusal)
        self.add_error(field, refusal.sentence)
        return True


def _require_phone(field: forms.Field) -> None:
    field.required, field.label = True, _("Telephone number")
    field.help_text = _("We call you on this number.")
    field.error_messages["required"] = _("Enter your number; we call you on it.")


def _language_field() -> forms.Field:
    return forms.CharField(
        label=_("Language you would like to speak"),
        max_length=60,
        required=False,
        help_text=_("If you need an interpreter, say so here, such as “Arabic, with an interpreter”."),
    )


def _helper_fields() -> dict[str, forms.Field]:
    return {
        "helper_name": forms.CharField(label=_("Their name"), max_length=120, required=False),
        "helper_email": forms.CharField(
            label=_("Where should their own link go?"),
            max_length=254,
            required=False,
            help_text=_("Their e-mail address."),
            widget=forms.EmailInput(),
        ),
    }
