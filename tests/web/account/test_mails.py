"""Every mail of sign-in says what happened in our words, and what to do if it was somebody else."""

from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.core import mail
from django.test import RequestFactory

from tests.factories import make_user
from vestibule.web import account

pytestmark = pytest.mark.django_db
TEMPLATES = Path(account.__file__).parents[1] / "templates"
CHANGES = sorted(
    str(file.relative_to(TEMPLATES)).removesuffix("_message.txt")
    for file in TEMPLATES.glob("*/email/*_message.txt")
    if "changed.txt" in file.read_text("utf-8")
)


def test_every_change_allauth_tells_of_has_a_mail_of_ours() -> None:
    theirs = {"password_changed", "password_set", "password_reset", "totp_activated", "totp_deactivated"}
    theirs |= {"webauthn_added", "webauthn_removed", "recovery_codes_generated"}
    assert {name.rpartition("/")[2] for name in CHANGES} == theirs


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_with_its_place_and_the_way_out(name: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", headers={"User-Agent": "Firefox & <Co>"})
    with request_context(request):
        get_adapter(request).send_notification_mail(name, make_user(email="mara@example.org"))
    told = mail.outbox[0]
    assert told.to == ["mara@example.org"]
    assert "203.0.113.9" in told.body
    assert "Firefox & <Co>" in told.body
    assert "/account/password/forgotten" in told.body
    assert "example.com" not in f"{told.subject}{told.body}"
    assert told.subject
