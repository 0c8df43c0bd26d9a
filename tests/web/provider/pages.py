"""The pages of providers as tests open and read them."""

from typing import Any

from django.test import Client

from tests.factories import make_membership, make_user
from vestibule.people.models import Business, Provider
from vestibule.people.permissions import Role


def signed_in(client: Client, business: Business, role: Role, provider: Provider | None = None) -> Client:
    user = make_user()
    membership = make_membership(business=business, user=user, role=role)
    if provider is not None:
        Provider.objects.filter(pk=provider.pk).update(membership=membership)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(answer: Any) -> str:
    return str(answer.content, "utf-8")
