"""What every gateway must do, whatever it talks to. A subclass says only how the other side behaves."""

from dataclasses import replace

import pytest

from vestibule.notifications.ports import (
    DeliveryError,
    Mail,
    MailFile,
    MailGateway,
    Named,
    NamesOthers,
    Sms,
    SmsGateway,
)

MAIL = Mail(
    ref="mailref23456789a",
    to="jo@example.org",
    to_name="Jo Smith",
    sender_name="Lakeside Clinic",
    reply_to="desk@lakeside.example",
    subject="Booked: Monday 2 March, 09:00 (London time)",
    text="Your appointment is booked.\n",
    html="<p>Your appointment is booked.</p>",
)
FROM_PROGRAM = Mail(
    ref="mailref23456789b",
    to="jo@example.org",
    to_name="Jo Smith",
    sender_name="Lakeside Clinic",
    reply_to="",
    subject="Your results",
    text="",
    html='<p>They are in: <img src="cid:logo-1"></p>',
    shown_to=(Named("jo@example.org", "Jo Smith"),),
    replies=(Named("nurse@lakeside.example", "Nurse"), Named("ward@lakeside.example")),
    files=(
        MailFile("letter.pdf", "application/pdf", b"%PDF-1.7"),
        MailFile("logo.png", "image/png", b"\x89PNG", "logo-1"),
    ),
    headers=(("X-Ward", "4"),),
)
"""A mail as a program writes it, to one reader."""
SMS = Sms(ref="smsref23456789ab", to="+447700900123", body="Lakeside Clinic: reminder. Join: https://example.org/v")


class _GatewayContract:
    def send(self, gateway: object) -> str:
        raise NotImplementedError

    def test_what_is_taken_has_an_id(self, accepting: object) -> None:
        assert self.send(accepting)

    def test_a_refused_recipient_is_not_tried_again(self, refusing: object) -> None:
        with pytest.raises(DeliveryError) as refused:
            self.send(refusing)
        assert refused.value.permanent

    def test_a_busy_other_side_is_tried_again(self, busy: object) -> None:
        with pytest.raises(DeliveryError) as refused:
            self.send(busy)
        assert not refused.value.permanent

    def test_an_unreachable_other_side_is_tried_again(self, unreachable: object) -> None:
        with pytest.raises(DeliveryError) as refused:
            self.send(unreachable)
        assert not refused.value.permanent

    def test_a_silent_other_side_is_given_up_in_time(self, silent: object) -> None:
        with pytest.raises(DeliveryError) as refused:
            self.send(silent)
        assert not refused.value.permanent

    @pytest.mark.parametrize("broken", ["refusing", "busy", "unreachable", "silent"])
    def test_an_error_names_neither_the_person_nor_a_secret(self, broken: str, request: pytest.FixtureRequest) -> None:
        with pytest.raises(DeliveryError) as refused:
            self.send(request.getfixturevalue(broken))
        for private in (MAIL.to, SMS.to, SMS.body, "hunter2"):
            assert private not in str(refused.value)


class MailGatewayContract(_GatewayContract):
    """Fixtures to give: accepting, refusing, busy, unreachable, silent (each a MailGateway)."""

    def send(self, gateway: object) -> str:
        mail_gateway: MailGateway = gateway  # type: ignore[assignment]  # what the subclass gives is one
        return mail_gateway.send(MAIL)

    def test_a_mail_of_a_program_is_taken_with_its_files_and_headers(self, accepting: MailGateway) -> None:
        assert accepting.send(FROM_PROGRAM)

    def test_other_readers_are_named_or_the_mail_is_refused(self, accepting: MailGateway) -> None:
        others = replace(FROM_PROGRAM, shown_cc=(Named("ann@example.org"),))
        if isinstance(accepting, NamesOthers):
            assert accepting.send(others)
            return
        with pytest.raises(DeliveryError) as refused:
            accepting.send(others)
        assert (refused.value.permanent, refused.value.of_gateway) == (True, True)


class SmsGatewayContract(_GatewayContract):
    """Fixtures to give: accepting, refusing, busy, unreachable, silent (each an SmsGateway)."""

    def send(self, gateway: object) -> str:
        sms_gateway: SmsGateway = gateway  # type: ignore[assignment]  # what the subclass gives is one
        return sms_gateway.send(SMS)
