"""Registers a program with a business of a running server, as an office manager would: prints what it signs in with."""

import json
import os
import sys

import django


def main(slug: str, *permissions: str) -> None:
    """Print the address of a tenant's application as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    django.setup()
    from tests.factories import manager_of
    from vestibule.people import applications
    from vestibule.people.models import Business
    from vestibule.people.permissions import Role

    business = Business.objects.get(slug=slug)
    owner = manager_of(business, role=Role.OWNER)
    tenant = applications.switch(owner, is_on=True)
    row, secret = applications.register(owner, "Another Vestibule", permissions)
    people = list(business.providers.values_list("email", flat=True)[:3])
    told = {"tenant": str(tenant.tenant), "client_id": str(row.client_id), "secret": secret, "people": people}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
