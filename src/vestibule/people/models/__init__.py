"""Tables of people: businesses, their staff, providers and consumers; what opens something; programs; records."""

from vestibule.people.models.keys import ApiKey, BusinessWays, CapabilityLink, OutsideAccount
from vestibule.people.models.programs import (
    Application,
    ApplicationSecret,
    CommunicationResource,
    GraphTenant,
    ProgramIdentity,
)
from vestibule.people.models.records import AuditEntry, RateCount, RememberedRequest
from vestibule.people.models.tenants import (
    BrandImage,
    Business,
    Consumer,
    Membership,
    Provider,
    Tenanted,
    User,
    UserManager,
)

__all__ = [
    "ApiKey",
    "Application",
    "ApplicationSecret",
    "AuditEntry",
    "BrandImage",
    "Business",
    "BusinessWays",
    "CapabilityLink",
    "CommunicationResource",
    "Consumer",
    "GraphTenant",
    "Membership",
    "OutsideAccount",
    "ProgramIdentity",
    "Provider",
    "RateCount",
    "RememberedRequest",
    "Tenanted",
    "User",
    "UserManager",
]
