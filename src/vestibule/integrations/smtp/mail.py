"""E-mail by SMTP: plain, STARTTLS where the server offers it, or TLS from the start (`smtps:`)."""

import queue
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from vestibule.integrations.smtp import mime
from vestibule.notifications.ports import DeliveryError, Mail
from vestibule.store.configuration import Configuration

TIMEOUT = 15.0
IDLE_CONNECTIONS = 8
SURELY_OPEN = 2.0
"""Seconds after which an idle connection is tried before a mail is trusted to it."""
FAILED = (OSError, smtplib.SMTPException)


class SmtpMail:
    """Hands mail to one SMTP server, keeping connections open between mails.

    A password is only ever sent over TLS, unless the server is on this machine.
    """

    def __init__(self, url: str, *, sender: str, host: str, timeout: float = TIMEOUT) -> None:
        """Read `smtp://user:password@host:port` or `smtps://…`; `?tls=required` insists on STARTTLS.

        Raises ValueError when `url` is something else.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("the mail server must be given as smtp://host:port or smtps://host:port")
        self._server, self._is_tls = parts.hostname, parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._needs_tls = parse_qs(parts.query).get("tls") == ["required"]
        self._sender, self._host, self._timeout = sender, host, timeout
        self._idle: queue.LifoQueue[tuple[smtplib.SMTP, float]] = queue.LifoQueue(IDLE_CONNECTIONS)

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Return the gateway that the settings describe, or None when there is none."""
        if not configuration["EMAIL_URL"]:
            return None
        host = urlsplit(configuration["PUBLIC_URL"]).hostname or "localhost"
        return cls(configuration["EMAIL_URL"], sender=configuration["EMAIL_FROM"], host=host)

    def send(self, mail: Mail) -> str:
        """Hand over `mail` and return its Message-ID. Raises DeliveryError when it was not taken."""
        try:
            to = mime.address(mail.to)
            made = mime.message(mail, sender=self._sender, host=self._host).as_bytes()
        except ValueError as unwritable:
            raise DeliveryError("the recipient's address cannot be written in a mail", permanent=True) from unwritable
        with self._connection() as server:
            try:
                server.sendmail(self._sender, [to], made)
            except smtplib.SMTPRecipientsRefused as refused:
                raise _recipient_refused(refused) from refused
            except smtplib.SMTPDataError as refused:
                raise _refused(refused.smtp_code, permanent=refused.smtp_code >= 500) from refused
            except smtplib.SMTPResponseException as refused:
                # The sender or the session is refused: nothing about this mail, so it is worth trying again.
                raise _refused(refused.smtp_code, permanent=False) from refused
        return mime.message_id(mail, self._host)

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Lend a connection that answers; it is kept for the next mail only if nothing went wrong."""
        try:
            server = self._reused() or self._open()
        except smtplib.SMTPAuthenticationError as refused:
            raise DeliveryError("the mail server refused the user name or password", permanent=False) from refused
        except FAILED as failure:
            raise DeliveryError(_words("the mail server cannot be reached", failure), permanent=False) from failure
        try:
            yield server
        except DeliveryError:
            self._reset(server)
            raise
        except FAILED as failure:
            server.close()
            raise DeliveryError(
                _words("the connection to the mail server broke", failure), permanent=False
            ) from failure
        self._keep(server)

    def _reused(self) -> smtplib.SMTP | None:
        while True:
            try:
                server, used_at = self._idle.get_nowait()
            except queue.Empty:
                return None
            try:
                if time.monotonic() - used_at < SURELY_OPEN or server.noop()[0] == 250:
                    return server
            except FAILED:
                pass  # the server hung up meanwhile; the next one, or a fresh one, will do
            server.close()

    def _open(self) -> smtplib.SMTP:
        server: smtplib.SMTP
        if self._is_tls:
            secure = ssl.create_default_context()
            server = smtplib.SMTP_SSL(self._server, self._port, timeout=self._timeout, context=secure)
        else:
            server = smtplib.SMTP(self._server, self._port, timeout=self._timeout)
        try:
            self._greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        is_secure = self._is_tls
        if not is_secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            is_secure = True
        if not is_secure and (self._needs_tls or (self._user and not self._is_here)):
            raise smtplib.SMTPException("it offers no encryption, so no password and no mail is sent to it")
        if self._user:
            server.login(self._user, self._password)

    @property
    def _is_here(self) -> bool:
        return self._server in {"localhost", "127.0.0.1", "::1"}

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
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


def _recipient_refused(refused: smtplib.SMTPRecipientsRefused) -> DeliveryError:
    code = min((code for code, _ in refused.recipients.values()), default=450)
    return _refused(code, permanent=code >= 500)


def _refused(code: int, *, permanent: bool) -> DeliveryError:
    return DeliveryError(f"the mail server answered {code}", permanent=permanent)


def _words(what: str, failure: Exception) -> str:
    """Say what failed without the server's own words, which may repeat an address or a secret."""
    if isinstance(failure, smtplib.SMTPResponseException):
        return f"{what}: it answered {failure.smtp_code}"
    why = failure.strerror if isinstance(failure, OSError) and failure.strerror else type(failure).__name__
    return f"{what}: {why}"
