"""The business in Microsoft Bookings that stands behind ours: chosen, imported, exported to, its page, let go of.

Pages that ask Microsoft do so while they are opened; where it does not answer they say so and stay usable.
"""

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vestibule.booking.models import SchedulerLink
from vestibule.booking.outside import adopting, exporting, links, pages
from vestibule.booking.outside.plans import Plan, State
from vestibule.booking.ports import TheirBusiness
from vestibule.people import outside_accounts, ways
from vestibule.people.errors import NotFound, NotPermitted, Refusal
from vestibule.people.models import Business
from vestibule.people.permissions import Actor
from vestibule.web.manager import bookings_words, fields
from vestibule.web.manager.pages import Permission, StaffRequest, confirm, done, open_to, show

ACCOUNT = "microsoft365"
MOST_LISTED = 50
HOME = "manage-bookings"
Look = Callable[[Actor, Business], Plan]


class SearchForm(fields.Form):
    """Finds one of hundreds of businesses by its name or address."""

    q = fields.text(gettext_lazy("Find a business"), most=80, required=False)


class PageForm(fields.Form):
    """How the page of Bookings stands in ours."""

    asks_first = fields.tick(
        gettext_lazy("Ask before it is loaded"),
        hint=gettext_lazy(
            "People press a button before their browser asks Microsoft for anything. Without it Microsoft learns of"
            " everybody who opens your booking page."
        ),
    )


@open_to(Permission.MANAGE_SETUP)
def overview(request: StaffRequest) -> HttpResponse:
    """Show what stands behind this business in Bookings, how it is, and what can be done with it."""
    link = links.of(request.business)
    data = request.POST if request.method == "POST" else None
    form = PageForm(data, initial={"asks_first": link.asks_first if link else True})
    if request.method == "POST" and link is not None and form.is_valid():
        pages.ask_first(request.actor, request.business, asks=form.cleaned_data["asks_first"])
        return done(request, _("That is kept."), reverse(HOME))
    return _home(request, form, link)


@open_to(Permission.MANAGE_SETUP)
def choose(request: StaffRequest) -> HttpResponse:
    """List the businesses in Bookings, and let one be chosen."""
    problem, found, link = "", list[TheirBusiness](), links.of(request.business)
    if link is None and outside_accounts.of(request.business, ACCOUNT) is not None:
        try:
            if request.method == "POST":
                made = links.link(request.actor, request.business, request.POST.get("id", "")[:320])
                words = _("“%(name)s” in Bookings is connected to your business now. Nothing is imported yet.")
                return done(request, words % {"name": made.name}, reverse(HOME))
            found = list(links.businesses(request.actor, request.business))
        except NotPermitted:
            raise
        except Refusal as refused:
            problem = refused.sentence
    form = SearchForm(request.GET)
    wanted = form.cleaned_data["q"].strip().casefold() if form.is_valid() else ""
    fitting = [one for one in found if wanted in f"{one.name} {one.id}".casefold()]
    return show(
        request,
        "bookings_choose.html",
        status=422 if problem and request.method == "POST" else 200,
        link=link,
        account=outside_accounts.of(request.business, ACCOUNT),
        problem=problem,
        count=len(found),
        found=fitting[:MOST_LISTED],
        more=max(0, len(fitting) - MOST_LISTED),
        wanted=wanted,
    )


@open_to(Permission.MANAGE_SETUP)
def adopt(request: StaffRequest) -> HttpResponse:
    """Show what an import would do; when posted, do it and say what was done."""
    return _plan(request, adopting.adopt if request.method == "POST" else adopting.look, is_import=True)


@open_to(Permission.MANAGE_SETUP)
def export(request: StaffRequest) -> HttpResponse:
    """Show what an export would do there; when posted, do it and say what was done."""
    return _plan(request, exporting.export if request.method == "POST" else exporting.look, is_import=False)


@open_to(Permission.MANAGE_SETUP, only_post=True)
def switch_off(request: StaffRequest) -> HttpResponse:
    """Switch off a service or a provider that is not in Bookings any more."""
    kind, ref = request.POST.get("kind", "")[:12], request.POST.get("ref", "")[:16]
    name = adopting.switch_off(request.actor, request.business, kind, ref)
    return done(request, _("%(name)s is switched off. What is booked stays.") % {"name": name}, reverse(HOME))


@open_to(Permission.MANAGE_SETUP, only_post=True)
def publish(request: StaffRequest) -> HttpResponse:
    """Publish the page in Bookings, or take it back."""
    is_on = request.POST.get("on") == "1"
    try:
        links.publish(request.actor, request.business, is_published=is_on)
    except (NotPermitted, NotFound):
        raise
    except Refusal as refused:
        link = links.require(request.business)
        return _home(request, PageForm(initial={"asks_first": link.asks_first}), link, refused.sentence)
    words = _("The page in Bookings is published.") if is_on else _("The page in Bookings is taken back.")
    return done(request, words, reverse(HOME))


@open_to(Permission.MANAGE_SETUP)
def unlink(request: StaffRequest) -> HttpResponse:
    """Say what follows, then let go of the business in Bookings."""
    link = links.require(request.business)

    def gone() -> str:
        links.unlink(request.actor, request.business)
        return _("“%(name)s” in Bookings is no longer connected to your business.") % {"name": link.name}

    return confirm(
        request,
        gone,
        title=_("Let go of “%(name)s”?") % {"name": link.name},
        text=_(
            "What was imported stays here, and what is in Bookings stays there. Only what is called what is forgotten:"
            " a later import finds services and people again by name and e-mail address."
        ),
        button=_("Disconnect it"),
        back=reverse(HOME),
        to=reverse(HOME),
    )


def _plan(request: StaffRequest, run: Look, *, is_import: bool) -> HttpResponse:
    link = links.require(request.business)
    plan, problem = None, ""
    try:
        plan = run(request.actor, request.business)
    except (NotPermitted, NotFound):
        raise
    except Refusal as refused:
        problem = refused.sentence
    told = bookings_words.lines(request.business, plan.lines, is_done=plan.is_done) if plan else []
    listed = [one for one in told if one.state != State.SAME or one.notes]
    return show(
        request,
        "bookings_plan.html",
        status=422 if problem and request.method == "POST" else 200,
        link=link,
        problem=problem,
        plan=plan,
        is_import=is_import,
        lines=listed,
        same=len(told) - len(listed),
        heading=_heading(plan, link, is_import=is_import),
    )


def _heading(plan: Plan | None, link: SchedulerLink, *, is_import: bool) -> str:
    if plan is None:
        return _("Import from Bookings") if is_import else _("Export to Bookings")
    count = len(plan.of(State.NEW, State.CHANGED))
    if plan.is_done:
        return ngettext("%(n)s thing was brought over", "%(n)s things were brought over", count) % {"n": count}
    if not count:
        return _("Nothing to bring over")
    return ngettext("%(n)s thing to bring over", "%(n)s things to bring over", count) % {"n": count}


def _home(request: StaffRequest, form: PageForm, link: SchedulerLink | None, problem: str = "") -> HttpResponse:
    return show(
        request,
        "bookings.html",
        status=422 if problem else None,
        form=form,
        link=link,
        problem=problem or (link.problem if link is not None else ""),
        account=outside_accounts.of(request.business, ACCOUNT),
        is_kept_there=str(ways.of(request.business.pk).scheduler) == ways.Scheduler.BOOKINGS,
        page=pages.address_of(link) if link is not None else "",
    )
