"""A mail as a program hands it over: to whom, what it says, what goes with it, and what of that is let through."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from vestibule.notifications.ports import MailFile, Named
from vestibule.people.characters import is_plain
from vestibule.people.errors import Invalid

MOST_READERS = 50
MOST_BYTES = 10 * 1024 * 1024
MOST_FILES, MOST_HEADERS, MOST_REPLIES = 100, 30, 10
LONGEST_ADDRESS, LONGEST_NAME, LONGEST_SUBJECT, LONGEST_VALUE = 254, 120, 900, 900
_LABEL = r"[^\s@.<>,;:\"()\[\]\\]+"
_MAILBOX = re.compile(rf"[!#-'*+\-./0-9=?A-Z^-~]{{1,64}}@(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_WORD = r"[A-Za-z0-9!#$&^_.+-]{1,100}"
_TYPE = re.compile(rf'{_WORD}/{_WORD}(?:\s*;\s*{_WORD}=(?:{_WORD}|"[^"\\\r\n]{{0,200}}"))*')
_CID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]{1,200}")
_OF_ITS_OWN = re.compile(r"X-[A-Za-z0-9-]{1,70}|[A-Za-z][A-Za-z0-9]{1,70}", re.IGNORECASE)
"""What a program may call headers of its own: what begins with X-, or one word."""
LET_THROUGH = frozenset(
    {
        *("in-reply-to", "references", "importance", "priority", "keywords", "comments", "organization"),
        *("list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post", "list-post", "list-owner"),
        *("list-archive", "feedback-id", "auto-submitted"),
    }
)
"""Headers of the standards that say nothing about who sends, who reads, or what the mail is made of."""
NOT_ITS_OWN = frozenset(
    {
        *("from", "to", "cc", "bcc", "sender", "subject", "date", "received", "path", "newsgroups", "control"),
        *("supersedes", "encrypted", "approved", "autosubmitted", "autoforwarded", "precedence", "sensitivity"),
        *("obsoletes", "expires", "lines", "xref", "mime", "content", "body"),
    }
)


@dataclass(frozen=True)
class Letter:
    """One mail for all its readers. `sender` is the address it comes from; `text` or `html` may be empty, not both."""

    sender: str
    subject: str
    to: tuple[Named, ...]
    text: str = ""
    html: str = ""
    cc: tuple[Named, ...] = ()
    bcc: tuple[Named, ...] = ()
    replies: tuple[Named, ...] = ()
    files: tuple[MailFile, ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def readers(self) -> list[Named]:
        """Everybody it goes to, each once, in the order they are named."""
        found: dict[str, Named] = {}
        for one in (*self.to, *self.cc, *self.bcc):
            found.setdefault(one.address.lower(), one)
        return list(found.values())

    @property
    def names_others(self) -> bool:
        """Whether some reader is told of another."""
        return len({one.address.lower() for one in (*self.to, *self.cc)}) > 1 or bool(self.bcc)

    @property
    def size(self) -> int:
        """About how many bytes it takes to keep it: files are kept as base64."""
        files = sum(len(one.content) * 4 // 3 + 200 for one in self.files)
        people = 200 * (len(self.to) + len(self.cc) + len(self.bcc) + len(self.replies) + len(self.headers))
        return files + people + len(self.subject) + len(self.text.encode()) + len(self.html.encode())

    def as_json(self) -> dict[str, Any]:
        """Return the letter as a row holds it."""
        people = {name: [[one.address, one.name] for one in getattr(self, name)] for name in _PEOPLE}
        files = [[one.name, one.type, b64encode(one.content).decode(), one.cid] for one in self.files]
        said = {"sender": self.sender, "subject": self.subject, "text": self.text, "html": self.html}
        return {**said, **people, "files": files, "headers": [list(pair) for pair in self.headers]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read a letter from a row. Raises KeyError or TypeError for what is none."""
        people: dict[str, Any] = {name: tuple(Named(*one) for one in stored[name]) for name in _PEOPLE}
        files = tuple(MailFile(name, kind, b64decode(held), cid) for name, kind, held, cid in stored["files"])
        said = {name: stored[name] for name in ("sender", "subject", "text", "html")}
        return cls(**said, **people, files=files, headers=tuple((name, value) for name, value in stored["headers"]))


_PEOPLE = ("to", "cc", "bcc", "replies")


def check(letter: Letter) -> None:
    """Raise Invalid, which names the field, for a letter that cannot be sent or could be taken for another's."""
    _check_words(letter)
    _check_people(letter)
    _check_files(letter.files)
    _check_headers(letter.headers)
    size = sum(len(one.content) for one in letter.files) + len(letter.text.encode()) + len(letter.html.encode())
    if size > MOST_BYTES:
        raise Invalid(_("This mail is larger than 10 MB with its files. Nothing was sent."), field="attachments")


def is_address(given: str) -> bool:
    """Tell whether `given` is one e-mail address that any server takes."""
    if len(given) > LONGEST_ADDRESS or not given.isprintable() or not _MAILBOX.fullmatch(given):
        return False
    try:
        given.rpartition("@")[2].encode("idna")
    except UnicodeError:
        return False
    return not given.startswith(".") and ".@" not in given and ".." not in given


def _check_words(letter: Letter) -> None:
    if not letter.subject.strip() or len(letter.subject) > LONGEST_SUBJECT or not is_plain(letter.subject):
        words = _("The subject is one line of 1 to %(most)d letters. Nothing was sent.")
        raise Invalid(words % {"most": LONGEST_SUBJECT}, field="content.subject")
    if not letter.text.strip() and not letter.html.strip():
        raise Invalid(_("Give plainText, html or both: this mail says nothing. Nothing was sent."), field="content")


def _check_people(letter: Letter) -> None:
    if not letter.to:
        raise Invalid(_("Name somebody under to. Nothing was sent."), field="recipients.to")
    if len(letter.to) + len(letter.cc) + len(letter.bcc) > MOST_READERS:
        words = _("A mail goes to %(most)d readers at most. Nothing was sent.")
        raise Invalid(words % {"most": MOST_READERS}, field="recipients")
    if len(letter.replies) > MOST_REPLIES:
        words = _("Answers go to %(most)d addresses at most. Nothing was sent.")
        raise Invalid(words % {"most": MOST_REPLIES}, field="replyTo")
    where = {"to": "recipients.to", "cc": "recipients.cc", "bcc": "recipients.bcc", "replies": "replyTo"}
    for name, path in where.items():
        for one in getattr(letter, name):
            if not is_address(one.address):
                words = _("“%(given)s” is no e-mail address. Nothing was sent.")
                raise Invalid(words % {"given": one.address[:80]}, field=path)
            if len(one.name) > LONGEST_NAME or not is_plain(one.name):
                words = _("A display name is one line of at most %(most)d letters. Nothing was sent.")
                raise Invalid(words % {"most": LONGEST_NAME}, field=path)


def _check_files(files: Iterable[MailFile]) -> None:
    held = list(files)
    if len(held) > MOST_FILES:
        words = _("A mail brings %(most)d files at most. Nothing was sent.")
        raise Invalid(words % {"most": MOST_FILES}, field="attachments")
    for one in held:
        if not one.name.strip() or len(one.name) > 200 or not is_plain(one.name) or set(one.name) & set('/\\"'):
            words = _("The name of a file is one line, without slashes and quotation marks. Nothing was sent.")
            raise Invalid(words, field="attachments.name")
        if not _TYPE.fullmatch(one.type) or one.type.lower().startswith(("multipart/", "message/")):
            words = _("“%(given)s” is no media type a file can have, such as text/plain. Nothing was sent.")
            raise Invalid(words % {"given": one.type[:80]}, field="attachments.contentType")
        if one.cid and not _CID.fullmatch(one.cid):
            words = _("A contentId is made of letters, figures and the signs of an address. Nothing was sent.")
            raise Invalid(words, field="attachments.contentId")


def _check_headers(headers: tuple[tuple[str, str], ...]) -> None:
    if len(headers) > MOST_HEADERS:
        words = _("A mail has %(most)d further headers at most. Nothing was sent.")
        raise Invalid(words % {"most": MOST_HEADERS}, field="headers")
    for name, value in headers:
        if not _may_be_set(name):
            words = _("The header “%(name)s” is not yours to set. Begin the name of one of your own with X-.")
            raise Invalid(words % {"name": name[:80]}, field="headers")
        if len(value) > LONGEST_VALUE or not is_plain(value):
            words = _("The header “%(name)s” is not one line of at most %(most)d letters. Nothing was sent.")
            raise Invalid(words % {"name": name[:80], "most": LONGEST_VALUE}, field="headers")


def _may_be_set(name: str) -> bool:
    plain = name.lower()
    return plain in LET_THROUGH or (_OF_ITS_OWN.fullmatch(name) is not None and plain not in NOT_ITS_OWN)
