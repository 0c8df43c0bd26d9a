"""Where frames begin: booking at once, a visit or survey once the page around has said its link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from vestibule.booking.contacts import clean_zone
from vestibule.experience import embeds
from vestibule.people.errors import Invalid
from vestibule.people.models import Business
from vestibule.web import languages
from vestibule.web.consumer import visiting
from vestibule.web.consumer.choosing import ZONE_COOKIE
from vestibule.web.framed import frames, refusals
from vestibule.web.framed.tickets import Ticket

KINDS = ("book", "visit", "survey")
THEMES = ("light", "dark")


def begun(request: HttpRequest, slug: str, kind: str) -> Ticket:
    """Return the ticket of a frame that begins, by what its address says. Raises NotFramed."""
    business = Business.objects.filter(slug=slug).only("pk", "slug").first()
    if business is None:
        raise refusals.NothingHere
    given = request.GET
    is_app = given.get("app") == "1"
    origin = "" if is_app else given.get("origin", "")
    if not is_app and not is_welcome(request, business, origin):
        raise refusals.NotListed(f"/book/{slug}" if kind == "book" else "/visit")
    theme = given.get("theme", "")
    return Ticket(slug, kind, origin, theme if theme in THEMES else "", _zone(given.get("timezone", "")))


def is_welcome(request: HttpRequest, business: Business, origin: str) -> bool:
    """Tell whether a page of `origin` may frame pages of the business: one that it listed, or our own."""
    return origin == visiting.origin_of(request) or origin in embeds.origins_of(business)


@require_GET
def book(request: HttpRequest, slug: str) -> HttpResponse:
    """Go to the page on which booking begins, with what the address chose."""
    _require_frame(request)
    service, provider = request.GET.get("service", ""), request.GET.get("provider", "")
    if not service:
        return redirect("book", slug=slug)
    try:
        answer = redirect("book-time", slug=slug, service_slug=service)
    except NoReverseMatch as unreadable:
        raise Http404 from unreadable
    if provider:
        answer["Location"] += f"?{urlencode({'provider': provider})}"
    return answer


@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, slug: str) -> HttpResponse:
    """Wait for the link, and open its visit."""
    return _by_link(request, slug, "visit")


@require_http_methods(["GET", "POST"])
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """Wait for the link, and show how its visit ended, with what is asked about it."""
    return _by_link(request, slug, "survey")


def _by_link(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    _require_frame(request)
    business = Business.objects.get(slug=slug)
    languages.speak(request, business)
    if request.method == "GET":
        return render(request, "framed/waiting.html", {"business": business, "kind": kind})
    answer = visiting.visit(request)
    if kind == "survey" and answer.get("Location") == "/visit":
        answer["Location"] = "/visit/ended"
    return answer


def _require_frame(request: HttpRequest) -> None:
    if frames.of(request) is None:
        raise Http404


def _zone(named: str) -> dict[str, str]:
    try:
        return {ZONE_COOKIE: clean_zone(named)} if named else {}
    except Invalid:
        return {}
