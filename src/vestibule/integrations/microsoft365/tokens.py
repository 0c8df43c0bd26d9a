"""Tokens of Graph: as any application gets them (`entra`), with Graph's own errors."""

from typing import TYPE_CHECKING

from vestibule.integrations import entra
from vestibule.integrations.entra import Token
from vestibule.integrations.microsoft365.errors import GraphError, SignInRefused

if TYPE_CHECKING:
    from vestibule.integrations.outward import Web


class Tokens(entra.Tokens):
    """The tokens of a process, the least recently used forgotten. Two threads that want one ask for it once."""

    def of(self, application: entra.Client, web: "Web") -> Token:
        """Return a token that lasts a while. Raises SignInRefused, GraphError."""
        try:
            return super().of(application, web)
        except entra.NotSignedIn as silent:
            if silent.is_refused:
                raise SignInRefused(silent.code, str(silent)) from None
            raise GraphError(str(silent), status=silent.status, wait=silent.wait) from None


kept = Tokens()
"""Those of this process."""
