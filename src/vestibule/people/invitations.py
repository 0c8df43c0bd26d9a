"""Mails that let invited staff in: a link to choose a password, or word of a new role."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse

from vestibule.people.models import Membership
from vestibule.people.sign_in import password_link


def send(membership: Membership, invited_by: str) -> None:
    """Mail an invitation; somebody who can sign in already only gets word of the new role."""
    user = membership.user
    knows_us = user.last_login is not None or user.has_usable_password()
    context: dict[str, Any] = {
        "user": user,
        "business": membership.business,
        "invited_by": invited_by,
        "knows_us": knows_us,
        "link": settings.PUBLIC_URL + reverse("account_login") if knows_us else password_link(user),
    }
    get_adapter().send_mail("people/email/invitation", user.email, context)
