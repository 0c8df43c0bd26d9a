"""Who may do what: one table of roles and permissions, and the actor every verb is told about."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vestibule.people.errors import NotPermitted


class Role(StrEnum):
    """What a member of staff is in one business."""

    OWNER = "owner"
    MANAGER = "manager"
    SCHEDULER = "scheduler"
    PROVIDER = "provider"
    VIEWER = "viewer"


class Permission(StrEnum):
    """One thing a role may do in its business."""

    MANAGE_BUSINESS = "manage_business"
    MANAGE_STAFF = "manage_staff"
    MANAGE_KEYS = "manage_keys"
    MANAGE_SETUP = "manage_setup"
    MANAGE_OWN_HOURS = "manage_own_hours"
    SEE_SETUP = "see_setup"
    SEE_APPOINTMENTS = "see_appointments"
    SEE_OWN_APPOINTMENTS = "see_own_appointments"
    CHANGE_APPOINTMENTS = "change_appointments"
    CHANGE_OWN_APPOINTMENTS = "change_own_appointments"
    HOST_ANY = "host_any"
    HOST_OWN = "host_own"
    SEE_RESULTS = "see_results"
    SEE_ACTIVITY = "see_activity"


P = Permission
_VIEWER = frozenset({P.SEE_SETUP, P.SEE_APPOINTMENTS, P.SEE_RESULTS})
_PROVIDER = frozenset({P.SEE_OWN_APPOINTMENTS, P.CHANGE_OWN_APPOINTMENTS, P.MANAGE_OWN_HOURS, P.HOST_OWN, P.SEE_SETUP})
_SCHEDULER = _VIEWER | {
    P.SEE_OWN_APPOINTMENTS,
    P.CHANGE_APPOINTMENTS,
    P.CHANGE_OWN_APPOINTMENTS,
    P.HOST_OWN,
    P.MANAGE_OWN_HOURS,
}
_MANAGER = _SCHEDULER | {P.MANAGE_SETUP, P.MANAGE_STAFF, P.MANAGE_KEYS, P.HOST_ANY, P.SEE_ACTIVITY}
_OWNER = _MANAGER | {P.MANAGE_BUSINESS}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _OWNER,
    Role.MANAGER: _MANAGER,
    Role.SCHEDULER: _SCHEDULER,
    Role.PROVIDER: _PROVIDER,
    Role.VIEWER: _VIEWER,
}

ROLE_NAMES: dict[Role, str | Promise] = {
    Role.OWNER: gettext_lazy("Owner"),
    Role.MANAGER: gettext_lazy("Manager"),
    Role.SCHEDULER: gettext_lazy("Scheduler"),
    Role.PROVIDER: gettext_lazy("Provider"),
    Role.VIEWER: gettext_lazy("Viewer"),
}
ROLE_PURPOSES: dict[Role, str | Promise] = {
    Role.OWNER: gettext_lazy("Everything, and who else is an owner"),
    Role.MANAGER: gettext_lazy("Hours, services, staff, every appointment, results and activity"),
    Role.SCHEDULER: gettext_lazy("Books, moves and cancels for everybody; sees results"),
    Role.PROVIDER: gettext_lazy("The own appointments, hours and desk"),
    Role.VIEWER: gettext_lazy("Sees set-up, appointments and results, changes nothing"),
}


class ActorKind(StrEnum):
    """Where a request comes from."""

    STAFF = "staff"
    CONSUMER = "consumer"
    API_KEY = "api_key"
    PUBLIC = "public"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who asks. Every verb takes one, checks it here, and writes its label into the audit trail.

    `business_id` is the only business it may touch (None for the system and for the anonymous public).
    `provider_id` is set when the member of staff also meets consumers. `subjects` holds the references a
    capability link opens, such as one appointment's. `program` names the program that calls, whatever it is called:
    two of one name are two.
    """

    kind: ActorKind
    label: str
    business_id: int | None = None
    role: Role | None = None
    provider_id: int | None = None
    user_id: int | None = None
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    subjects: frozenset[str] = field(default_factory=frozenset)
    program: str = ""

    def may(self, permission: Permission) -> bool:
        """Tell whether this actor holds `permission` in its business."""
        return self.kind is ActorKind.SYSTEM or permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise NotPermitted unless this actor holds `permission`."""
        if not self.may(permission):
            raise NotPermitted(
                _("Your role does not allow this, so nothing was changed. Ask an owner or manager of your business.")
            )

    def business_of(self, permission: Permission) -> int:
        """Return the id of the business in which this actor holds `permission`; raise NotPermitted if there is none."""
        self.require(permission)
        if self.business_id is None:
            raise NotPermitted(_("This is done for one business, and none was named, so nothing was changed."))
        return self.business_id


SYSTEM = Actor(ActorKind.SYSTEM, "system")
PUBLIC = Actor(ActorKind.PUBLIC, "public")


def staff_actor(*, user_id: int, label: str, business_id: int, role: Role, provider_id: int | None) -> Actor:
    """Return the actor for a member of staff, with the permissions of its role."""
    return Actor(ActorKind.STAFF, label, business_id, role, provider_id, user_id, GRANTS[role])
