"""What all e-mail service providers share: one mail over one of anymail's backends, and what their errors mean.

anymail, and the HTTP client it uses, are loaded only once a mail is handed over.
"""

import queue
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import encoders
from email.mime.base import MIMEBase
from email.utils import formataddr
from typing import Any, ClassVar, Self

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from vestibule.integrations.outward import MAILBOX, Answer, Unanswered, Web, never_left, refused
from vestibule.notifications.ports import Around, DeliveryError, Mail, MailFile, require_alone
from vestibule.people.characters import one_line
from vestibule.people.ports import Field, NotConnected
from vestibule.store.configuration import Configuration

CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
IDLE_BACKENDS = 8
OF_ACCOUNT = re.compile(
    r"sender (identity|signature|address)|from (address|email|field)|not verified|unverified|sending (domain|limit)"
    r"|out of credits|not enough credits|suspended|pending approval|not allowed to send",
    re.IGNORECASE,
)
"""What providers say, with a status that could speak of the mail, when it is the account that is at fault."""
KEY_HINT = gettext_noop("It is stored encrypted and never shown.")


class AnymailMail:
    """Hands mail to one provider. A subclass says which, and what it must be told."""

    label: ClassVar[str]
    purpose = gettext_noop("An account there, with your domain or sender address verified.")
    sender = Field(
        "sender",
        gettext_noop("Sender address"),
        gettext_noop("An address of a domain you verified with the provider."),
        kind="email",
    )
    fields: ClassVar[tuple[Field, ...]]
    backend: ClassVar[str]
    """Dotted path of anymail's backend."""
    most_replies: ClassVar[int] = 10
    """To how many addresses answers may go."""
    undecided: ClassVar[frozenset[int]] = frozenset({403, 404})
    """Answers to the question of `probe` that a key which may only send gets too: they prove nothing."""

    def __init__(self, access: Mapping[str, str], *, sender: str, options: Mapping[str, Any]) -> None:
        self._access, self._from, self._options = dict(access), sender, dict(options)
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue(IDLE_BACKENDS)
        self._web = Web(None)

    @classmethod
    def options(cls, access: Mapping[str, str]) -> dict[str, Any]:
        """Return what the backend is made with."""
        raise NotImplementedError

    @classmethod
    def probe(cls, access: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """Return an address that answers only to a right key and changes nothing, and how to ask it."""
        raise NotImplementedError

    @classmethod
    def configured(cls, configuration: Configuration) -> Self | None:
        """Providers are set up by each business."""
        return None

    @classmethod
    def connected(cls, access: Mapping[str, str], sender: str, around: Around) -> Self:
        """Return a business' own account. Raises NotConnected."""
        clean = {name: text.strip() for name, text in access.items()}
        if not MAILBOX.fullmatch(sender.strip()):
            raise NotConnected(_("Enter one e-mail address, such as desk@example.org."), field="sender")
        for field in cls.fields:
            text = clean.get(field.name, "")
            if (field.required and not text) or not text.isascii() or not text.isprintable() or " " in text:
                raise NotConnected(_("Copy this again: it cannot be right."), field=field.name)
            if field.choices and text not in dict(field.choices):
                raise NotConnected(_("This is not on the list. Choose one that is."), field=field.name)
        return cls(clean, sender=sender.strip(), options=cls.options(clean))

    @classmethod
    def account(cls, access: Mapping[str, str]) -> str:
        """Return what is no secret of the access."""
        shown = (access.get(field.name, "") for field in cls.fields if not field.secret and not field.choices)
        return " · ".join(text for text in shown if text)

    def check(self) -> bool:
        """Ask for something that needs the key. False: the key may only send, or is wrong. Raises NotConnected."""
        url, request = self.probe(self._access)
        try:
            answer = self._web.ask("GET", url, **request)
        except Unanswered as silence:
            words = _("The provider could not be asked: it %(why)s. Try again in a minute.") % {"why": str(silence)}
            raise NotConnected(words) from None
        if answer.is_success:
            return True
        if self._is_undecided(answer):
            return False
        if answer.status in (401, 403):
            secret = next(field.name for field in self.fields if field.secret)
            raise NotConnected(_("The provider does not accept this key. Copy it again."), field=secret)
        words = _("The provider answered %(status)d, so the key could not be checked. Try again in a minute.")
        raise NotConnected(words % {"status": answer.status})

    def _is_undecided(self, answer: Answer) -> bool:
        return answer.status in self.undecided

    def send_in_turn(self, mail: Mail, turn: Callable[[], None]) -> str:
        """Do as `send` does, in turn: most providers take no key, so what is handed over twice is sent twice."""
        turn()
        return self.send(mail)

    def send(self, mail: Mail) -> str:
        """Hand over `mail` and return the provider's id for it. Raises DeliveryError when it was not taken."""
        if not MAILBOX.fullmatch(mail.to):
            raise DeliveryError("the recipient's address cannot be written in a mail", permanent=True)
        require_alone(mail)
        if len(mail.reply_addresses) > self.most_replies:
            words = f"{self.label} takes one address for answers only"  # and would pass over all of them
            raise DeliveryError(words, permanent=True, of_gateway=True)
        message = self._message(mail)
        try:
            with self._backend() as backend:
                backend.send_messages([message])
        except Exception as failure:
            if _is_taken(failure):
                return mail.ref
            raise self._error(failure) from None
        given = message.anymail_status.message_id
        return str(given) if isinstance(given, str) and given else mail.ref

    @contextmanager
    def _backend(self) -> Iterator[Any]:
        """Lend a backend, which holds a connection; it is kept for the next mail only if nothing went wrong."""
        backend = self._reused()
        try:
            yield backend
        except BaseException:
            backend.close()
            raise
        try:
            self._idle.put_nowait(backend)
        except queue.Full:
            backend.close()

    def _reused(self) -> Any:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            pass
        backend = import_string(self.backend)(
            timeout=(CONNECT_SECONDS, READ_SECONDS), ignore_unsupported_features=True, **self._options
        )
        backend.open()
        backend.session.trust_env = False
        return backend

    def _message(self, mail: Mail) -> Any:
        from anymail.message import AnymailMessage

        message = AnymailMessage(
            subject=one_line(mail.subject),
            body=mail.text,
            from_email=formataddr((one_line(mail.sender_name), self._from)),
            to=[formataddr((one_line(mail.to_name), mail.to))],
            reply_to=[formataddr((one_line(one.name), one.address)) for one in mail.reply_addresses] or None,
            headers={"Auto-Submitted": "auto-generated", **{name: one_line(value) for name, value in mail.headers}},
            metadata={"ref": mail.ref},
            # Links of ours must arrive as they are: a counting address in between would use up one-tap answers.
            track_clicks=False,
            track_opens=False,
        )
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        for file in mail.files:
            message.attach(_part(file))
        if mail.calendar:
            message.attach("appointment.ics", mail.calendar.encode(), "text/calendar")
        return message

    def _error(self, failure: Exception) -> DeliveryError:
        """Return what is raised for an error of anymail. Its own text repeats the whole mail and is left out."""
        from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError
        from requests.exceptions import ConnectTimeout

        if isinstance(failure, AnymailRecipientsRefused):
            return DeliveryError(f"{self.label} refused the recipient", permanent=True)
        response = getattr(failure, "response", None)
        if response is not None:
            return self._refused(Answer(response.status_code, response.headers, response.content))
        if isinstance(failure, AnymailRequestsAPIError):
            is_lost = isinstance(failure, ConnectTimeout) or never_left(failure)
            words = f"{self.label} {'cannot be reached' if is_lost else 'did not answer'}"
            return DeliveryError(words, permanent=False, of_gateway=True, maybe_taken=not is_lost)
        words = f"{self.label} could not be given the mail: {type(failure).__name__}"
        return DeliveryError(words, permanent=False, of_gateway=True)

    def _refused(self, answer: Answer) -> DeliveryError:
        words = f"{self.label} answered {answer.status}"
        if answer.status in (402, 420):  # to be paid, and SparkPost's word for too much at once
            return DeliveryError(words, permanent=False, of_gateway=True)
        if 400 <= answer.status < 500 and OF_ACCOUNT.search(answer.body.decode(errors="replace")):
            return DeliveryError(f"{words}: sender or account", permanent=False, of_gateway=True)
        return refused(self.label, answer)


def _part(file: MailFile) -> MIMEBase:
    """Return a file as anymail hands it on, shown in the text where it has a name for that."""
    main, _slash, sub = file.type.partition(";")[0].strip().partition("/")
    part = MIMEBase(main, sub)
    part.set_payload(file.content)
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "inline" if file.cid else "attachment", filename=one_line(file.name))
    if file.cid:
        part["Content-ID"] = f"<{file.cid}>"
    return part


def _is_taken(failure: Exception) -> bool:
    """Tell whether the provider took the mail, in words that anymail cannot read."""
    from anymail.exceptions import AnymailRecipientsRefused

    response = getattr(failure, "response", None)
    is_success = response is not None and 200 <= response.status_code < 300
    return is_success and not isinstance(failure, AnymailRecipientsRefused)
