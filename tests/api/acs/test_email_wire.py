"""Mails on the wire: every answer as it is described, the shared examples, and what is refused in which shape."""

from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest

from tests.api.acs.at_the_door import ENDPOINT, Door, Told
from tests.factories import make_business
from tests.integrations.acs_contract import answer_faults, example, request_of
from vestibule.api.acs import doors
from vestibule.notifications import gateways
from vestibule.notifications.models import Gateway, OutboxMessage
from vestibule.notifications.ports import DeliveryError
from vestibule.notifications.testing import FakeMail, fakes
from vestibule.notifications.worker import send_due
from vestibule.people.models import Business

pytestmark = pytest.mark.django_db
VERSION = "api-version=2025-09-01"
MAIL: dict[str, Any] = {
    "senderAddress": "desk@clinic.example",
    "content": {"subject": "Your results", "plainText": "They are in."},
    "recipients": {"to": [{"address": "jo@example.org", "displayName": "Jo"}]},
}


@pytest.fixture
def clinic() -> Business:
    return make_business()


@pytest.fixture
def door(clinic: Business) -> Door:
    return Door(clinic)


def post(door: Door, body: Any = None, **headers: str) -> Told:
    return door.ask("POST", f"/emails:send?{VERSION}", MAIL if body is None else body, **headers)


def result(door: Door, operation: str) -> Told:
    answer = door.ask("GET", f"/emails/operations/{operation}?{VERSION}")
    if answer.status == 200:
        assert answer_faults("emails", "EmailSendResult", answer.body) == []
    return answer


def taken(refusal: DeliveryError | None = None) -> FakeMail:
    gateway = FakeMail()
    gateway.refusal = refusal
    send_due(fakes(gateway))
    return gateway


def error_of(answer: Told, status: int) -> str:
    """Return what an error is called, of an answer that is wholly as it is described."""
    assert answer.status == status, answer.body
    failed = {"id": "x", "status": "Failed", "error": answer.body["error"]}  # the same error the description has there
    assert answer_faults("emails", "EmailSendResult", failed) == []
    code: str = answer.body["error"]["code"]
    assert answer.headers["x-ms-error-code"] == code
    return code


def test_the_shared_example_of_sending_comes_out_as_it_says(door: Door) -> None:
    operation = request_of("email/SendEmail.json", "operation-id")
    answer = post(door, request_of("email/SendEmail.json", "emailMessage"), Operation_Id=operation)
    assert answer.status == 202
    assert answer.body == example("email/SendEmail.json", 202)
    assert answer.headers["operation-location"] == f"{ENDPOINT}/emails/operations/{operation}?{VERSION}"
    assert int(answer.headers["retry-after"]) > 0
    assert result(door, operation).body == example("email/SendEmail.json", 202)
    sent = taken().taken
    assert {one.to for one in sent} == {
        *("john.doe@domain.com", "jane.doe@domain2.com", "wendy@someotherdomain.com"),
        *("jimmy@anotherdomain.com", "bob@anotherdomain.com", "mail@yetanotherdomain.com"),
    }
    assert [one.name for one in sent[0].files] == ["MyAttachment.pdf", "MyAttachment2.docx", "MyInlineImage.jpg"]
    assert sent[0].files[2].cid == "my-inline-image"
    assert ("ClientCorrelationId", "123") in sent[0].headers
    done = result(door, operation)
    assert (done.body["status"], "retry-after" in done.headers) == ("Succeeded", False)


def test_an_operation_asked_for_while_it_runs_is_told_as_the_example_says(door: Door) -> None:
    operation = request_of("email/GetOperationStatusReturnsNonTerminalStatus.json", "operationId")
    post(door, Operation_Id=operation)
    answer = result(door, operation)
    assert answer.body == example("email/GetOperationStatusReturnsNonTerminalStatus.json", 200)
    assert int(answer.headers["retry-after"]) > 0


def test_asking_again_by_the_same_id_is_the_same_operation_and_sends_once(door: Door) -> None:
    operation = str(uuid4())
    assert post(door, Operation_Id=operation).body["id"] == operation
    assert len(taken().taken) == 1
    again = post(door, {**MAIL, "content": {"subject": "Another", "plainText": "one"}}, Operation_Id=operation)
    assert (again.status, again.body) == (202, {"id": operation, "status": "Succeeded"})
    assert taken().taken == []


def test_behind_a_proxy_the_operation_is_where_the_outside_asks(door: Door, settings: Any) -> None:
    settings.PROGRAMS_URL = ENDPOINT
    answer = post(door, scheme="http")
    assert answer.headers["operation-location"].startswith(f"{ENDPOINT}/emails/operations/")


def test_without_an_id_one_is_made(door: Door) -> None:
    first, second = post(door).body["id"], post(door).body["id"]
    assert first != second
    assert result(door, first).body["status"] == "Running"


def test_an_operation_that_failed_says_why(door: Door) -> None:
    begun = post(door).body["id"]
    taken(DeliveryError("the mail server answered 550", permanent=True))
    told = result(door, begun).body
    assert told["status"] == "Failed"
    assert told["error"] == {"code": "EmailDeliveryFailed", "message": "the mail server answered 550"}


def test_what_is_asked_about_following_readers_changes_nothing(door: Door) -> None:
    for choice in (True, False, None):
        assert post(door, {**MAIL, "userEngagementTrackingDisabled": choice}).status == 202
    page = '<p><a href="https://clinic.example/x">here</a></p>'
    post(door, {**MAIL, "content": {"subject": "s", "html": page}, "userEngagementTrackingDisabled": False})
    assert taken().taken[-1].html == page


@pytest.mark.parametrize(
    ("target", "changes"),
    [
        ("senderAddress", {"senderAddress": None}),
        ("content", {"content": None}),
        ("content.subject", {"content": {"plainText": "x"}}),
        ("content", {"content": {"subject": "x"}}),
        ("content.html", {"content": {"subject": "x", "html": 7}}),
        ("recipients", {"recipients": []}),
        ("recipients.to", {"recipients": {"to": []}}),
        ("recipients.to", {"recipients": {"to": {"address": "x"}}}),
        ("recipients.to.address", {"recipients": {"to": [{"displayName": "Jo"}]}}),
        ("recipients.to", {"recipients": {"to": [{"address": "not an address"}]}}),
        ("recipients", {"recipients": {"to": [{"address": f"p{n}@example.org"} for n in range(51)]}}),
        ("replyTo", {"replyTo": [{"address": "x"}]}),
        ("attachments", {"attachments": ["x"]}),
        ("attachments.contentInBase64", {"attachments": [{"name": "a", "contentType": "a/b"}]}),
        (
            "attachments.contentInBase64",
            {"attachments": [{"name": "a", "contentType": "a/b", "contentInBase64": "&&&"}]},
        ),
        ("attachments.contentType", {"attachments": [{"name": "a", "contentType": "a", "contentInBase64": ""}]}),
        ("headers", {"headers": ["X"]}),
        ("headers", {"headers": {"X-a": "1", "x-A": "2"}}),
        ("headers", {"headers": {"Bcc": "all@example.org"}}),
        ("headers.X-a", {"headers": {"X-a": 1}}),
        ("headers", {"headers": {"X-a": "1\r\nBcc: all@example.org"}}),
        ("userEngagementTrackingDisabled", {"userEngagementTrackingDisabled": "yes"}),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_name(door: Door, target: str, changes: dict[str, Any]) -> None:
    answer = post(door, {**MAIL, **changes})
    assert error_of(answer, 400) == "BadRequest"
    assert answer.body["error"]["target"] == target
    assert not OutboxMessage.objects.exists()


def test_an_id_that_is_no_guid_is_refused(door: Door) -> None:
    assert error_of(post(door, Operation_Id="tomorrow"), 400) == "BadRequest"


def test_a_sender_that_is_not_the_business_own_is_told_as_azure_does(door: Door, clinic: Business) -> None:
    access = gateways.sealed({"host": "mail.example.org", "username": "u", "password": "p"})
    Gateway.objects.create(
        business=clinic, channel="email", kind="smtp", name="Ours", sender="desk@clinic.example", access=access
    )
    assert post(door).status == 202
    assert error_of(post(door, {**MAIL, "senderAddress": "boss@clinic.example"}), 400) == "InvalidSenderUserName"
    foreign = post(door, {**MAIL, "senderAddress": "desk@other.example"})
    assert error_of(foreign, 404) == "DomainNotLinked"
    assert "desk@clinic.example" in foreign.body["error"]["message"]


def test_ten_megabytes_are_the_most_a_mail_has_and_more_fit_through_the_door_than_that(door: Door) -> None:
    large = {"name": "a.bin", "contentType": "application/octet-stream"}
    held = b64encode(bytes(10 * 1024 * 1024)).decode()
    assert len(held) < doors.LARGEST_MAIL
    answer = post(door, {**MAIL, "attachments": [{**large, "contentInBase64": held}]})
    assert error_of(answer, 400) == "BadRequest"
    assert "10 MB" in answer.body["error"]["message"]


def test_operations_of_another_business_are_not_there(door: Door) -> None:
    theirs = post(Door(make_business())).body["id"]
    for unknown in (theirs, str(uuid4()), "x"):
        assert error_of(result(door, unknown), 404) == "OperationNotFound"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/emails:send"), ("GET", "/emails/operations/044c2959-ad23-476a-839b-9d320c3ad401")]
)
def test_who_signs_with_no_key_of_ours_or_names_no_version_is_refused(door: Door, method: str, path: str) -> None:
    assert error_of(door.send(method, f"{path}?{VERSION}", b"{}"), 401) in ("Denied", "Unauthorized")
    assert error_of(door.ask(method, path, {}), 400) == "ApiVersionUnspecified"
    assert error_of(door.ask(method, f"{path}?api-version=1999-01-01", {}), 400) == "InvalidApiVersion"
