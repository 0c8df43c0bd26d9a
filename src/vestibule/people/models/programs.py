"""Programs written for Microsoft's services: resources, identities, tenants, applications."""

from uuid import uuid4

from django.db import models

from vestibule.people.models.tenants import Business, Tenanted
from vestibule.store import clock


class CommunicationResource(models.Model):
    """What programs written for Azure Communication Services take a business for: a resource with two access keys.

    `resource` is its name in identities and tokens. Only with `is_on` anything is answered, and of the services those
    named in `services` (`people.communication.SERVICES`). Keys are encrypted; either opens all, so that one can be
    renewed while programs use the other. A key's `…_number` counts how often it was renewed: tokens made with an
    earlier one open nothing any more.
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="communication_resource")
    resource = models.UUIDField(unique=True, default=uuid4)
    is_on = models.BooleanField(default=False)
    services = models.JSONField(default=list)
    primary_key = models.TextField()
    primary_number = models.PositiveIntegerField(default=1)
    primary_made_at = models.DateTimeField(default=clock.now)
    primary_used_at = models.DateTimeField(null=True, blank=True)
    secondary_key = models.TextField()
    secondary_number = models.PositiveIntegerField(default=1)
    secondary_made_at = models.DateTimeField(default=clock.now)
    secondary_used_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()


class ProgramIdentity(models.Model):
    """Somebody a program of the business knows, who chats and meets here under the name `8:acs:{resource}_{guid}`.

    `generation` rises when all tokens of theirs are revoked. The row of a deleted one goes after a month; what they
    said stays, by key and name.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="program_identities")
    guid = models.UUIDField(unique=True, default=uuid4)
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()


class GraphTenant(models.Model):
    """What programs written for Microsoft Graph take a business for: a tenant. Only with `is_on` they are answered.

    `made_by` is the tenant whose program made this business: the programs of that one may do here what they may there.
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="graph_tenant")
    tenant = models.UUIDField(unique=True, default=uuid4)
    is_on = models.BooleanField(default=False)
    made_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="made")

    objects = Tenanted.as_manager()


class Application(models.Model):
    """A program of a business that calls the Graph-shaped API; `permissions` are those of Graph that it was granted."""

    business = models.ForeignKey(Business, models.CASCADE, related_name="applications")
    client_id = models.UUIDField(unique=True, default=uuid4)
    name = models.CharField(max_length=80)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = Tenanted.as_manager()


class ApplicationSecret(models.Model):
    """One secret of an application; several may hold at once, so that a program changes over without a pause.

    Stored hashed, shown once; `hint` is its beginning. Access tokens end with the secret they were got by.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="secrets")
    hint = models.CharField(max_length=8)
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
