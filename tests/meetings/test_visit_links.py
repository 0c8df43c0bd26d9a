"""A join link is read the same everywhere, opens only what it should, and never raises."""

import io
import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.meetings.visit_links import join_address, parse, parse_pasted, run_parse_link

OWN = "https://clinic.example.org"
TOKEN = "Qm9va2luZy1jYXBhYmlsaXR5LXRva2Vu"
THREAD = "19:meeting_Zm9vYmFy@thread.v2"
TENANT = "00000000-0000-4000-8000-000000000001"
ORGANISER = "00000000-0000-4000-8000-000000000002"
CONTEXT = quote(json.dumps({"Tid": TENANT, "Oid": ORGANISER}), safe="")
LONG = f"https://teams.microsoft.com/l/meetup-join/{quote(THREAD, safe='')}/0?context={CONTEXT}"
WITHOUT_CONTEXT = LONG.partition("?")[0]
SHORT = "https://teams.microsoft.com/meet/2345678901234?p=AbCd1234"
ROOM = "99445276259151407"
USER = "8:acs:00000000-0000-4000-8000-00000000000a_00000000-0000-4000-8000-00000000000b"
SAFE = "https://eur01.safelinks.protection.outlook.com/?url="

CONTRACTS = Path(os.environ.get("VESTIBULE_SHARED", Path(__file__).parents[3] / "shared")) / "contracts"
EXAMPLES = CONTRACTS / "visit-links" / "examples.json"

"""Every reason there is; programs rely on these words."""


def reading(address: str) -> str:
    """What a link given as meetingURL comes to: its result, or the reason it has none."""
    link = parse("?meetingURL=" + quote(address, safe=""), OWN)
    return link.reason or link.result


def cases() -> list[dict[str, object]]:
    return json.loads(EXAMPLES.read_text("utf-8")) if EXAMPLES.is_file() else []


@pytest.mark.skipif(not EXAMPLES.is_file(), reason=f"NOT CHECKED: the shared examples are missing ({EXAMPLES})")
def test_the_shared_examples_are_read_as_they_say() -> None:
    wrong = []
    for case in cases():
        link = parse(str(case["input_query"]), OWN)
        locator = {name: value for name, value in (link.locator or {}).items() if value is not None} or None
        if (link.result, locator, link.reason) != (case["expected"], case["locator"], case.get("reason")):
            wrong.append((case["id"], link))
    assert wrong == []


def test_an_own_token_wins_over_every_other_parameter() -> None:
    link = parse(f"?meetingURL={quote(LONG, safe='')}&roomId={ROOM}&v={TOKEN}", OWN)
    assert link.locator == {"kind": "own_visit", "token": TOKEN}


def test_a_bad_own_token_does_not_fall_through_to_other_parameters() -> None:
    assert parse(f"?v=short&meetingURL={quote(LONG, safe='')}", OWN).reason == "bad_token"


def test_a_bad_meeting_link_does_not_fall_through_to_a_room() -> None:
    assert parse(f"?meetingURL=nonsense&roomId={ROOM}&userId={USER}", OWN).reason == "not_a_url"


def test_an_empty_value_is_as_good_as_none() -> None:
    assert parse(f"?v=&meetingURL=&roomId={ROOM}&userId={USER}", OWN).result == "rooms"


@pytest.mark.parametrize("name", ["meetingURL", "MEETINGURL", "meetingurl", "teamsLink", "TEAMSLINK"])
def test_names_are_read_without_regard_to_case(name: str) -> None:
    assert parse(f"?{name}={quote(LONG, safe='')}", OWN).result == "teams"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "no_locator"),
        ("?", "no_locator"),
        (f"?roomId={ROOM}", "missing_user"),
        (f"?userId={USER}", "missing_room"),
        (f"?roomId=../../etc&userId={USER}", "bad_room_id"),
        (f"?roomId={ROOM}&userId=8:acs:me", "bad_user_id"),
        ("?groupId=00000000-0000-4000-8000-000000000001", "group_call_unsupported"),
        ("?passcode=AbCd", "missing_meeting_id"),
        (f"?meetingURL={'https%3A%2F%2Fteams.microsoft.com%2F' + 'a' * 5000}", "too_long"),
    ],
)
def test_a_query_that_opens_nothing_says_why(query: str, reason: str) -> None:
    assert parse(query, OWN).reason == reason


def test_a_meeting_id_is_taken_as_mails_print_it() -> None:
    link = parse("?meetingId=234%20567%20890%20123%204&passcode=AbCd12", OWN)
    assert link.locator == {"kind": "teams_meeting_id", "meeting_id": "2345678901234", "passcode": "AbCd12"}


@pytest.mark.parametrize(
    "address",
    [
        LONG,
        SHORT,
        f"{LONG}&webjoin=true&unified=true",
        LONG.replace("teams.microsoft.com", "TEAMS.Microsoft.COM"),
        LONG.replace("teams.microsoft.com", "teams.microsoft.com:443"),
        f"  {LONG}\n",
        quote(LONG, safe=""),
        quote(quote(LONG, safe=""), safe=""),
        SAFE + quote(LONG, safe="") + "&data=05%7C02&sdata=x&reserved=0",
        "https://visit.teams.microsoft.com/webrtc-svc/api/route?tid=x&JoinWebUrl=" + quote(LONG, safe=""),
        SAFE + quote("https://visit.teams.microsoft.com?JoinWebUrl=" + quote(LONG, safe=""), safe=""),
        LONG.replace("https://teams.microsoft.com/", "https://teams.microsoft.com/_#/"),
        LONG.replace("https://teams.microsoft.com/", "msteams:/"),
        LONG.replace("https://teams.microsoft.com/", "msteams://teams.microsoft.com/"),
        LONG.replace("https://teams.microsoft.com/", "msteams://"),
        SHORT.replace("https://teams.microsoft.com/", "msteams:/"),
        "https://teams.microsoft.com/dl/launcher/launcher.html?url="
        + quote(LONG.replace("https://teams.microsoft.com/", "/_#/"), safe="")
        + "&type=meetup-join&directDl=true",
    ],
)
def test_links_and_microsofts_own_wrappers_open_the_meeting(address: str) -> None:
    assert reading(address) == "teams"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("hello", "not_a_url"),
        ("https:teams.microsoft.com", "not_a_url"),
        ("/meet/123456789", "not_absolute"),
        ("//teams.microsoft.com/meet/123456789", "not_absolute"),
        ("teams.microsoft.com/meet/123456789", "not_absolute"),
        ("http://teams.microsoft.com/meet/123456789", "scheme_not_https"),
        ("javascript:alert(1)//https://teams.microsoft.com/meet/123456789", "scheme_not_https"),
        ("https://teams.microsoft.com@evil.example/meet/123456789", "userinfo_not_allowed"),
        ("https://evil.example\\@teams.microsoft.com/meet/123456789", "userinfo_not_allowed"),
        ("https://teams.microsoft.com:8443/meet/123456789", "port_not_allowed"),
        ("https://teams.microsoft.com:x/meet/123456789", "port_not_allowed"),
        ("https://teams.microsoft.com.evil.example/meet/123456789", "host_not_allowed"),
        ("https://evilteams.microsoft.com/meet/123456789", "host_not_allowed"),
        ("https://teams.microsoft.com./meet/123456789", "host_not_allowed"),
        ("https://evil.example/?visit.teams.microsoft.com&JoinWebUrl=x", "host_not_allowed"),
        ("https://eur01.safelinks.protection.outlook.com.evil.example/?url=x", "host_not_allowed"),
        (SAFE + quote("https://evil.example/", safe=""), "inner_host_not_allowed"),
        (SAFE + quote("javascript:alert(1)", safe=""), "scheme_not_https"),
        (SAFE + quote(SAFE + quote(LONG, safe=""), safe=""), "wrapper_nesting"),
        (SAFE, "not_a_meeting_link"),
        ("msteams://evil.example/l/meetup-join/x", "inner_host_not_allowed"),
        ("msteams:/_#/l/chat/0/0", "not_a_meeting_link"),
        ("https://www.google.com/url?q=" + quote(LONG, safe=""), "unknown_redirector"),
        ("https://teams.microsoft.com/meet/123%0a456", "control_character"),
        ("https://teams.microsoft.com/meet/", "missing_meeting_id"),
        ("https://teams.microsoft.com/meetevil", "unknown_teams_path"),
        ("https://teams.microsoft.com/l/channel/19%3aabc%40thread.tacv2/General", "not_a_meeting_link"),
        ("https://teams.live.com/meet/9345678901234", "teams_consumer_unsupported"),
        (WITHOUT_CONTEXT, "missing_context"),
        (WITHOUT_CONTEXT + "?context=%7bnot", "context_not_json"),
        (WITHOUT_CONTEXT + "?context=%5b1%5d", "context_not_json"),
        (WITHOUT_CONTEXT + "?context=%7b%22Tid%22%3a%22" + TENANT + "%22%7d", "missing_organizer"),
        ("https://teams.microsoft.com/l/meetup-join/0?context=" + CONTEXT, "missing_thread"),
        ("https://teams.microsoft.com/l/meetup-join/19%3ax%40evil/0?context=" + CONTEXT, "bad_thread_id"),
        (LONG[:-3] + quote(',"IsBroadcastMeeting":true}', safe=""), "live_event_unsupported"),
        (f"{OWN}/manage?v={TOKEN}", "unknown_own_path"),
        (f"http://clinic.example.org/visit?v={TOKEN}", "scheme_not_https"),
        (f"{OWN}/visit?meetingURL={quote(f'{OWN}/visit?v={TOKEN}', safe='')}", "wrapper_nesting"),
    ],
)
def test_a_link_that_opens_nothing_says_why(address: str, reason: str) -> None:
    assert reading(address) == reason


@pytest.mark.parametrize("path", ["/visit", "/VISIT", "/visit/", "/", "/book"])
def test_our_own_link_may_be_pasted_as_a_whole(path: str) -> None:
    assert parse_pasted(f"{OWN}{path}?v={TOKEN}", OWN).locator == {"kind": "own_visit", "token": TOKEN}


def test_our_own_link_is_known_inside_a_safe_link() -> None:
    assert reading(SAFE + quote(f"{OWN}/visit?v={TOKEN}", safe="")) == "own"


def test_a_server_on_this_machine_knows_its_own_links() -> None:
    here = "http://localhost:8000"
    assert parse_pasted(f"{here}/visit?v={TOKEN}", here).result == "own"
    assert parse_pasted(f"http://localhost:9000/visit?v={TOKEN}", here).reason == "port_not_allowed"


def test_a_rebuilt_link_carries_what_joining_needs_and_nothing_else() -> None:
    locator = parse_pasted(f"{LONG}&anon=true&utm_source=mail#x", OWN).locator
    assert locator is not None
    rebuilt = join_address(locator)
    assert "utm_source" not in rebuilt
    assert parse_pasted(rebuilt, OWN).locator == locator


def test_a_rebuilt_short_link_opens_the_same_meeting() -> None:
    locator = parse_pasted(f"{SHORT}&anon=true", OWN).locator
    assert locator is not None
    assert join_address(locator) == SHORT


pieces = st.sampled_from(
    [
        *("https://", "msteams:", "teams.microsoft.com", "/l/meetup-join/", "/meet/", "%", "%25", "%00", "?"),
        *(
            "&",
            "=",
            "#",
            "context=",
            "{",
            '"Oid":',
            "JoinWebUrl=",
            "url=",
            SAFE,
            "/_#/",
            "v=",
            "meetingURL=",
            "roomId=",
            "@",
            "[::1",
        ),
        *("\\", THREAD, CONTEXT, TOKEN, "ﬃ", "\ud800", "١٢٣٤٥٦٧٨٩"),
    ]
)


@given(st.lists(pieces | st.text(max_size=8), max_size=14).map("".join))
def test_nothing_makes_it_raise_or_gives_it_an_address_to_go_to(text: str) -> None:
    for link in (parse(text, OWN), parse("?meetingURL=" + text, OWN), parse_pasted(text, OWN)):
        assert (link.result == "invalid") == (link.locator is None) == (link.reason is not None)
        assert not any("://" in (value or "") for value in (link.locator or {}).values())


def test_a_batch_prints_one_line_for_each_case_in_order(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{"id": "b", "input_query": "?v=" + TOKEN}, {"id": "a", "input_query": "?x=1"}]))
    out = io.StringIO()
    assert run_parse_link(None, str(file), OWN, out, io.StringIO()) == 0
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["id"], line["result"], line["reason"]) for line in lines] == [
        ("b", "own", None),
        ("a", "invalid", "no_locator"),
    ]
