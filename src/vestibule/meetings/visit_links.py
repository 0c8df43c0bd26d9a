"""Join links: what a pasted or clicked link opens, or the stable word for why it opens nothing.

Pure functions. Nothing is fetched and nobody is redirected: the answer is data, from which a clean link is built.
Hosts are compared whole, after parsing; only wrappers of Microsoft itself are opened, each at most once.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from vestibule.meetings.link_hosts import (
    CLOUDS,
    CONSUMER_HOSTS,
    EVENT_HOSTS,
    TEAMS_HOSTS,
    VISIT_HOSTS,
    is_forwarder,
    is_meeting_host,
    is_safe_links,
)

LONGEST = 4096
NAMES = frozenset({"v", "meetingurl", "teamslink", "meetingid", "passcode", "roomid", "userid", "groupid"})
"""The parameters that say something of a meeting, in small letters."""
OWN_PATHS = ("", "/visit", "/book")
OTHER_TEAMS_THINGS = frozenset(
    {
        *("app", "call", "channel", "chat", "entity", "file", "message", "meeting", "meetingrecap", "task", "team"),
        *("stage", "activity"),
    }
)
_BLANK = " \t\r\n\u200b\u200c\u200d\u2060\ufeff\u00a0"
_AROUND = _BLANK + "<>\"'“”„«»"
_IN_TEXT = re.compile(r"(?:^|(?<=[\s<(\[\"'“„«]))(?:https?://|msteams:)[^\s<>\"'“”„«»]+", re.IGNORECASE)
"""A link within other words, and not one that is a part of another link."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOSTLIKE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/|\?|#|$)")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_THREAD = re.compile(r"19:[A-Za-z0-9_=-]{1,200}@thread\.(v2|tacv2|skype)")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,512}")
_ROOM = re.compile(r"[0-9]{10,32}")
_USER = re.compile(rf"8:((gcch|dod)-)?acs:{_GUID.pattern}_{_GUID.pattern}")
_MEETING = re.compile(r"[0-9]{6,24}")
_PASSCODE = re.compile(r"[A-Za-z0-9_-]{1,64}")

Locator = dict[str, str | None]


class _No(Exception):
    """Why a link opens nothing; its only argument is the reason."""


@dataclass(frozen=True)
class Link:
    """What a link opens: `result` "own", "teams", "rooms" or "invalid", with its locator, or the reason."""

    result: str
    locator: Locator | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the link as `vestibule parse-link` prints it."""
        return {"result": self.result, "locator": self.locator, "reason": self.reason}


@dataclass(frozen=True)
class _Search:
    """One reading of a link: this server's origin, and the wrappers opened so far."""

    origin: SplitResult
    opened: frozenset[str] = frozenset()

    def inside(self, wrapper: str) -> "_Search":
        if wrapper in self.opened:
            raise _No("wrapper_nesting")
        return _Search(self.origin, self.opened | {wrapper})

    def is_own(self, url: SplitResult) -> bool:
        return url.hostname == self.origin.hostname


def parse(query: str, origin: str) -> Link:
    """Say what the query string of `/visit`, `/` or `/book` opens; `origin` is this server's own, such as
    `https://clinic.example.org`. Never raises, whatever `query` holds.
    """
    try:
        return _from_query(query.removeprefix("?"), _Search(urlsplit(origin)))
    except _No as refused:
        return Link("invalid", reason=str(refused))


def names_a_meeting(query: str) -> bool:
    """Tell whether a query says anything of a meeting, rightly or not; what else may stand in it is none of ours."""
    try:
        return bool(NAMES & set(_parameters(query.removeprefix("?"))))
    except _No:
        return True


def parse_pasted(text: str, origin: str) -> Link:
    """Say what a pasted link opens, or the end of one from its question mark on. Never raises.

    Mails put marks around links and break them into lines; people copy the sentence as well. Of several links the first
    that opens something counts.
    """
    if text.strip(_BLANK).startswith("?"):
        return parse(text.strip(_BLANK), origin)
    answers = [_answer(one, origin) for one in _links_in(text)]
    return next((one for one in answers if one.locator), answers[0])


def _answer(address: str, origin: str) -> Link:
    try:
        return _from_address(address, _Search(urlsplit(origin)))
    except _No as refused:
        return Link("invalid", reason=str(refused))


def _links_in(text: str) -> list[str]:
    """Return what may be links in a pasted text: at least one, and at most ten."""
    whole = text[: LONGEST * 4].strip(_AROUND)
    parts = whole.split()
    if len(parts) == 1 and _SCHEME.match(whole):
        return [whole]
    found = _IN_TEXT.findall(whole)[:10]
    if len(found) == 1 and _IN_TEXT.match(whole) and not re.search(r"[ \t]", whole):
        return ["".join(parts)]  # one link, which a mail has broken into lines
    return [one.rstrip(".,;:!)]") for one in found] or [whole]


def join_address(locator: Mapping[str, str | None]) -> str:
    """Return a fresh Teams link that holds what joining needs and nothing else. For the two Teams kinds only."""
    host = TEAMS_HOSTS[locator.get("cloud") or ""]
    if locator["kind"] == "teams_meeting_id":
        passcode = locator.get("passcode")
        return f"https://{host}/meet/{locator['meeting_id']}" + (f"?p={quote(passcode)}" if passcode else "")
    context = {"Tid": locator.get("tenant_id"), "Oid": locator["organizer_id"]}
    words = json.dumps({name: value for name, value in context.items() if value}, separators=(",", ":"))
    thread = quote(locator["thread_id"] or "", safe="")
    return f"https://{host}/l/meetup-join/{thread}/{locator.get('message_id') or '0'}?context={quote(words, safe='')}"


def _from_query(query: str, search: _Search) -> Link:
    given = _parameters(query)
    if token := given.get("v"):
        if not _TOKEN.fullmatch(token):
            raise _No("bad_token")
        return Link("own", {"kind": "own_visit", "token": token})
    if address := given.get("meetingurl") or given.get("teamslink"):
        return _from_address(address, search)
    if "meetingid" in given or "passcode" in given:
        return Link("teams", _meeting(given.get("meetingid", ""), given.get("passcode", ""), ""))
    if "roomid" in given or "userid" in given:
        return Link("rooms", _room(given))
    raise _No("group_call_unsupported" if "groupid" in given else "no_locator")


def _parameters(query: str) -> dict[str, str]:
    """Return the parameters by lower-case name, the first that is not empty of each."""
    if len(query) > LONGEST * 4:
        raise _No("too_long")
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=False):
        if value.strip():
            found.setdefault(name.strip().lower().removeprefix("amp;"), value)  # as some mails write an ampersand
    return found


def _room(given: Mapping[str, str]) -> Locator:
    room, user = given.get("roomid", "").strip(), given.get("userid", "").strip()
    if not room:
        raise _No("missing_room")
    if not _ROOM.fullmatch(room):
        raise _No("bad_room_id")
    if not user:
        raise _No("missing_user")
    if not _USER.fullmatch(user):
        raise _No("bad_user_id")
    return {"kind": "room", "room_id": room, "user_id": user}


def _from_address(text: str, search: _Search) -> Link:
    url = _split(_shown(text), search)
    if url.scheme.lower() == "msteams":
        return _from_app_link(url, search)
    host = url.hostname or ""
    if search.is_own(url):
        return _from_own(url, search)
    if host in VISIT_HOSTS:
        return _from_wrapped(url, "joinweburl", search.inside("visit"))
    if is_safe_links(host):
        return _from_wrapped(url, "url", search.inside("safe_links"))
    return _from_teams(url, search)


def _shown(text: str) -> str:
    """Undo percent-encoding until a scheme shows, at most twice."""
    text = text.strip(_BLANK)
    if len(text) > LONGEST:
        raise _No("too_long")
    if any(unicodedata.category(letter) == "Cc" for letter in unquote(unquote(text))):
        raise _No("control_character")
    for _time in range(2):
        if _SCHEME.match(text):
            break
        text = unquote(text).strip(_BLANK)
    return text


def _split(text: str, search: _Search) -> SplitResult:
    """Take an address apart and check scheme, user, port and host, in this order."""
    if not _SCHEME.match(text):
        raise _No("not_absolute" if text.startswith(("/", "\\")) or _HOSTLIKE.match(text) else "not_a_url")
    try:
        url = urlsplit(text)
        host = url.hostname or ""
    except ValueError:
        raise _No("not_a_url") from None
    if url.scheme == "msteams":
        return url
    if url.scheme != "https" and not (search.is_own(url) and url.scheme == search.origin.scheme):
        raise _No("scheme_not_https")
    if not host:
        raise _No("userinfo_not_allowed" if "@" in url.netloc else "not_a_url")
    if "@" in url.netloc:
        raise _No("userinfo_not_allowed")
    _check_port(url, search)
    _check_host(url, search)
    return url


def _check_port(url: SplitResult, search: _Search) -> None:
    try:
        port = url.port
    except ValueError:
        raise _No("port_not_allowed") from None
    own = search.origin.port if search.is_own(url) else None
    usual = 80 if url.scheme == "http" else 443
    if (usual if port is None else port) != (own or usual) or (url.netloc.endswith(":") and port is None):
        raise _No("port_not_allowed")


def _check_host(url: SplitResult, search: _Search) -> None:
    host = url.hostname or ""
    # Some letters of other alphabets become plain ones when they are made small, such as the sign of Kelvin.
    if url.netloc.isascii() and (host == search.origin.hostname or is_meeting_host(host)):
        return
    if search.opened:
        raise _No("inner_host_not_allowed")
    raise _No("unknown_redirector" if is_forwarder(host) else "host_not_allowed")


def _from_own(url: SplitResult, search: _Search) -> Link:
    if url.path.lower().rstrip("/") not in OWN_PATHS:
        raise _No("unknown_own_path")
    return _from_query(url.query, search.inside("own"))


def _from_wrapped(url: SplitResult, name: str, search: _Search) -> Link:
    inner = _parameters(url.query).get(name)
    if not inner:
        raise _No("not_a_meeting_link")
    return _from_address(inner, search)


def _from_app_link(url: SplitResult, search: _Search) -> Link:
    """`msteams:/l/…` and `msteams://teams.microsoft.com/l/…` are the web address with another scheme."""
    inside = search.inside("app")
    host, path = url.netloc, "/" + url.path.lstrip("/")
    if host.lower() in {"", "l", "meet", "_"}:  # msteams://l/… names no host
        host, path = "teams.microsoft.com", f"/{host}{path}" if host else path
    if host.lower() not in CLOUDS and host.lower() not in CONSUMER_HOSTS:
        raise _No("userinfo_not_allowed" if "@" in host else "inner_host_not_allowed")
    return _from_address(url._replace(scheme="https", netloc=host, path=path).geturl(), inside)


def _from_teams(url: SplitResult, search: _Search) -> Link:
    host = url.hostname or ""
    if host in CONSUMER_HOSTS:
        raise _No("teams_consumer_unsupported")
    if host in EVENT_HOSTS:
        raise _No("live_event_unsupported")
    parts = [part for part in url.path.split("/") if part]
    kind = [part.lower() for part in parts[:3]]
    if kind[:3] == ["dl", "launcher", "launcher.html"]:
        return _from_launcher(url, search.inside("launcher"))
    if kind in (["_"], ["v2"]) and url.fragment.startswith("/"):
        route = f"https://{host}{url.fragment}"
        return _from_address(route, search.inside("route"))
    if kind[:2] == ["l", "meetup-join"]:
        return Link("teams", _meetup(parts[2:], url, CLOUDS[host]))
    if kind[:1] == ["meet"]:
        passcode = _parameters(url.query).get("p", "")
        return Link("teams", _meeting("".join(parts[1:2]), passcode, CLOUDS[host]))
    raise _No(_why_no_meeting(kind))


def _why_no_meeting(kind: list[str]) -> str:
    if kind[:1] == ["convene"] or kind[:1] == ["event"]:
        return "live_event_unsupported"
    if not kind or (kind[0] == "l" and len(kind) > 1 and kind[1] in OTHER_TEAMS_THINGS):
        return "not_a_meeting_link"
    return "unknown_teams_path"


def _from_launcher(url: SplitResult, search: _Search) -> Link:
    inner = _parameters(url.query).get("url", "").strip()
    if not inner:
        raise _No("not_a_meeting_link")
    for _time in range(2):
        if inner.startswith("/") or _SCHEME.match(inner):
            break
        inner = unquote(inner)
    if inner.startswith("/") and not inner.startswith(("//", "/\\")):
        inner = f"https://{url.hostname}{inner}"
    return _from_address(inner, search)


def _meetup(parts: list[str], url: SplitResult, cloud: str) -> Locator:
    thread = unquote(unquote(parts[0])) if parts else ""
    if not thread or (len(parts) == 1 and not thread.startswith("19:")):
        raise _No("missing_thread")
    if not _THREAD.fullmatch(thread):
        raise _No("bad_thread_id")
    context = _context(url)
    message = parts[1] if len(parts) > 1 and re.fullmatch(r"[0-9]{1,20}", parts[1]) else None
    locator: Locator = {"kind": "teams_link", "thread_id": thread, "message_id": message, **context}
    return {**locator, "cloud": cloud} if cloud else locator


def _context(url: SplitResult) -> Locator:
    """Return tenant and organiser of a long link, from its `context`."""
    words = _parameters(url.query).get("context", "").strip()
    if not words:
        raise _No("missing_context")
    try:
        read = json.loads(words if words.startswith("{") else unquote(words))
    except (ValueError, RecursionError):
        raise _No("context_not_json") from None
    if not isinstance(read, dict):
        raise _No("context_not_json")
    facts = {str(name).lower(): value for name, value in read.items()}
    if str(facts.get("isbroadcastmeeting", "")).lower() in {"true", "1"}:
        raise _No("live_event_unsupported")
    tenant, organizer = str(facts.get("tid", "")), str(facts.get("oid", ""))
    if not _GUID.fullmatch(organizer):
        raise _No("missing_organizer")
    return {"tenant_id": tenant if _GUID.fullmatch(tenant) else None, "organizer_id": organizer}


def _meeting(given: str, passcode: str, cloud: str) -> Locator:
    """Return the meeting of an id as mails print it: digits, perhaps in groups."""
    number = re.sub(r"[\s-]", "", unquote(given))
    if not _MEETING.fullmatch(number):
        raise _No("missing_meeting_id")
    word = passcode.strip()
    kept = word if _PASSCODE.fullmatch(word) else None
    locator: Locator = {"kind": "teams_meeting_id", "meeting_id": number, "passcode": kept}
    return {**locator, "cloud": cloud} if cloud else locator


def run_parse_link(query: str | None, batch: str | None, origin: str, out: TextIO, err: TextIO) -> int:
    """Print what `query` opens, or each case of the JSON file `batch`, one JSON line for each; return the exit code."""
    if (query is None) == (batch is None):
        err.write("Give a query such as '?v=…', or --batch FILE.\n")
        return 2
    if batch is None:
        out.write(json.dumps(parse(query or "", origin).as_json()) + "\n")
        return 0
    try:
        with open(batch, encoding="utf-8") as file:
            cases = json.load(file)
    except (OSError, ValueError) as failure:
        err.write(f"{batch} cannot be read as a JSON array of cases: {failure}\n")
        return 1
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        err.write(f"{batch} is no JSON array of cases, each an object with `id` and `input_query`.\n")
        return 1
    for case in cases:
        answer = parse(str(case.get("input_query") or ""), origin).as_json()
        out.write(json.dumps({"id": case.get("id"), **answer}) + "\n")
    return 0
