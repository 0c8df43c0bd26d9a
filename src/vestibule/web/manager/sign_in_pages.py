"""An administrator signs in at a vendor for the business: what they are about to do, their return, forgetting it."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from vestibule.people import outside_accounts, outside_sign_ins
from vestibule.people.errors import NotFound, TooMany
from vestibule.people.outside_accounts import AccountRefused
from vestibule.people.outside_sign_ins import CONSENT, SIGN_IN
from vestibule.web.manager.pages import Permission, StaffRequest, confirm, done, open_to, show

KEPT = "outside_sign_in"
LONGEST = 8000


def back_to(request: StaffRequest, kind: str) -> str:
    """Return the address people are sent back to, as it has to be registered at the vendor."""
    origin = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return origin + reverse("manage-account-signed-in", args=[kind])


@open_to(Permission.MANAGE_SETUP, only_post=True)
def leave(request: StaffRequest, kind: str) -> HttpResponse:
    """Begin a sign-in or a consent, and say what to do at the vendor's page that follows."""
    what = CONSENT if request.POST.get("what") == CONSENT else SIGN_IN
    back = back_to(request, kind)
    try:
        begun, address = outside_sign_ins.begin(request.actor, request.business, kind, what, back)
    except (AccountRefused, TooMany) as refused:
        return _told(request, kind, refused.sentence)
    request.session[KEPT] = begun.kept()
    label = _(outside_accounts.vendor(kind).label)
    return show(request, "account_leave.html", kind=kind, what=what, address=address, back=back, label=label)


@open_to(Permission.MANAGE_SETUP)
def returned(request: StaffRequest, kind: str) -> HttpResponse:
    """Take what somebody was sent back with, once, and go on to a page whose address holds nothing of it."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    told = {name: str(value) for name, value in request.GET.items() if len(value) <= LONGEST}
    kept = request.session.pop(KEPT, None)
    try:
        who = outside_sign_ins.finish(request.actor, request.business, kind, kept, told, back_to(request, kind))
        if not who and (account := outside_accounts.of(request.business, kind)) is not None:
            outside_accounts.look(request.actor, account)
    except (AccountRefused, TooMany) as refused:
        return _told(request, kind, refused.sentence)
    words = _("You are signed in as %(who)s.") % {"who": who} if who else _("It was allowed. See below what works now.")
    return done(request, words, reverse("manage-account", args=[kind]))


@open_to(Permission.MANAGE_SETUP, only_post=True)
def make_business(request: StaffRequest, kind: str) -> HttpResponse:
    """Open a business in Bookings in the name of whoever signed in, and go on to choosing it."""
    name = request.POST.get("name", "")
    try:
        outside_sign_ins.make_business(request.actor, request.business, kind, name)
    except (AccountRefused, TooMany) as refused:
        return _told(request, kind, refused.sentence)
    words = _("“%(name)s” was made in Bookings. It may take a minute until it stands below: choose it then.")
    return done(request, words % {"name": name.strip()}, reverse("manage-bookings-choose"))


@open_to(Permission.MANAGE_SETUP)
def forget(request: StaffRequest, kind: str) -> HttpResponse:
    """Ask, then forget a sign-in."""
    account = outside_accounts.of(request.business, kind)
    if account is None or not account.sign_in:
        raise Http404
    back = reverse("manage-account", args=[kind])

    def forgotten() -> str:
        try:
            outside_sign_ins.remove(request.actor, request.business, kind)
        except NotFound:
            raise Http404 from None
        return _("The sign-in was forgotten.")

    return confirm(
        request,
        forgotten,
        title=_("Forget the sign-in of %(who)s?") % {"who": account.signed_in_as},
        text=_(
            "A business can then no longer be made in Bookings from here. Everything else goes on. At Microsoft it is"
            " taken back under myapps.microsoft.com."
        ),
        button=_("Forget it"),
        back=back,
    )


def _told(request: StaffRequest, kind: str, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect(reverse("manage-account", args=[kind]))
