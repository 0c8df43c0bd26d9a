"""Makes a business that is a resource of Communication Services, and prints what programs sign with, as JSON.

Run as `python -m bench.acs_fill FOLDER IDENTITIES`, on a database that is up to date.
"""

import base64
import json
import os
import sys


def fill(identities: int) -> dict[str, object]:
    """Make the business and its identities; return its key (base64), their names on the wire, and a token for each."""
    from vestibule.people import communication
    from vestibule.people import identities as people
    from vestibule.people.models import Business
    from vestibule.people.permissions import Actor, ActorKind, Permission

    business = Business.objects.create(slug="lakeside-clinic", name="Lakeside Clinic")
    held = frozenset({Permission.MANAGE_KEYS})
    communication.put(
        Actor(ActorKind.STAFF, "Mara", business.pk, permissions=held), is_on=True, services=communication.SERVICES
    )
    resource = next(iter(communication.answering().values()))
    made = [people.create(resource) for _number in range(identities)]
    key = resource.key("primary")
    return {
        "key": base64.b64encode(key.clear).decode(),
        "identities": [people.mri(resource.resource, people.key_of_guid(one.guid)) for one in made],
        "tokens": [people.issue(resource, key, one, ["chat"]).text for one in made],
    }


def main(folder: str, identities: str) -> None:
    """Fill the database in `folder`."""
    os.environ |= {"VESTIBULE_DATA": folder, "DJANGO_SETTINGS_MODULE": "vestibule.settings"}
    import django

    django.setup()
    print(json.dumps(fill(int(identities))))


if __name__ == "__main__":
    main(*sys.argv[1:])
