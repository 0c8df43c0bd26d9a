"""Pages for consumers inside somebody else's page: they carry a ticket in place of cookies (decision record 26)."""

from vestibule.web.framed.frames import tell

__all__ = ["tell"]
