"""Mail from a mailbox of Microsoft 365, against a stand-in held to the published description of Graph."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.integrations.contracts import MAIL, MailGatewayContract
from tests.integrations.microsoft import ALL, MAILBOX, Fault, Microsoft, microsoft
from vestibule.integrations.microsoft365 import graph, mail, tokens
from vestibule.integrations.microsoft365.mail import GraphMail
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import NotConnected


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Microsoft]:
    monkeypatch.setattr(tokens, "kept", tokens.Tokens())
    with microsoft() as running:
        yield running


def gateway(cloud: Microsoft, sender: str = MAILBOX, port: int = 0) -> GraphMail:
    access = {**cloud.access, "graph": f"http://127.0.0.1:{port}"} if port else cloud.access
    return GraphMail.connected({}, sender, Around("clinic.example", ("127.0.0.1",), account=access))


class TestGraphMail(MailGatewayContract):
    @pytest.fixture
    def accepting(self, cloud: Microsoft) -> GraphMail:
        return gateway(cloud)

    @pytest.fixture
    def refusing(self, cloud: Microsoft) -> GraphMail:
        cloud.faults = [Fault(400, "ErrorInvalidRecipients")]
        return gateway(cloud)

    @pytest.fixture
    def busy(self, cloud: Microsoft) -> GraphMail:
        cloud.faults = [Fault(429, "TooManyRequests", headers=(("Retry-After", "120"),))]
        return gateway(cloud)

    @pytest.fixture
    def unreachable(self, cloud: Microsoft) -> GraphMail:
        return gateway(cloud, port=1)

    @pytest.fixture
    def silent(self, cloud: Microsoft, monkeypatch: pytest.MonkeyPatch) -> GraphMail:
        monkeypatch.setattr(mail, "ONE_REQUEST", 0.5)
        cloud.faults = [Fault(silent=True)]
        return gateway(cloud)


def test_people_get_the_mail_that_other_gateways_send(cloud: Microsoft) -> None:
    invitation = replace(MAIL, calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", calendar_method="REQUEST")
    told = gateway(cloud).send(invitation)
    (sent,) = cloud.mails
    kinds = [part.get_content_type() for part in sent.walk() if not part.is_multipart()]
    assert (sent["Message-ID"], sent["From"]) == (told, f"Lakeside Clinic <{MAILBOX}>")
    assert kinds[:3] == ["text/plain", "text/html", "text/calendar"]


@pytest.mark.parametrize(
    ("fault", "permanent", "of_gateway", "maybe_taken"),
    [
        (Fault(cuts=True), False, True, True),
        (Fault(500, "generalException"), False, True, True),
        (Fault(504, "generalException"), False, True, True),
        (Fault(403, "ErrorAccessDenied"), False, True, False),
        (Fault(404, "ErrorInvalidUser"), False, True, False),
        (Fault(429, headers=(("Retry-After", "900"),)), False, True, False),
        (Fault(400, "ErrorMimeContentInvalid"), True, False, False),
        (Fault(413, "ErrorMessageSizeExceeded"), True, False, False),
    ],
)
def test_an_answer_says_of_what_it_speaks_and_whether_the_mail_may_have_left(
    cloud: Microsoft, fault: Fault, permanent: bool, of_gateway: bool, maybe_taken: bool
) -> None:
    cloud.faults = [fault]
    with pytest.raises(DeliveryError) as refused:
        gateway(cloud).send(MAIL)
    told = refused.value
    assert (told.permanent, told.of_gateway, told.maybe_taken) == (permanent, of_gateway, maybe_taken)


def test_what_may_have_left_is_not_sent_again_by_itself(cloud: Microsoft) -> None:
    cloud.faults = [Fault(cuts=True)]
    with pytest.raises(DeliveryError):
        gateway(cloud).send(MAIL)
    assert len(cloud.mails) == 1


def test_a_mail_whose_turn_is_over_is_not_handed_over(cloud: Microsoft) -> None:
    def over() -> None:
        raise DeliveryError("it waits for the one before", permanent=False)

    with pytest.raises(DeliveryError, match="waits"):
        gateway(cloud).send_in_turn(MAIL, over)
    assert cloud.mails == []


def test_sending_must_be_allowed_and_only_a_mail_shows_that_the_mailbox_is_there(cloud: Microsoft) -> None:
    assert gateway(cloud).check() is False
    tokens.kept = tokens.Tokens()
    cloud.roles = tuple(one for one in ALL if one != "Mail.Send")
    with pytest.raises(NotConnected, match=r"Mail\.Send"):
        gateway(cloud).check()


def test_without_its_account_a_mailbox_cannot_be_used() -> None:
    with pytest.raises(NotConnected) as refused:
        GraphMail.connected({}, MAILBOX, Around("clinic.example"))
    assert refused.value.field == "sender"


@pytest.mark.parametrize("sender", ["", "desk", "a@b.c/../../me", "Desk <desk@clinic.example>"])
def test_what_is_no_mailbox_is_refused(cloud: Microsoft, sender: str) -> None:
    with pytest.raises(NotConnected):
        gateway(cloud, sender)


def test_a_mail_takes_no_longer_than_a_gateway_may() -> None:
    assert mail.SECONDS < 30
    assert graph.ONE_REQUEST < mail.SECONDS
