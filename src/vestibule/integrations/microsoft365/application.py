"""The registered application by which a business lets us into its tenant, and the cloud it is in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from django.utils.translation import gettext_noop

from vestibule.integrations import entra
from vestibule.integrations.entra import Proof
from vestibule.integrations.guarded import PrivateHosts
from vestibule.people.ports import Field

GRAPHS = {
    "": "https://graph.microsoft.com",
    "usgov": "https://graph.microsoft.us",
    "dod": "https://dod-graph.microsoft.us",
    "china": "https://microsoftgraph.chinacloudapi.cn",
}
CLOUDS = {name: (entra.AUTHORITIES[name], graph) for name, graph in GRAPHS.items()}
"""Where tokens and Graph are, by cloud: https://learn.microsoft.com/graph/deployments."""
FIELDS = (
    entra.TENANT,
    entra.APPLICATION,
    entra.SECRET,
    entra.CERTIFICATE,
    Field(
        "organizer",
        gettext_noop("Who holds visits that no provider can"),
        gettext_noop(
            "The e-mail address of somebody with Teams. Every meeting has an organizer: this person is it where a"
            " provider has no address, or nobody has an appointment. Permissions are tried with them too."
        ),
        required=False,
        kind="email",
    ),
    entra.CLOUD,
    entra.AUTHORITY,
    Field(
        "graph",
        gettext_noop("Where Graph is"),
        gettext_noop("Only for another cloud: its origin, such as https://graph.example.org."),
        required=False,
        kind="url",
        part=entra.OTHER_CLOUDS,
    ),
)


@dataclass(frozen=True)
class Application:
    """One registered application. `authority` and `graph` are origins; that of a stand-in may have a path."""

    tenant: str
    client_id: str
    authority: str
    graph: str
    proof: Proof = field(default_factory=Proof, repr=False)
    organizer: str = ""

    @classmethod
    def read(cls, access: Mapping[str, str], allowed: tuple[str, ...]) -> Self:
        """Return the application that an access describes. Raises NotConnected."""
        authority, graph = _cloud(access, PrivateHosts(allowed))
        proof = Proof.read(access)
        return cls(
            tenant=entra.part(access.get("tenant", ""), "tenant"),
            client_id=entra.part(access.get("client_id", ""), "client_id"),
            authority=authority,
            graph=graph,
            proof=proof,
            organizer=access.get("organizer", ""),
        )

    @property
    def scope(self) -> str:
        """What a token is asked for: all that an administrator granted."""
        return f"{self.graph}/.default"

    @property
    def token_url(self) -> str:
        """Where a token is asked for."""
        return f"{self.authority}/{self.tenant}/oauth2/v2.0/token"


def _cloud(access: Mapping[str, str], private: PrivateHosts) -> tuple[str, str]:
    name = access.get("cloud", "")
    if not name:
        return entra.installed("ENTRA_AUTHORITY"), entra.installed("GRAPH_BASE_URL")
    return entra.authority(access, private), GRAPHS.get(name) or entra.origin(access, "graph", private)
