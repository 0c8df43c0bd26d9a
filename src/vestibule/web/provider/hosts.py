"""Who may open pages of the desk."""

from vestibule.people.permissions import Permission
from vestibule.web.account.guards import StaffRequest


def require_host(request: StaffRequest) -> None:
    """Raise NotPermitted for staff whose role meets nobody."""
    if not request.actor.may(Permission.HOST_OWN):
        request.actor.require(Permission.HOST_ANY)
