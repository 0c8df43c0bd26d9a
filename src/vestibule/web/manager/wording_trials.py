"""Words of messages as they would be sent: the mail in a frame, its outside, the text message with its size."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from vestibule.booking.models import Service, ServiceProvider
from vestibule.notifications import gsm, own_words, trying_out
from vestibule.notifications.choices import EMAIL, SMS, Choice, Words
from vestibule.notifications.examples import Offer
from vestibule.notifications.trying_out import Wording
from vestibule.people.errors import Invalid
from vestibule.web.manager import fields
from vestibule.web.manager.pages import StaffRequest

LOOKS: fields.Choices = [
    ("desktop", gettext_lazy("Desktop")),
    ("phone", gettext_lazy("Phone")),
    ("dark", gettext_lazy("Dark")),
]


class WordsForm(fields.Form):
    """The words of one message, how they are looked at, and where a test goes."""

    subject = fields.text(
        gettext_lazy("Subject"),
        most=own_words.LONGEST["subject"],
        required=False,
        hint=gettext_lazy("Empty: the built-in one."),
    )
    heading = fields.text(
        gettext_lazy("Heading"),
        most=own_words.LONGEST["heading"],
        required=False,
        hint=gettext_lazy("Empty: the built-in one."),
    )
    body = fields.lines(gettext_lazy("Text"), most=own_words.LONGEST["body"], rows=9)
    look = fields.one_of(gettext_lazy("Show it as on"), LOOKS, required=False, radio=True)
    is_abroad = fields.tick(gettext_lazy("To somebody in another time zone"))
    to = fields.text(gettext_lazy("Send a test to"), most=254, required=False)

    def __init__(self, *args: Any, channel: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_text = channel == SMS
        for name in ("subject", "heading", "look") if is_text else ():
            del self.fields[name]
        self.fields["body"].widget.attrs["rows"] = 5 if is_text else 9
        self.fields["to"].widget.attrs |= {"inputmode": "tel" if is_text else "email", "autocomplete": "off"}
        self.fields["body"].help_text = (
            _("The address to join or answer is added at the end if you leave {link} out.")
            if is_text
            else _("An empty line begins a new paragraph. Facts, button and links follow by themselves.")
        )
        for name in ("subject", "heading", "body"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"lang": language, "dir": _direction(language)}

    def words(self) -> Words:
        """Return what was typed."""
        given = self.cleaned_data
        return Words(given.get("subject", ""), given.get("heading", ""), given["body"])


def _direction(language: str) -> str:
    return "rtl" if get_language_info(language)["bidi"] else "ltr"


@dataclass(frozen=True)
class Seen:
    """What stands beside the words: the outside of a mail, or a text message with its size; or what to mend."""

    subject: str = ""
    sender: str = ""
    text: str = ""
    size: gsm.Size | None = None
    problem: str = ""


def offer_of(request: StaffRequest, service: Service | None, *, is_abroad: bool = False) -> Offer:
    """Return what the example is about: the service, or the first there is, and who offers it."""
    rows = Service.objects.visible_to(request.actor).filter(business=request.business, is_active=True)
    about = service or rows.select_related("location").order_by("pk").first()
    if about is None:
        return Offer(is_abroad=is_abroad)
    offers = ServiceProvider.objects.filter(service=about, provider__is_active=True).select_related("provider")
    first = offers.order_by("pk").first()
    provider = first.provider if first is not None else None
    place = about.location
    return Offer(
        service=about.name,
        service_slug=about.slug,
        service_ref=service.ref if service else "",
        provider=provider.name if provider else "",
        provider_title=provider.title if provider else "",
        provider_timezone=provider.timezone if provider else "",
        location_kind=place.kind if place else "online",
        location_text=(place.address or place.name) if place else "",
        is_abroad=is_abroad,
    )


def tried(request: StaffRequest, which: Choice, language: str, service: Service | None, form: WordsForm) -> Wording:
    """Return what is tried out: words as typed, or without a form posted, as stored or built in."""
    is_bound = form.is_bound and form.is_valid()
    is_abroad = bool(form.cleaned_data["is_abroad"]) if is_bound else False
    return Wording(which, language, form.words() if is_bound else None, offer_of(request, service, is_abroad=is_abroad))


def shown(request: StaffRequest, which: Choice, language: str, service: Service | None, form: WordsForm) -> Seen:
    """Return what stands beside the words; of a form that is not valid, what is wrong."""
    if form.is_bound and not form.is_valid():
        return Seen(problem=" ".join(str(words) for errors in form.errors.values() for words in errors))
    wanted = tried(request, which, language, service, form)
    try:
        if which[2] == EMAIL:
            mail = trying_out.mail(request.actor, request.business, wanted)
            return Seen(mail.subject, mail.sender_name)
        text = trying_out.text(request.actor, request.business, wanted)
    except Invalid as wrong:
        return Seen(problem=wrong.sentence)
    return Seen(sender=request.business.name, text=text, size=gsm.size(text))


def fragment(request: StaffRequest, language: str, channel: str, seen: Seen) -> HttpResponse:
    """Return what stands beside the words, alone."""
    context: dict[str, Any] = {"seen": seen, "language": language, "channel": channel}
    return render(request, "manager/parts/words_seen.html", context, status=422 if seen.problem else 200)


def framed(
    request: StaffRequest, which: Choice, language: str, service: Service | None, form: WordsForm
) -> HttpResponse:
    """Return the mail as a document of its own, in light or dark whatever the reader's screen is set to."""
    try:
        if form.is_bound and not form.is_valid():
            raise forms.ValidationError(_("Mend what is wrong with the words, then it is shown here."))
        mail = trying_out.mail(request.actor, request.business, tried(request, which, language, service, form))
    except (Invalid, forms.ValidationError) as wrong:
        words = wrong.sentence if isinstance(wrong, Invalid) else wrong.messages[0]
        return render(request, "manager/parts/words_problem.html", {"words": words}, status=422)
    is_dark = request.POST.get("look") == "dark"
    return HttpResponse(lit(mail.html, is_dark=is_dark))


def lit(html: str, *, is_dark: bool) -> str:
    """Decide the question mail programs are asked, dark or light, and let the links of a mail lead nowhere."""
    media, scheme = ("all", "dark") if is_dark else ("not all", "light")
    return (
        html.replace("(prefers-color-scheme: dark)", media)
        .replace('content="light dark"', f'content="{scheme}"')
        .replace("color-scheme: light dark", f"color-scheme: {scheme}")
        .replace("<head>", '<head><base target="_blank">', 1)
    )
