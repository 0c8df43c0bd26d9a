"""Whatever is done to a link on its way, by encodings, wrappers, letter case or mails, it opens the same or nothing."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.meetings.join_links import (
    JOIN,
    LONG,
    ORGANISER,
    OWN,
    REASONS,
    ROOM,
    SHORT,
    TENANT,
    THREAD,
    TOKEN,
    USER,
    of,
    q,
)
from vestibule.meetings.visit_links import join_address, parse, parse_pasted

LOCATORS = {
    LONG: {
        "kind": "teams_link",
        "thread_id": THREAD,
        "message_id": "0",
        "tenant_id": TENANT,
        "organizer_id": ORGANISER,
    },
    SHORT: {"kind": "teams_meeting_id", "meeting_id": "2345678901234", "passcode": "AbCd1234"},
    f"{OWN}/visit?v={TOKEN}": {"kind": "own_visit", "token": TOKEN},
    f"{OWN}/visit?{ROOM}&{USER}": {"kind": "room", "room_id": ROOM[7:], "user_id": USER[7:]},
}


VISIT = "https://visit.teams.microsoft.com/?JoinWebUrl="
LAUNCHER = "https://teams.microsoft.com/dl/launcher/launcher.html?url="
WRAPPERS: dict[str, Callable[[str], str]] = {
    "Safe Links": lambda link: f"https://nam06.safelinks.protection.outlook.com/?url={q(link)}&data=05%7C02&reserved=0",
    "old Safe Links": lambda link: f"https://emea01.safelinks.protection.outlook.com/?data=x&url={q(link)}",
    "visit": lambda link: f"https://visit.teams.microsoft.com/webrtc-svc/api/route?bid=x&JoinWebUrl={q(link)}",
}
ONCE = {"Safe Links": "safe", "old Safe Links": "safe", "visit": "visit"}

links = st.sampled_from(list(LOCATORS))
names = st.sampled_from(["meetingURL", "MEETINGURL", "meetingurl", "teamsLink", "TeamsLink"])
blanks = st.text(" \t\r\n", max_size=3)
beside = st.sampled_from(["", "utm_source=mail&", "lang=de&", "foo=&", "userId=x&", "groupId=1&"])


@given(links, names, blanks, blanks, st.integers(0, 2), beside, st.permutations(list(WRAPPERS)), st.integers(0, 2))
def test_encodings_wrappers_blanks_and_letter_case_change_nothing(
    link: str, name: str, before: str, after: str, times: int, others: str, order: list[str], depth: int
) -> None:
    chosen = list({ONCE[one]: one for one in order[:depth]}.values())
    address = link
    for one in chosen:
        address = WRAPPERS[one](address)
    for _time in range(times):
        address = q(address)
    found = parse(f"?{others}{name}={q(before + address + after)}", OWN)
    assert {key: value for key, value in (found.locator or {}).items() if value} == LOCATORS[link], found.reason


@given(links, st.sampled_from(list(WRAPPERS)), st.sampled_from(list(WRAPPERS)))
def test_the_same_wrapper_twice_is_not_opened(link: str, outer: str, inner: str) -> None:
    found = parse(f"?meetingURL={q(WRAPPERS[outer](WRAPPERS[inner](link)))}", OWN)
    assert (found.reason == "wrapper_nesting") == (ONCE[outer] == ONCE[inner])


@given(links, st.integers(0, 60), st.characters(exclude_categories=["Cs"]))
def test_a_host_that_is_not_exactly_known_opens_nothing(link: str, at: int, letter: str) -> None:
    host = link.split("/")[2]
    at %= len(host) + 1
    other = host[:at] + letter + host[at:]
    found = parse(f"?meetingURL={q(link.replace(host, other, 1))}", OWN)
    if found.result != "invalid":  # what is not a letter more, but an end of the host, or nothing
        assert letter in "/?#\\" or other.lower().removesuffix(":") == host, other


@given(st.sampled_from([LONG, SHORT]), st.sampled_from(["", "gov", "dod"]))
def test_a_fresh_link_is_read_as_what_it_was_made_from(link: str, cloud: str) -> None:
    address = link.replace("teams.microsoft.com", f"{cloud}.teams.microsoft.us") if cloud else link
    found = parse_pasted(address, OWN).locator
    assert found is not None
    assert parse_pasted(join_address(found), OWN).locator == found


@given(st.text(max_size=80), st.sampled_from(["", "?", "?v=", "?meetingURL=", "?roomId=1&userId=", "https://"]))
def test_nothing_is_refused_for_a_reason_that_programs_do_not_know(text: str, start: str) -> None:
    for found in (parse(start + text, OWN), parse_pasted(start + text, OWN)):
        assert found.reason is None or found.reason in REASONS


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Ampersands as mails write them, and names that are close by
        (f"?{ROOM}&amp;{USER}", "rooms"),
        ("?meetingId=2345678901234&amp;passcode=AbCd", "teams"),
        (f"?meeting_url={q(LONG)}", "no_locator"),
        (f"?url={q(LONG)}", "no_locator"),
        (f"?token={TOKEN}", "no_locator"),
        (f"?meetingURL%20={q(LONG)}", "teams"),
        ("?meetingURL", "no_locator"),
        ("?=" + q(LONG), "no_locator"),
        ("?&&&", "no_locator"),
        # Which of several counts
        (f"?meetingURL={q(SHORT)}&meetingURL=nonsense", "teams"),
        (f"?meetingURL=nonsense&meetingURL={q(SHORT)}", "not_a_url"),
        (f"?teamsLink=nonsense&meetingURL={q(SHORT)}", "teams"),
        (f"?meetingId=2345678901234&meetingURL={q('https://evil.example')}", "host_not_allowed"),
        (f"?v=&v={TOKEN}", "own"),
        (f"?groupId=x&{ROOM}&{USER}", "rooms"),
        # Parts of a Teams link
        (f"?meetingURL={LONG}", "teams"),
        (f"?meetingURL={LONG}&anon=true", "teams"),
        (f"?meetingURL=https://teams.microsoft.com/_#{JOIN}", "teams"),
        (of("https://teams.microsoft.com/_?lm=deeplink&lmsrc=NeutralHomePageWeb#" + JOIN), "teams"),
        (of("https://teams.microsoft.com/v2/?meetingjoin=true#/meet/2345678901234?p=AbCd"), "teams"),
        (of(LONG + "#nothing"), "teams"),
        (of(LONG.replace("/0?", "/1591234567890?")), "teams"),
        (of(LONG.replace("/0?", "?")), "teams"),
        (of(LONG.replace("thread.v2", "thread.tacv2")), "teams"),
        (of(LONG.replace("thread.v2", "unq.gbl.spaces")), "bad_thread_id"),
        (of(LONG.replace("19%3A", "28%3A")), "bad_thread_id"),
        (of(LONG.replace(q(ORGANISER), "")), "missing_organizer"),
        (of(LONG.replace(q(ORGANISER), "me%40example.org")), "missing_organizer"),
        (of(LONG.replace(q(TENANT), "")), "teams"),
        (of(LONG.partition("context=")[0] + "context=null"), "context_not_json"),
        (of(LONG.partition("context=")[0] + "context="), "missing_context"),
        (of(LONG.partition("context=")[0] + "context=" + "%5b" * 1500), "too_long"),
        (of("https://teams.microsoft.com/meet/2345678901234/?p=AbCd"), "teams"),
        (of("https://teams.microsoft.com/meet/234%20567%20890%201234"), "teams"),
        (of("https://teams.microsoft.com/meet/234567890123456789012345678"), "missing_meeting_id"),
        (of("https://teams.microsoft.com/meet/..%2f..%2fl"), "missing_meeting_id"),
        (of("https://teams.microsoft.com/x/../meet/2345678901234"), "unknown_teams_path"),
        (of("https://teams.microsoft.com/l%2Fmeetup-join"), "unknown_teams_path"),
        (of("https://teams.microsoft.com/l/entity/1/2"), "not_a_meeting_link"),
        (of("https://teams.microsoft.com/l/meeting/new?subject=x"), "not_a_meeting_link"),
        # Clouds, and what is none of them
        (of("https://GOV.teams.microsoft.us" + JOIN), "teams"),
        (of("https://teams.microsoft.us" + JOIN), "host_not_allowed"),
        (of("https://teams.microsoftonline.cn" + JOIN), "host_not_allowed"),
        (of("https://gov.teams.microsoft.com" + JOIN), "host_not_allowed"),
        (of("https://visit.gov.teams.microsoft.us/?JoinWebUrl=" + q(LONG)), "teams"),
        (of("https://dialin.teams.microsoft.com/x?id=123"), "host_not_allowed"),
        (of("https://meet.lync.com/clinic/x"), "host_not_allowed"),
        (of("https://teams.live.com/l/invite/x"), "teams_consumer_unsupported"),
        # Wrappers of Microsoft, rightly and wrongly
        (of("https://na01.safelinks.protection.outlook.com/?url=" + q(LONG)), "teams"),
        (of("https://NAM12.SafeLinks.Protection.Outlook.com/?URL=" + q(LONG)), "teams"),
        (of("https://nam12.safelinks.protection.outlook.com.evil.example/?url=x"), "host_not_allowed"),
        (of("https://evilnam12.safelinks.protection.outlook.com/?url=x"), "host_not_allowed"),
        (of("http://nam12.safelinks.protection.outlook.com/?url=" + q(LONG)), "scheme_not_https"),
        (of(VISIT + q("http://teams.microsoft.com/")), "scheme_not_https"),
        (of(VISIT + q("//teams.microsoft.com/")), "not_absolute"),
        (of(VISIT + q("https://a@teams.microsoft.com/")), "userinfo_not_allowed"),
        (of(LAUNCHER + q("https://evil.example/")), "inner_host_not_allowed"),
        (of(LAUNCHER + q(q("/_#" + JOIN))), "teams"),
        (of("https://teams.microsoft.com/dl/launcher/launcher.html?type=meetup-join"), "not_a_meeting_link"),
        (of("https://teams.microsoft.com/_#/l/chat/0/0"), "not_a_meeting_link"),
        (of("msteams:https://evil.example/"), "unknown_teams_path"),
        (of("msteams://user@teams.microsoft.com" + JOIN), "userinfo_not_allowed"),
        # Forwarders of others
        (of("https://urldefense.proofpoint.com/v2/url?u=" + q(LONG)), "unknown_redirector"),
        (of("https://urldefense.us/v3/__" + LONG), "unknown_redirector"),
        (of("https://protect-eu.mimecast.com/s/x"), "unknown_redirector"),
        (of("https://aka.ms/JoinTeamsMeeting"), "unknown_redirector"),
        (of("https://bit.ly.evil.example/x"), "host_not_allowed"),
        (of(VISIT + q("https://l.messenger.com/l.php?u=" + q(LONG))), "inner_host_not_allowed"),
        # Hosts that only look right
        (of("https://teams.microsoft.com." + JOIN), "host_not_allowed"),
        (of("https://ｔeams.microsoft.com" + JOIN), "host_not_allowed"),
        (of("https://teams。microsoft。com" + JOIN), "host_not_allowed"),
        (of("https://xn--tams-hpa.microsoft.com" + JOIN), "host_not_allowed"),
        (of("https://nam06.safelin\u212as.protection.outlook.com/?url=" + q(LONG)), "host_not_allowed"),
        (of("https://te" + chr(173) + "ams.microsoft.com" + JOIN), "host_not_allowed"),
        (of("https://evil.example/teams.microsoft.com" + JOIN), "host_not_allowed"),
        (of("https://evil.example;teams.microsoft.com" + JOIN), "host_not_allowed"),
        (of("https://teams.microsoft.com" + chr(92) + "@evil.example" + JOIN), "userinfo_not_allowed"),
        (of("https://evil.example" + chr(92) + ".teams.microsoft.com" + JOIN), "host_not_allowed"),
        (of("https://0x7f.1/"), "host_not_allowed"),
        (of("https://localhost/"), "host_not_allowed"),
        (of("https://teams.microsoft.com:0/"), "port_not_allowed"),
        (of("https://teams.microsoft.com:99999/"), "port_not_allowed"),
        (of("https://teams.microsoft.com:٤٤٣/"), "port_not_allowed"),
        # Control characters, wherever they hide
        (f"?meetingURL={q(LONG)}%7F", "control_character"),
        (f"?meetingURL={q(LONG)}%C2%85", "control_character"),
        (f"?meetingURL=%1F{q(LONG)}", "control_character"),
        ("?meetingURL=ht%0Atps%3A%2F%2Fteams.microsoft.com%2Fmeet%2F2345678901234", "control_character"),
        (
            "?meetingURL=https%3A%2F%2Fteams.microsoft.com%2Fmeet%2F2345678901234%250d%250aSet-Cookie",
            "control_character",
        ),
        # Own links, and what is near them
        (of(OWN + "/?v=" + TOKEN), "own"),
        (of(OWN + "?v=" + TOKEN), "own"),
        (of(OWN + "/Book?V=" + TOKEN), "own"),
        (of(OWN.replace("https", "http") + "/visit?v=" + TOKEN), "scheme_not_https"),
        (of("https://clinic.example.org@evil.example/visit?v=" + TOKEN), "userinfo_not_allowed"),
        (of("https://visits.clinic.example.org/visit?v=" + TOKEN), "host_not_allowed"),
        (of(OWN + "/visit/../manage?v=" + TOKEN), "unknown_own_path"),
        (of(OWN + "/%76isit?v=" + TOKEN), "unknown_own_path"),
        ("?v=" + "A" * 21, "bad_token"),
        ("?v=" + "A" * 22, "own"),
        ("?v=" + "A" * 513, "bad_token"),
        (f"?v={TOKEN}%3D%3D", "bad_token"),
        (f"?v=%20{TOKEN}", "bad_token"),
        # Rooms
        (f"?{ROOM.replace('99', '%2099')}&{USER}", "rooms"),
        (f"?roomId=99445276259151407a&{USER}", "bad_room_id"),
        (f"?roomId=٩٩٤٤٥٢٧٦٢٥٩١٥١٤٠٧&{USER}", "bad_room_id"),
        (f"?{ROOM}&userId=acs:x", "bad_user_id"),
        (f"?{ROOM}&{USER.replace('8:acs', '8:gcch-acs')}", "rooms"),
        (f"?{ROOM}&{USER}'--", "bad_user_id"),
    ],
)
def test_an_odd_link_opens_what_it_should_or_says_why_not(query: str, expected: str) -> None:
    link = parse(query, OWN)
    assert (link.reason or link.result) == expected


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        (
            f"Join the meeting now<{LONG}>\nMeeting ID: 234 567 890 1234\nPasscode: AbCd\nLearn more<https://aka.ms/x>",
            "teams",
        ),
        (f"Your appointment: {OWN}/visit?v={TOKEN}.", "own"),
        (f"{OWN}/visit?v={TOKEN} (valid until Friday)", "own"),
        (f"({OWN}/visit?v={TOKEN})", "own"),
        (f"{OWN}/vis\r\nit?v={TOKEN[:8]}\n{TOKEN[8:]}", "own"),
        (f"> {OWN}/visit?v={TOKEN}\n> See you soon", "own"),
        (f"?v={TOKEN}", "own"),
        (f" ?meetingURL={q(LONG)} ", "teams"),
        ("Find us at https://evil.example or call 12345", "host_not_allowed"),
        (f"evil.example/?u={LONG}", "not_absolute"),
        (f"javascript:alert(1)//{LONG}", "scheme_not_https"),
        ("see you at nine", "not_a_url"),
        ("", "not_a_url"),
        ("\u200b \n", "not_a_url"),
    ],
)
def test_a_link_is_found_in_what_people_copy(pasted: str, expected: str) -> None:
    link = parse_pasted(pasted, OWN)
    assert (link.reason or link.result) == expected
    if expected == "own":
        assert link.locator == {"kind": "own_visit", "token": TOKEN}
