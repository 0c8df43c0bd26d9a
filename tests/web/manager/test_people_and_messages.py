"""Staff, keys and messages, as the office runs them."""

from datetime import timedelta
from typing import Any

from django.core import mail

from tests.web.manager.office import Office, url
from vestibule.notifications.models import OutboxMessage
from vestibule.people import api_keys
from vestibule.people.models import ApiKey, Membership, Provider
from vestibule.people.permissions import Role
from vestibule.store import clock


def test_an_invitation_makes_a_member_with_a_role_and_is_mailed(
    office: Office, django_capture_on_commit_callbacks: Any
) -> None:
    data = {"name": "Nina Neu", "email": "nina@example.org", "role": "scheduler", "as_provider": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        assert office.manager.post(url("staff-invite"), data).status_code == 302
    member = Membership.objects.get(user__email="nina@example.org")
    assert (member.role, member.business, member.provider.name) == ("scheduler", office.business, "Nina Neu")
    assert [letter.to for letter in mail.outbox] == [["nina@example.org"]]


def test_only_owners_make_owners(office: Office) -> None:
    data = {"name": "Nina Neu", "email": "nina@example.org", "role": "owner"}
    assert office.manager.post(url("staff-invite"), data).status_code == 422
    assert office.as_(Role.OWNER).post(url("staff-invite"), data).status_code == 302


def test_a_role_is_changed_and_access_ended_and_given_back(office: Office) -> None:
    member = office.staff[Role.SCHEDULER]
    office.manager.post(url("staff-member", member.pk), {"role": "viewer"})
    assert Membership.objects.get(pk=member.pk).role == "viewer"
    assert "signed out of this business" in office.manager.get(url("staff-deactivate", member.pk)).content.decode()
    office.manager.post(url("staff-deactivate", member.pk))
    assert not Membership.objects.get(pk=member.pk).is_active
    office.manager.post(url("staff-reactivate", member.pk))
    assert Membership.objects.get(pk=member.pk).is_active


def test_the_last_owner_stays_and_the_page_says_why(office: Office) -> None:
    owner = office.staff[Role.OWNER]
    page = office.as_(Role.OWNER).post(url("staff-deactivate", owner.pk))
    assert page.status_code == 409
    assert "This is the only owner" in page.content.decode()
    assert Membership.objects.get(pk=owner.pk).is_active


def test_a_provider_is_invited_to_sign_in(office: Office) -> None:
    Provider.objects.filter(pk=office.ada.pk).update(membership=None)
    data = {"email": "ada.blum@example.org", "role": "provider"}
    assert office.manager.post(url("provider-sign-in", office.ada.slug), data).status_code == 302
    assert Membership.objects.get(provider=office.ada).user.email == "ada.blum@example.org"


def test_a_key_is_shown_once_works_and_is_revoked(office: Office) -> None:
    page = office.manager.post(url("keys"), {"name": "Website", "scopes": ["appointments:read"]})
    token = page.context["token"]
    assert page.status_code == 201
    assert token in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    key = api_keys.find(token)
    assert key is not None
    assert (key.business, key.scopes) == (office.business, ["appointments:read"])
    assert token not in office.manager.get(url("keys")).content.decode()
    office.manager.post(url("key-revoke", key.pk))
    assert api_keys.find(token) is None


def test_a_key_without_a_purpose_is_not_made(office: Office) -> None:
    assert office.manager.post(url("keys"), {"name": "", "scopes": ["appointments:read"]}).status_code == 422
    assert office.manager.post(url("keys"), {"name": "Website", "scopes": ["everything"]}).status_code == 422
    assert not ApiKey.objects.exists()


def test_a_failed_message_says_why_and_is_tried_again(office: Office) -> None:
    failed = OutboxMessage.objects.filter(kind="confirmation").earliest("pk")
    OutboxMessage.objects.filter(pk=failed.pk).update(state="failed", last_error="550 <no> such mailbox", attempts=9)
    page = office.manager.get(url("messages", state="failed")).content.decode()
    assert "550 &lt;no&gt; such mailbox" in page
    office.manager.post(url("message-retry", failed.ref))
    again = OutboxMessage.objects.get(pk=failed.pk)
    assert (again.state, again.attempts, again.last_error) == ("queued", 0, "")
    assert office.manager.post(url("message-retry", failed.ref)).status_code == 404


def test_a_reminder_is_not_tried_again_when_it_would_come_too_late(office: Office) -> None:
    reminder = OutboxMessage.objects.filter(kind="reminder").earliest("pk")
    OutboxMessage.objects.filter(pk=reminder.pk).update(state="failed", not_after=clock.now() - timedelta(hours=1))
    assert office.manager.post(url("message-retry", reminder.ref)).status_code == 422
    assert OutboxMessage.objects.get(pk=reminder.pk).state == "failed"


def test_the_activity_is_filtered(office: Office) -> None:
    office.manager.post(url("survey-new"), {"text": "How was it?", "kind": "stars", "asks_comment": "on"})

    def said(**query: str) -> list[str]:
        return [line.said for line in office.manager.get(url("activity", **query)).context["lines"]]

    assert said(area="survey") == ["changed the survey"]
    assert said(area="appointment") == ["booked an appointment"] * 2
    assert said(who="manager@") == ["changed the survey"]
    assert said(since="2030-03-05") == []
