"""The pages of a business inside other sites: which sites may, the code for them, and a place that shows it working."""

from typing import Any

from csp.decorators import csp_update
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.booking.models import Service
from vestibule.experience import embeds
from vestibule.web import assets
from vestibule.web.consumer import visiting
from vestibule.web.framed import elements
from vestibule.web.manager import embed_code, fields
from vestibule.web.manager.embed_code import Element
from vestibule.web.manager.pages import Permission, StaffRequest, attempt, done, open_to, show

PAGE = "manage-embed"
SHOWS: fields.Choices = [
    ("book", gettext_lazy("Booking, in the page")),
    ("button", gettext_lazy("A button that opens booking")),
    ("visit", gettext_lazy("A visit")),
    ("survey", gettext_lazy("The survey after a visit")),
]
THEMES: fields.Choices = [
    ("auto", gettext_lazy("As the reader has it")),
    ("light", gettext_lazy("Light")),
    ("dark", gettext_lazy("Dark")),
]


class SiteForm(fields.Form):
    """One more site."""

    origin = fields.text(
        gettext_lazy("Address of the site"),
        most=embeds.LONGEST,
        hint=gettext_lazy("Its beginning, such as https://clinic.example. With and without www are two sites."),
        inputmode="url",
    )


class ChoiceForm(fields.Form):
    """What is to be shown."""

    show = fields.one_of(gettext_lazy("What to show"), SHOWS, required=False)
    service = fields.one_of(gettext_lazy("Service"), [], required=False)

    def __init__(self, request: StaffRequest, given: Any, **kwargs: Any) -> None:
        super().__init__(given, **kwargs)
        offered = Service.objects.visible_to(request.actor).filter(
            is_active=True, visibility=Service.Visibility.PUBLIC, business=request.business
        )
        names = offered.order_by("name", "pk").values_list("slug", "name")
        self.set_choices("service", [("", _("People choose")), *names])

    def element(self, request: StaffRequest) -> Element:
        """Return the element that is chosen; what cannot be read counts as not chosen."""
        given = self.cleaned_data if self.is_valid() else {}
        shown = given.get("show") or SHOWS[0][0]
        takes_service = shown in ("book", "button")
        words = _("Book an appointment") if takes_service else _("Open your visit")
        return Element(
            shown,
            request.business,
            visiting.origin_of(request),
            words,
            service=given.get("service", "") if takes_service else "",
        )


class TrialForm(ChoiceForm):
    """What is to be tried."""

    theme = fields.one_of(gettext_lazy("Colours"), THEMES, required=False)
    link = fields.text(
        gettext_lazy("The consumer’s link"),
        most=4000,
        required=False,
        hint=gettext_lazy("For a visit or its survey: as it stands in the consumer’s mail. It is not kept."),
    )


@open_to(Permission.SEE_SETUP, change=(Permission.MANAGE_SETUP,))
def page(request: StaffRequest) -> HttpResponse:
    """List the sites, let one more in, and give the code to copy."""
    form = SiteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data["origin"]
        added = attempt(form, lambda: embeds.allow(request.actor, request.business, given))
        if added:
            return done(request, _("%(site)s may show your pages from now on.") % {"site": added}, PAGE)
    choice = ChoiceForm(request, request.GET)
    chosen = choice.element(request)
    return show(
        request,
        "embed.html",
        form=form,
        sites=embeds.origins_of(request.business),
        choice=choice,
        codes=_codes(chosen),
        needs_link=chosen.show in ("visit", "survey"),
        is_built=assets.is_built(elements.NAME),
        may_edit=request.actor.may(Permission.MANAGE_SETUP),
    )


@open_to(Permission.MANAGE_SETUP, only_post=True)
def remove(request: StaffRequest) -> HttpResponse:
    """Let a site show the pages no more."""
    origin = request.POST.get("origin", "")
    embeds.forbid(request.actor, request.business, origin)
    return done(request, _("%(site)s shows your pages no more.") % {"site": origin[:200]}, PAGE)


@open_to(Permission.SEE_SETUP)
def trial(request: StaffRequest) -> HttpResponse:
    """Show an element at work. A link comes by POST alone: it opens a visit, and addresses are written down."""
    form = TrialForm(request, request.POST if request.method == "POST" else request.GET)
    one = form.element(request)
    given = form.cleaned_data if form.is_valid() else {}
    context: dict[str, Any] = {
        "one": one,
        "theme": given.get("theme") or "auto",
        "link": given.get("link", "") if request.method == "POST" else "",
        "is_built": assets.is_built(elements.NAME),
    }
    framing: Any = csp_update({"frame-src": ["'self'"]})
    answer: HttpResponse = framing(_trial_page)(request, form, context)
    return answer


def _trial_page(request: StaffRequest, form: TrialForm, context: dict[str, Any]) -> HttpResponse:
    theme = context.pop("theme")
    return show(request, "embed_try.html", form=form, scheme=theme, **context)


def _codes(one: Element) -> list[dict[str, str]]:
    return [
        {"id": "html", "title": _("A page of HTML"), "text": _("Where it is to stand."), "code": embed_code.html(one)},
        {"id": "react", "title": "React", "text": _("React 19 or newer."), "code": embed_code.react(one)},
        {
            "id": "wordpress",
            "title": "WordPress",
            "text": _("Once into functions.php of the theme, or into a plugin for code:"),
            "code": embed_code.wordpress(one),
            "more": _("Then into a block “Custom HTML” where it is to stand:"),
            "block": embed_code.block(one),
        },
    ]
