"""E-mail by SMTP: plain, STARTTLS where the server offers it, or TLS from the start (`smtps:`)."""

import queue
import re
import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations import mime, outward
from vestibule.integrations.guarded import PrivateHosts
from vestibule.integrations.smtp import refusals
from vestibule.notifications.ports import Around, DeliveryError, Mail
from vestibule.people.ports import Field, NotConnected
from vestibule.store.configuration import Configuration

TIMEOUT = 15.0
WHOLE_SECONDS = 25.0
"""How long a business' own server may take for one mail in all, however little it says at a time."""
ASIDE_SECONDS = 5.0
"""How long it may take over what is said beside a mail: whether it is there still, and that the next one follows."""
IDLE_CONNECTIONS = 8
SURELY_OPEN = 2.0
"""Seconds after which an idle connection is tried before a mail is trusted to it."""
FAILED = (OSError, smtplib.SMTPException)
PORTS = frozenset({25, 465, 587, 2465, 2525, 2587})
TLS_FROM_START, STARTTLS, WITHOUT_TLS = "tls", "starttls", "none"


class SmtpMail:
    """Hands mail to one SMTP server, keeping connections open between mails.

    A password is only ever sent over TLS, unless the server is on this machine.
    """

    label = gettext_noop("Mail server (SMTP)")
    purpose = gettext_noop("Any mail server that takes mail from you with a user name and password.")
    sender = Field(
        "sender",
        gettext_noop("Sender address"),
        gettext_noop("The address mail comes from. The server must allow it."),
        kind="email",
    )
    names_others = True
    fields: ClassVar = (
        Field("host", gettext_noop("Server"), gettext_noop("Such as smtp.example.org, without http.")),
        Field(
            "port",
            gettext_noop("Port"),
            gettext_noop("587 in most cases; 465 with TLS from the start."),
            kind="number",
            default="587",
        ),
        Field(
            "security",
            gettext_noop("Encryption"),
            gettext_noop("Without encryption only servers the operator named are used, and no password is sent."),
            choices=(
                (STARTTLS, gettext_noop("STARTTLS (port 587)")),
                (TLS_FROM_START, gettext_noop("TLS from the start (port 465)")),
                (WITHOUT_TLS, gettext_noop("None")),
            ),
            default=STARTTLS,
        ),
        Field("username", gettext_noop("User name"), required=False),
        Field(
            "password",
            gettext_noop("Password"),
            gettext_noop("Best a password made for this alone. It is stored encrypted and never shown."),
            secret=True,
            required=False,
        ),
    )

    def __init__(
        self, url: str, *, sender: str, host: str, timeout: float = TIMEOUT, reach: PrivateHosts | None = None
    ) -> None:
        """Read `smtp://user:password@host:port` or `smtps://…`; `?tls=required` insists on STARTTLS.

        `reach` is given for a server a business named, and says which hosts of the own network may be reached.
        Raises ValueError when `url` is something else.
        """
        self._reach = reach
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("the mail server must be given as smtp://host:port or smtps://host:port")
        self._server, self._is_tls = parts.hostname, parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._needs_tls = parse_qs(parts.query).get("tls") == ["required"]
        self._from, self._host, self._timeout = sender, host, timeout
        self._idle: queue.LifoQueue[tuple[smtplib.SMTP, float]] = queue.LifoQueue(IDLE_CONNECTIONS)

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the gateway that the settings describe, or None when there is none."""
        if not configuration["EMAIL_URL"]:
            return None
        host = urlsplit(configuration["PUBLIC_URL"]).hostname or "localhost"
        return cls(configuration["EMAIL_URL"], sender=configuration["EMAIL_FROM"], host=host)

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' own mail server. Raises NotConnected."""
        host, port = access.get("host", "").strip().lower(), access.get("port", "").strip() or "587"
        security, reach = access.get("security", STARTTLS), PrivateHosts(around.allowed)
        if not host or not all(sign.isalnum() or sign in ".-" for sign in host):
            raise NotConnected(_("Enter the name of the server alone, such as smtp.example.org."), field="host")
        if not re.fullmatch(r"[0-9]{1,5}", port) or not (int(port) in PORTS or reach.names(host, int(port))):
            words = _("Mail is handed over on the ports %(ports)s. Enter one of these.")
            raise NotConnected(words % {"ports": ", ".join(str(one) for one in sorted(PORTS))}, field="port")
        if security == WITHOUT_TLS and (access.get("password") or not reach.names(host, int(port))):
            words = _("Without encryption anybody on the way could read along. Choose STARTTLS or TLS.")
            raise NotConnected(words, field="security")
        if not access.get("username") and not reach.names(host, int(port)):
            # Else this server would bring mail of any sender straight to the servers of those it is for.
            words = _(
                "Enter the user name and password of this server. Without, only servers the operator named are used."
            )
            raise NotConnected(words, field="username")
        try:
            sender = mime.address(sender)
            sender.encode("ascii")
        except ValueError:
            raise NotConnected(_("Enter one e-mail address, such as desk@example.org."), field="sender") from None
        user, password = quote(access.get("username", ""), safe=""), quote(access.get("password", ""), safe="")
        scheme = "smtps" if security == TLS_FROM_START else "smtp"
        needs = "?tls=required" if security == STARTTLS else ""
        login = f"{user}:{password}@" if user else ""
        return cls(f"{scheme}://{login}{host}:{port}{needs}", sender=sender, host=around.host, reach=reach)

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return server and user name."""
        user = access.get("username", "")
        return f"{user} · {access.get('host', '')}" if user else access.get("host", "")

    def check(self) -> bool:
        """Sign in and ask whether the sender is allowed, without sending. Raises NotConnected."""
        until = time.monotonic() + WHOLE_SECONDS
        try:
            server = self._open(until)
        except FAILED as failure:
            raise refusals.not_connected(failure, self._server) from None
        try:
            with self._limited(server, until):
                code = server.mail(self._from)[0]
        except FAILED as failure:
            raise refusals.not_connected(failure, self._server) from None
        finally:
            server.close()
        if code != 250:
            words = _("The mail server does not let you send as %(sender)s (it answered %(code)d). Use another sender.")
            raise NotConnected(words % {"sender": self._from, "code": code}, field="sender")
        return True

    def send(self, mail: Mail) -> str:
        """Hand over `mail` and return its Message-ID. Raises DeliveryError when it was not taken."""
        return self.send_in_turn(mail, lambda: None)

    def send_in_turn(self, mail: Mail, turn: Callable[[], None]) -> str:
        """Do as `send` does, and wait for `turn` when all but the line that ends the mail is said."""
        try:
            to = mime.address(mail.to)
            to.encode("ascii")
            made = mime.message(mail, sender=self._from, host=self._host).as_bytes()
        except ValueError as unwritable:
            raise DeliveryError("the recipient's address cannot be written in a mail", permanent=True) from unwritable
        until = time.monotonic() + WHOLE_SECONDS
        with self._connection(until) as server, self._limited(server, until):
            self._hand_over(server, to, made, turn)
        return mime.message_id(mail, self._host)

    def _hand_over(self, server: smtplib.SMTP, to: str, made: bytes, turn: Callable[[], None]) -> None:
        code, text = server.mail(self._from, [f"size={len(made)}"] if server.has_extn("size") else [])
        if code != 250:
            raise refusals.of_sender(code)
        code, text = server.rcpt(to)
        if code not in (250, 251):
            raise refusals.of_recipient(code, text)
        code, text = server.docmd("data")
        if code != 354:
            raise refusals.of_content(code)
        try:
            server.send(mime.stuffed(made))
            turn()
            server.send(b".\r\n")
            code, text = server.getreply()
        except FAILED as failure:
            # Somewhere between the command and the answer: the whole mail may have arrived.
            raise DeliveryError(
                refusals.words("the connection to the mail server broke while it took the mail", failure),
                permanent=False,
                of_gateway=True,
                maybe_taken=True,
            ) from failure
        if code != 250:
            raise refusals.of_content(code)

    @contextmanager
    def _limited(self, server: smtplib.SMTP, until: float) -> Iterator[None]:
        """End what a business' own server draws out beyond the monotonic second `until`.

        An operator's is trusted to answer or to be silent.
        """
        if not isinstance(server, outward.GuardedSmtp):
            yield
            return
        timer = threading.Timer(max(until - time.monotonic(), 0.0), server.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def _connection(self, until: float) -> Iterator[smtplib.SMTP]:
        """Lend a connection that answers; it is kept for the next mail only if nothing went wrong."""
        try:
            server = self._reused(until) or self._open(until)
        except smtplib.SMTPAuthenticationError as refused:
            words = "the mail server refused the user name or password"
            raise DeliveryError(words, permanent=False, of_gateway=True) from refused
        except FAILED as failure:
            words = refusals.words("the mail server cannot be reached", failure)
            raise DeliveryError(words, permanent=False, of_gateway=True) from failure
        try:
            yield server
        except DeliveryError as refused:
            if refused.maybe_taken:
                server.close()
            else:
                self._reset(server)
            raise
        except FAILED as failure:
            server.close()
            words = refusals.words("the connection to the mail server broke", failure)
            raise DeliveryError(words, permanent=False, of_gateway=True) from failure
        except BaseException:
            server.close()  # in the middle of a mail that stays here: without its last line it is none
            raise
        self._keep(server)

    def _reused(self, until: float) -> smtplib.SMTP | None:
        while True:
            try:
                server, used_at = self._idle.get_nowait()
            except queue.Empty:
                return None
            try:
                with self._limited(server, min(until, time.monotonic() + ASIDE_SECONDS)):
                    if time.monotonic() - used_at < SURELY_OPEN or server.noop()[0] == 250:
                        return server
            except FAILED:
                pass  # the server hung up meanwhile; the next one, or a fresh one, will do
            server.close()

    def _open(self, until: float) -> smtplib.SMTP:
        server = self._dialled()
        try:
            with self._limited(server, until):
                if self._reach is not None:
                    self._connect(server)
                self._greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _dialled(self) -> smtplib.SMTP:
        if self._reach is not None:
            return outward.smtp(self._server, is_tls=self._is_tls, reach=self._reach, timeout=self._timeout)
        if self._is_tls:
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._server, self._port, timeout=self._timeout, context=secure)
        return smtplib.SMTP(self._server, self._port, timeout=self._timeout)

    def _connect(self, server: smtplib.SMTP) -> None:
        code, text = server.connect(self._server, self._port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        is_secure = self._is_tls
        if not is_secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_secure = True
        if not is_secure and (self._needs_tls or (self._user and not self._is_here)):
            raise refusals.NotEncrypted("it offers no encryption, so no password and no mail is sent to it")
        if self._user:
            server.login(self._user, self._password)

    @property
    def _is_here(self) -> bool:
        return self._reach is None and self._server in {"localhost", "127.0.0.1", "::1"}

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
            with self._limited(server, time.monotonic() + ASIDE_SECONDS):
                server.rset()
        except FAILED:
            server.close()
        else:
            self._keep(server)

    def _keep(self, server: smtplib.SMTP) -> None:
        try:
            self._idle.put_nowait((server, time.monotonic()))
        except queue.Full:
            server.close()
