"""Mail that comes back: a report of a mail server or a complaint, read; anything else passed over, nothing breaks."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from vestibule.integrations.smtp import returned as returned_mail
from vestibule.integrations.smtp.returned import ReturnedMail
from vestibule.notifications.ports import Callback, NotGenuine, Report, Told, Unreadable

KEY = "a-key-of-one-gateway"
URL = f"https://visits.example.org/hooks/messages/abc?key={KEY}"
ABOUT = "<1a2b3c@visits.example.org>"


OURS = f"Message-ID: {ABOUT}\nTo: jo@example.org\nSubject: Your appointment\n"


def returned(fields: str, *, kind: str = "delivery-status", head_only: bool = False) -> bytes:
    """A report as mail servers send it: words for people, fields for programs, the mail or its head."""
    media_type = "message/feedback-report" if kind == "feedback-report" else "message/delivery-status"
    ours = f"text/rfc822-headers\n\n{OURS}" if head_only else f"message/rfc822\n\n{OURS}\nYou have an appointment.\n"
    parts = (
        "text/plain\n\nI'm sorry to have to inform you that your message could not be delivered.\n",
        f"{media_type}\n\n{fields}",
        ours,
    )
    head = (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nMessage-ID: <other@mx.example.net>\n"
        f'MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="a/b"\n\n'
    )
    return (head + "".join(f"--a/b\nContent-Type: {part}\n" for part in parts) + "--a/b--\n").encode()


def failed(status: str, code: str = "smtp; 550 5.1.1 <jo@example.org>: User unknown") -> str:
    per_message = "Reporting-MTA: dns; mx.example.net\nArrival-Date: Mon, 2 Mar 2026 09:00:00 +0000\n\n"
    reader = "Final-Recipient: rfc822; jo@example.org"
    return f"{per_message}{reader}\nAction: failed\nStatus: {status}\nDiagnostic-Code: {code}\n"


def read(body: bytes, url: str = URL) -> Told:
    return ReturnedMail().read(Callback(url, {"content-type": "message/rfc822"}, body), key=KEY, access={})


@pytest.mark.parametrize("head_only", [False, True])
def test_a_reader_who_does_not_exist_is_told_with_the_servers_words(head_only: bool) -> None:
    told = read(returned(failed("5.1.1"), head_only=head_only))
    words = "5.1.1 550 5.1.1 <jo@example.org>: User unknown"
    assert told.reports == (Report("failed", gateway_id=ABOUT, words=words, address_fault="bounced"),)


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "5.4.4", "4.4.7"])
def test_a_full_mailbox_a_policy_or_a_server_out_of_reach_is_no_fault_of_the_address(status: str) -> None:
    (report,) = read(returned(failed(status))).reports
    assert (report.status, report.address_fault) == ("failed", "")


@pytest.mark.parametrize(("action", "status"), [("delivered", "delivered"), ("relayed", "sent"), ("delayed", None)])
def test_what_arrived_or_is_on_its_way_is_told_apart(action: str, status: str | None) -> None:
    reports = read(returned(failed("2.0.0").replace("failed", action))).reports
    assert [one.status for one in reports] == ([status] if status else [])


def test_a_complaint_silences_the_address() -> None:
    fields = "Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"
    (report,) = read(returned(fields, kind="feedback-report")).reports
    assert (report.status, report.gateway_id, report.address_fault) == ("delivered", ABOUT, "complained")


def test_somebody_writing_or_a_report_on_a_mail_unnamed_is_passed_over() -> None:
    answer = EmailMessage()
    answer["Subject"], answer["In-Reply-To"] = "Re: Your appointment", ABOUT
    answer.set_content("Action: failed\nStatus: 5.1.1\n")
    assert read(bytes(answer)) == Told()
    assert read(returned(failed("5.1.1")).replace(ABOUT.encode(), b"none")) == Told()
    assert read(b"") == Told()


def test_without_the_key_in_the_address_nothing_is_believed() -> None:
    for url in (URL[:-1], URL.partition("?")[0], f"{URL}&key=other"):
        with pytest.raises(NotGenuine):
            read(returned(failed("5.1.1")), url)


@tried(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2000))
def test_no_bytes_break_it(junk: bytes, place: int) -> None:
    whole = returned(failed("5.1.1"))
    place %= len(whole)
    for body in (junk, whole[:place] + junk + whole[place:], whole[:place]):
        try:
            told = read(body)
        except Unreadable:
            continue
        for report in told.reports:
            assert report.words.isprintable()
            assert len(report.words) <= 300


def test_parts_in_parts_without_end_are_refused() -> None:
    nested = "".join(f'Content-Type: multipart/report; boundary="{n}"\n\n--{n}\n' for n in range(2000))
    with pytest.raises(Unreadable):
        read(nested.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (one, one) for one in range(11)),
        b'Content-Type: multipart/report; a="' + b";" * 4000 + b"\n\n",
        b"Content-Type: multipart/report\n" + b' ; a="b\n' * 1000 + b"\n",
        b"Content-Type: multipart/report\r" + b' ; a="b\r' * 1000 + b"\r",
        b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * 5001,
    ],
    ids=["nested", "long", "folded", "folded otherwise", "many blocks"],
)
def test_what_would_keep_the_parser_busy_is_not_begun(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returned_mail, "BytesParser", None)
    with pytest.raises(Unreadable):
        read(body)
