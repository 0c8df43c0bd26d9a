"""The account of a business at Microsoft 365: set up, and looked at for whatever is missing."""

from collections.abc import Callable, Mapping
from typing import Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations import entra
from vestibule.integrations.microsoft365 import signing_in, tokens
from vestibule.integrations.microsoft365.application import FIELDS, Application
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused
from vestibule.integrations.microsoft365.graph import ONE_REQUEST, Graph, of_user
from vestibule.integrations.outward import Web
from vestibule.people.ports import Finding, NotConnected, SignedIn

CALENDARS = "Calendars.ReadWrite"
NEEDED: dict[str, str] = {
    CALENDARS: gettext_noop("Calendars in Outlook: when people are busy, and appointments shown there"),
    "OnlineMeetings.ReadWrite.All": gettext_noop("Visits in Teams: a meeting for each, moved and deleted with it"),
    "Bookings.ReadWrite.All": gettext_noop("Services, staff and free times of Bookings"),
    "BookingsAppointment.ReadWrite.All": gettext_noop("Appointments in Bookings"),
    "Bookings.Manage.All": gettext_noop("Pages of Bookings"),
    "Mail.Send": gettext_noop("E-mail from a mailbox of yours"),
}
"""Permissions of the application, and what does not work without them (contract of Graph, section 3.4)."""
NO_MEETING = "0000000000"


class Microsoft365:
    """Looks at one application in one tenant."""

    label = gettext_noop("Microsoft 365")
    purpose = gettext_noop("For calendars in Outlook, meetings in Teams, Bookings, and e-mail from a mailbox of yours.")
    fields = FIELDS
    heading = gettext_noop("Your app registration")
    steps = (
        gettext_noop(
            "In the Azure portal open Microsoft Entra ID, App registrations, New registration. Any name will do; a"
            " redirect address is needed only to sign in later, and is shown then."
        ),
        gettext_noop(
            "Under API permissions add the application permissions you want of Microsoft Graph, Calendars.ReadWrite at"
            " least, and grant admin consent."
        ),
        gettext_noop("Under Certificates & secrets make a client secret, and copy its value."),
    )
    enough = gettext_noop("Everything calendars need works.")
    removal = gettext_noop(
        "Its access is deleted for good. Calendars that are read with it cannot be reached any more, and close"
        " their provider’s time when their patience ends: remove those first."
    )

    def __init__(self, application: Application, allowed: tuple[str, ...]) -> None:
        self._application, self._allowed = application, allowed

    @classmethod
    def connected(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the account an access describes. Raises NotConnected."""
        return cls(Application.read(access, allowed), allowed)

    @classmethod
    def shown(cls, access: Mapping[str, str]) -> str:
        """Return tenant and application."""
        return f"{access.get('tenant', '')} · {access.get('client_id', '')}"

    def sign_in_address(self, back: str, state: str, verifier: str) -> str:
        """Return Microsoft's page to sign in at."""
        return signing_in.sign_in_address(self._application, back, state, verifier)

    def consent_address(self, back: str, state: str) -> str:
        """Return Microsoft's page to grant consent at."""
        return signing_in.consent_address(self._application, back, state)

    def redeem(self, code: str, back: str, state: str, verifier: str) -> SignedIn:
        """Return what a code is worth. Raises NotConnected."""
        web = Web(entra.reach(self._allowed), seconds=ONE_REQUEST)
        try:
            return signing_in.redeem(self._application, web, code, back, state, verifier)
        finally:
            web.close()

    def make_business(self, name: str, secret: str, keep: Callable[[str], None]) -> None:
        """Open a business in Bookings, which a person alone may do. Raises NotConnected."""
        graph = signing_in.delegated(self._application, self._allowed, secret, keep)
        try:
            signing_in.make_business(graph, name)
        finally:
            graph.close()

    def refusal(self, told: Mapping[str, str]) -> str:
        """Return why Microsoft sent somebody back without it."""
        return signing_in.refusal(told)

    def consented(self, told: Mapping[str, str]) -> None:
        """Ask for tokens anew, which name what is allowed by now. Raises NotConnected."""
        if told.get("admin_consent", "").lower() != "true":
            raise NotConnected(_("Microsoft did not say that it was allowed. Begin again."))
        signing_in.require_tenant(self._application, told.get("tenant", ""))
        tokens.kept.drop(self._application)

    def look(self) -> list[Finding]:
        """Sign in, read what was granted, and try what only a trial shows. Raises NotConnected."""
        graph = Graph.opened(self._application, self._allowed)
        try:
            granted = graph.granted()
            found = [Finding("sign_in", "ok", _("We can sign in to your tenant."))]
            found += [_permission(name, words, granted) for name, words in NEEDED.items()]
            found.append(self._bookings(graph, granted))
            found.append(self._policy(graph, granted))
            return found + _unseen()
        except SignInRefused as refused:
            raise entra.refused(refused.code or str(refused)) from None
        except GraphError as failure:
            words = _("Microsoft could not be asked: %(why)s. Nothing was changed; try again in a while.")
            raise NotConnected(words % {"why": str(failure)}) from None
        finally:
            graph.close()

    def _bookings(self, graph: Graph, granted: frozenset[str]) -> Finding:
        if "Bookings.ReadWrite.All" not in granted:
            return Finding("bookings", "unknown", _("Bookings cannot be tried without its permission."))
        try:
            first = next(graph.pages("/solutions/bookingBusinesses"), {})
        except GraphError as failure:
            if failure.is_passing:
                return Finding("bookings", "unknown", _("Bookings did not answer: %(why)s.") % {"why": str(failure)})
            words = _("Bookings refuses us although the permission is granted: %(why)s.") % {"why": str(failure)}
            remedy = _(
                "Bookings needs a licence such as Microsoft 365 Business Standard, and must be switched on in the"
                " Microsoft 365 admin center under Settings, Org settings, Bookings."
            )
            return Finding("bookings", "warning", words, remedy)
        value = first.get("value")
        count = len(value) if isinstance(value, list) else 0
        return Finding("bookings", "ok", _("Bookings answers. Businesses there: %(count)d.") % {"count": count})

    def _policy(self, graph: Graph, granted: frozenset[str]) -> Finding:
        organizer, code = self._application.organizer, "access_policy"
        if "OnlineMeetings.ReadWrite.All" not in granted or not organizer:
            words = _(
                "Whether we may make Teams meetings for your staff was not tried: that needs the permission above and"
                " a mailbox to try it with."
            )
            return Finding(code, "unknown", words, commands=self._commands())
        query = {"$filter": f"joinMeetingIdSettings/joinMeetingId eq '{NO_MEETING}'"}
        try:
            next(graph.pages(f"{of_user(organizer)}/onlineMeetings", query), {})
        except GraphError as failure:
            if failure.status == 403:
                words = _("Teams does not let us make meetings for %(who)s: an application access policy is missing.")
                remedy = _("A Teams administrator runs these in PowerShell. It takes up to half an hour to count.")
                return Finding(code, "warning", words % {"who": organizer}, remedy, self._commands())
            if not failure.is_missing:
                words = _("Teams could not be asked about meetings of %(who)s: %(why)s.")
                return Finding(code, "unknown", words % {"who": organizer, "why": str(failure)})
        return Finding(code, "ok", _("Teams lets us make meetings for %(who)s.") % {"who": organizer})

    def _commands(self) -> tuple[str, ...]:
        made = f"New-CsApplicationAccessPolicy -Identity Vestibule -AppIds {self._application.client_id}"
        return ("Connect-MicrosoftTeams", made, "Grant-CsApplicationAccessPolicy -PolicyName Vestibule -Global")


def _permission(name: str, words: str, granted: frozenset[str]) -> Finding:
    code = f"permission:{name}"
    if name in granted:
        return Finding(code, "ok", _("%(what)s: allowed (%(name)s).") % {"what": _(words), "name": name})
    remedy = _(
        "In Azure: your app registration, API permissions, Add a permission, Microsoft Graph, Application permissions,"
        " %(name)s. Then Grant admin consent."
    )
    state = "missing" if name == CALENDARS else "warning"
    said = _("%(what)s: not allowed (%(name)s).") % {"what": _(words), "name": name}
    return Finding(code, state, said, remedy % {"name": name})


def _unseen() -> list[Finding]:
    """Return what nothing shows from outside."""
    return [
        Finding(
            "anonymous_join",
            "unknown",
            _("Whether people without an account may join meetings cannot be seen from here."),
            _("Teams admin center, Meetings, Meeting settings: “Anonymous users can join a meeting” must be on."),
        ),
        Finding(
            "federation",
            "unknown",
            _(
                "Whether your tenant lets in callers of Azure Communication Services cannot be seen from here."
                " Consumers join meetings as guests, for whom anonymous join is enough; only calls to people need more."
            ),
            _("If staff are to be called directly, a Teams administrator runs this with your resource’s ID."),
            ("Set-CsTeamsAcsFederationConfiguration -EnableAcsUsers $true -AllowedAcsResources <resource id>",),
        ),
        Finding(
            "deployed_app_url",
            "unknown",
            _("Whether Bookings sends people to your own pages cannot be seen from here."),
            _("In Bookings: Business information, “Deployed App URL” is the address of this server with /visit."),
        ),
    ]
