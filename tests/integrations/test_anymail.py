"""E-mail service providers through anymail, against a stand-in that answers as their documentation shows."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from tests.integrations.contracts import FROM_PROGRAM, MAIL, MailGatewayContract
from tests.integrations.mailbox import closed_port
from tests.integrations.provider import Provider, provider_server
from vestibule.integrations.anymail import mail as anymail_mail
from vestibule.integrations.anymail import providers
from vestibule.integrations.anymail.mail import AnymailMail
from vestibule.integrations.outward import Web
from vestibule.notifications.ports import Around, DeliveryError
from vestibule.people.ports import NotConnected

SENDER = "desk@lakeside.example"
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


@dataclass(frozen=True)
class Known:
    """One provider: what it is told, where mail goes, how it says that it took one, and where a proof is asked."""

    kind: type[AnymailMail]
    access: dict[str, str]
    path: str
    taken: tuple[int, Any]
    given: str
    probe: str
    headers: dict[str, str] = field(default_factory=dict)


KNOWN = {
    "sendgrid": Known(
        providers.SendGrid,
        {"api_key": "hunter2", "region": "global"},
        "/mail/send",
        (202, ""),
        "",
        "/v3/scopes",
    ),
    "mailgun": Known(
        providers.Mailgun,
        {"api_key": "hunter2", "sender_domain": "mg.lakeside.example", "region": "eu"},
        "/mg.lakeside.example/messages",
        (200, {"id": "<2026.1@mg.lakeside.example>", "message": "Queued. Thank you."}),
        "<2026.1@mg.lakeside.example>",
        "/v3/domains/mg.lakeside.example",
    ),
    "postmark": Known(
        providers.Postmark,
        {"server_token": "hunter2", "message_stream": ""},
        "/email",
        (200, {"To": MAIL.to, "MessageID": "b7bc2f4a", "ErrorCode": 0, "Message": "OK"}),
        "b7bc2f4a",
        "/server",
    ),
    "brevo": Known(
        providers.Brevo,
        {"api_key": "hunter2"},
        "/smtp/email",
        (201, {"messageId": "<1@brevo>"}),
        "<1@brevo>",
        "/v3/account",
    ),
    "mailjet": Known(
        providers.Mailjet,
        {"api_key": "public", "secret_key": "hunter2"},
        "/send",
        (200, {"Messages": [{"Status": "success", "To": [{"Email": MAIL.to, "MessageID": 456, "MessageUUID": "1"}]}]}),
        "456",
        "/v3/REST/sender",
    ),
    "resend": Known(
        providers.Resend, {"api_key": "hunter2"}, "/emails", (200, {"id": "49a3999c"}), "49a3999c", "/domains"
    ),
    "sparkpost": Known(
        providers.SparkPost,
        {"api_key": "hunter2", "region": "global"},
        "/transmissions/",
        (200, {"results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "11668"}}),
        "11668",
        "/api/v1/account",
    ),
    "mailersend": Known(
        providers.MailerSend,
        {"api_token": "hunter2"},
        "/email",
        (202, ""),
        "5e42957d",
        "/v1/api-quota",
        {"X-Message-Id": "5e42957d", "Content-Type": "text/html"},
    ),
}


@pytest.fixture(scope="module")
def _running() -> Iterator[Provider]:
    with provider_server() as provider:
        yield provider


@pytest.fixture
def provider(_running: Provider) -> Provider:
    _running.asked.clear()
    _running.status, _running.body, _running.headers, _running.silent = 200, "", {}, False
    return _running


@pytest.fixture(params=sorted(KNOWN))
def known(request: pytest.FixtureRequest) -> Known:
    return KNOWN[request.param]


def gateway(known: Known, url: str) -> AnymailMail:
    made = known.kind.connected(known.access, SENDER, Around())
    made._options["api_url"] = url
    return made


def takes(provider: Provider, known: Known) -> None:
    provider.status, told = known.taken
    provider.body = json.dumps(told) if told else ""
    provider.headers = dict(known.headers)


class TestSendGrid(MailGatewayContract):
    @pytest.fixture
    def accepting(self, provider: Provider) -> AnymailMail:
        takes(provider, KNOWN["sendgrid"])
        return gateway(KNOWN["sendgrid"], provider.url)

    @pytest.fixture
    def refusing(self, provider: Provider) -> AnymailMail:
        provider.status, provider.body = 400, f'{{"errors": [{{"message": "{MAIL.to} is not valid"}}]}}'
        return gateway(KNOWN["sendgrid"], provider.url)

    @pytest.fixture
    def busy(self, provider: Provider) -> AnymailMail:
        provider.status = 429
        return gateway(KNOWN["sendgrid"], provider.url)

    @pytest.fixture
    def unreachable(self) -> AnymailMail:
        return gateway(KNOWN["sendgrid"], f"http://127.0.0.1:{closed_port()}/")

    @pytest.fixture
    def silent(self, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> AnymailMail:
        monkeypatch.setattr(anymail_mail, "READ_SECONDS", 0.2)
        provider.silent = True
        return gateway(KNOWN["sendgrid"], provider.url)


def test_each_provider_takes_a_mail_and_its_id_is_kept(provider: Provider, known: Known) -> None:
    takes(provider, known)
    given = gateway(known, provider.url).send(MAIL)
    [(path, headers, body)] = provider.asked
    assert path == known.path
    assert given == (known.given or given) != ""
    for wanted in (MAIL.to, SENDER, "Lakeside Clinic", MAIL.reply_to):
        assert wanted in unquote_plus(body.decode())
    signed = str(headers)
    if "Basic " in signed:
        signed = base64.b64decode(headers["authorization"].partition(" ")[2]).decode()
    assert "hunter2" in signed


def test_each_provider_takes_an_invitation_as_a_calendar_file(provider: Provider, known: Known) -> None:
    takes(provider, known)
    gateway(known, provider.url).send(replace(MAIL, calendar=CALENDAR, calendar_method="REQUEST"))
    [(_path, _headers, body)] = provider.asked
    assert b"appointment.ics" in body
    assert CALENDAR.encode() in body or base64.b64encode(CALENDAR.encode()) in body.replace(b"\\n", b"")


def test_each_provider_takes_what_a_program_wrote(provider: Provider, known: Known) -> None:
    takes(provider, known)
    many = len(FROM_PROGRAM.replies)
    taken = FROM_PROGRAM if many <= known.kind.most_replies else replace(FROM_PROGRAM, replies=FROM_PROGRAM.replies[:1])
    gateway(known, provider.url).send(taken)
    [(_path, _headers, body)] = provider.asked
    for name, content in (("letter.pdf", b"%PDF-1.7"), ("logo.png", b"\x89PNG")):
        assert name.encode() in body or b"logo-1" in body  # some call a picture by its name in the text
        assert content in body or base64.b64encode(content) in body
    for wanted in ("X-Ward", "nurse@lakeside.example"):
        assert wanted in unquote_plus(body.decode(errors="replace"))


def test_what_a_provider_would_pass_over_is_refused(provider: Provider) -> None:
    takes(provider, KNOWN["mailersend"])
    with pytest.raises(DeliveryError, match="one address for answers"):
        gateway(KNOWN["mailersend"], provider.url).send(FROM_PROGRAM)
    assert provider.asked == []


def test_links_are_not_put_behind_counting_addresses(provider: Provider) -> None:
    takes(provider, KNOWN["sendgrid"])
    gateway(KNOWN["sendgrid"], provider.url).send(MAIL)
    told = json.loads(provider.asked[0][2])
    assert told["tracking_settings"]["click_tracking"]["enable"] is False
    assert told["tracking_settings"]["open_tracking"]["enable"] is False


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x00"])
def test_a_subject_and_names_stay_one_line(provider: Provider, end: str) -> None:
    takes(provider, KNOWN["postmark"])
    evil = f"Jo{end}Bcc: eve@example.org"
    gateway(KNOWN["postmark"], provider.url).send(replace(MAIL, subject=evil, to_name=evil, sender_name=evil))
    told = json.loads(provider.asked[0][2])
    assert told["Subject"] == "Jo Bcc: eve@example.org"
    assert "Bcc" not in told
    assert told["To"].endswith(f"<{MAIL.to}>")


def refused(made: AnymailMail) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        made.send(MAIL)
    assert "hunter2" not in str(caught.value)
    assert MAIL.to not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("name", "status", "body", "expected"),
    [
        ("sendgrid", 401, '{"errors": [{"message": "authorization required"}]}', (False, True, False)),
        ("sendgrid", 403, '{"errors": [{"message": "The from address does not match"}]}', (False, True, False)),
        ("postmark", 422, '{"ErrorCode": 300, "Message": "Invalid To address"}', (True, False, False)),
        ("postmark", 422, '{"ErrorCode": 400, "Message": "The Sender signature was not found"}', (False, True, False)),
        ("mailgun", 404, '{"message": "Domain not found"}', (False, True, False)),
        ("brevo", 402, '{"code": "not_enough_credits"}', (False, True, False)),
        ("resend", 403, '{"name": "validation_error", "message": "domain is not verified"}', (False, True, False)),
        ("sparkpost", 420, '{"errors": [{"message": "Exceed Sending Limit (daily)"}]}', (False, True, False)),
        ("mailersend", 500, "", (False, True, True)),
        ("mailjet", 503, "", (False, True, False)),
    ],
)
def test_what_speaks_of_the_account_is_told_from_what_speaks_of_the_mail(
    provider: Provider, name: str, status: int, body: str, expected: tuple[bool, bool, bool]
) -> None:
    provider.status, provider.body = status, body
    error = refused(gateway(KNOWN[name], provider.url))
    assert (error.permanent, error.of_gateway, error.maybe_taken) == expected


def test_too_much_at_once_waits_as_long_as_asked(provider: Provider) -> None:
    provider.status, provider.headers = 429, {"Retry-After": "45"}
    assert refused(gateway(KNOWN["resend"], provider.url)).wait == timedelta(seconds=45)


def test_a_lost_answer_may_mean_that_it_was_taken_and_no_connection_that_it_was_not(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anymail_mail, "READ_SECONDS", 0.2)
    provider.silent = True
    assert refused(gateway(KNOWN["brevo"], provider.url)).maybe_taken
    assert not refused(gateway(KNOWN["brevo"], f"http://127.0.0.1:{closed_port()}/")).maybe_taken


def test_a_mail_that_was_taken_in_unknown_words_is_not_sent_again(provider: Provider) -> None:
    provider.status, provider.body = 200, "<html>"
    assert gateway(KNOWN["postmark"], provider.url).send(MAIL) == MAIL.ref


def test_one_connection_carries_many_mails(provider: Provider) -> None:
    takes(provider, KNOWN["resend"])
    made = gateway(KNOWN["resend"], provider.url)
    for _ in range(3):
        made.send(MAIL)
    assert made._idle.qsize() == 1


def asked(known: Known, status: int, body: Any = None) -> tuple[AnymailMail, list[httpx.Request]]:
    """A gateway whose provider answers the question for a proof with `status`, and what it was asked."""
    heard: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(status, json=body or {})

    made = gateway(known, "http://unused/")
    made._web = Web(None, transport=httpx.MockTransport(answer))
    return made, heard


def test_each_key_is_proven_at_its_provider_without_sending(known: Known) -> None:
    made, heard = asked(known, 200)
    assert made.check()
    [request] = heard
    assert (request.method, request.url.scheme, request.url.path) == ("GET", "https", known.probe)


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"mailgun"}))
def test_a_wrong_key_is_said_where_it_is_mended(name: str) -> None:
    made, _heard = asked(KNOWN[name], 401)
    with pytest.raises(NotConnected, match="does not accept this key") as wrong:
        made.check()
    assert next(one for one in made.fields if one.name == wrong.value.field).secret


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [("mailgun", 401, None), ("sendgrid", 403, None), ("resend", 401, {"name": "restricted_api_key"})],
)
def test_a_key_that_may_only_send_needs_a_test_mail(name: str, status: int, body: Any) -> None:
    assert asked(KNOWN[name], status, body)[0].check() is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"api_key": ""}, "api_key"),
        ({"api_key": "a b"}, "api_key"),
        ({"api_key": "a\r\nb"}, "api_key"),
        ({"region": "x"}, "region"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anybody_is_asked(change: dict[str, str], field: str) -> None:
    with pytest.raises(NotConnected) as wrong:
        providers.SendGrid.connected({**KNOWN["sendgrid"].access, **change}, SENDER, Around())
    assert wrong.value.field == field


def test_a_domain_cannot_lead_elsewhere() -> None:
    url, _request = providers.Mailgun.probe({"api_key": "k", "sender_domain": "../../x?y=@evil", "region": "global"})
    assert httpx.URL(url).host == "api.mailgun.net"
    assert "?" not in url


def test_no_secret_is_shown(known: Known) -> None:
    made = gateway(known, "http://unused/")
    assert "hunter2" not in repr(made) + known.kind.account(known.access)
