"""The `api-version` each request has to name: which of them are answered, by service."""

import re
from collections.abc import Mapping

from vestibule.api.acs.faults import Fault

KNOWN: Mapping[str, frozenset[str]] = {
    "identity": frozenset({"2021-03-07", "2022-06-01", "2022-10-01", "2023-10-01", "2025-06-30"}),
    "rooms": frozenset({"2023-06-14", "2024-04-15", "2025-03-13"}),
    "chat": frozenset({"2021-03-07", "2021-09-07", "2023-11-07", "2024-03-07", "2024-09-01", "2025-03-15"}),
    "sms": frozenset({"2021-03-07", "2026-01-23"}),
    "email": frozenset({"2023-03-31", "2025-09-01"}),
}
_SPELT_OUT = re.compile(r"ApiVersion\.V(\d{4})_(\d{2})_(\d{2})")


def require(service: str, given: str | None) -> None:
    """Raise Fault (400) unless `given` is a version of `service` that is answered.

    Python's rooms package names it `ApiVersion.V2025_03_13` when it asks for a further page.
    """
    if not given:
        raise Fault(400, "ApiVersionUnspecified", "Name the version: `?api-version=…`.", target="api-version")
    spelt = _SPELT_OUT.fullmatch(given)
    version = "-".join(spelt.groups()) if spelt is not None else given
    if version not in KNOWN[service]:
        known = ", ".join(sorted(KNOWN[service]))
        raise Fault(
            400, "InvalidApiVersion", f"This version is not known here; these are: {known}.", target="api-version"
        )
