"""Links as they come out of mails, chats, phones and bad intentions: each opens what it should, or says why not."""

import pytest

from tests.meetings.join_links import JOIN, LONG, OWN, ROOM, SAFE, SHORT, TOKEN, USER, VISIT, of, q
from vestibule.meetings.visit_links import names_a_meeting, parse, parse_pasted


def read(query: str) -> str:
    link = parse(query, OWN)
    return link.reason or link.result


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Letter case, order, repetition
        (f"?MeEtInGuRl={q(LONG)}", "teams"),
        ("?MEETINGID=2345678901234&PASSCODE=AbCd12", "teams"),
        (f"?ROOMID=99445276259151407&USERID={USER[7:]}", "rooms"),
        (f"?utm_source=a&v={TOKEN}&utm_medium=b", "own"),
        (f"?meetingURL=&meetingURL={q(LONG)}", "teams"),
        (f"?meetingURL=%20&{ROOM}&{USER}", "rooms"),
        (f"?V={TOKEN}&v=x", "own"),
        # Teams, as it writes its own links
        (of(LONG + "&anon=true&deeplinkId=1"), "teams"),
        (f"?meetingURL=HTTPS://TEAMS.MICROSOFT.COM{JOIN}", "teams"),
        (of("https://teams.cloud.microsoft" + JOIN), "teams"),
        (of("https://teams.microsoft.com/_#" + JOIN), "teams"),
        (of("https://teams.microsoft.com/v2/#" + JOIN), "teams"),
        (of("https://gov.teams.microsoft.us/meet/2345678901234?p=AbCd"), "teams"),
        (of("https://dod.teams.microsoft.us" + JOIN), "teams"),
        (of("https://teams.microsoft.com/MEET/2345678901234"), "teams"),
        (of(LONG.replace("meetup-join", "Meetup-Join")), "teams"),
        (of(f"https://teams.microsoft.com/dl/launcher/launcher.html?url={q('/_#' + JOIN)}&directDl=true"), "teams"),
        (of("msteams:" + JOIN), "teams"),
        (of("MSTEAMS://teams.microsoft.com" + JOIN), "teams"),
        (f"?teamsLink={q(SHORT)}", "teams"),
        ("?meetingId=234-567-890-1234", "teams"),
        # Encoded more than once
        (of(q(LONG)), "teams"),
        (of(q(q(LONG))), "teams"),
        (of(q(q(q(LONG)))), "not_a_url"),
        (f"?meetingURL=%09{q(LONG)}%0A", "teams"),
        # Wrappers
        (of(SAFE + q(LONG) + "&data=05%7C&sdata=x&reserved=0"), "teams"),
        (of("https://gcc02.safelinks.protection.outlook.com/?url=" + q(SHORT)), "teams"),
        (of("https://usg02.safelinks.protection.office365.us/?url=" + q(LONG)), "teams"),
        (of(SAFE + q(VISIT + q(LONG))), "teams"),
        (of(VISIT + q(LONG)), "teams"),
        (of(VISIT.replace("JoinWebUrl", "joinweburl") + q(SHORT)), "teams"),
        (of(VISIT), "not_a_meeting_link"),
        (of(VISIT + q("https://evil.example/")), "inner_host_not_allowed"),
        (of(VISIT + q(VISIT + q(LONG))), "wrapper_nesting"),
        (of(SAFE + q("https://bit.ly/x")), "inner_host_not_allowed"),
        (of("https://safelinks.protection.outlook.com/?url=" + q(LONG)), "host_not_allowed"),
        (of("https://urldefense.com/v3/__" + LONG), "unknown_redirector"),
        (of("https://lm.facebook.com/l.php?u=" + q(LONG)), "unknown_redirector"),
        (of("https://www.google.com/url?q=" + q(LONG)), "unknown_redirector"),
        # Own links, inside others
        (of(f"{OWN}/VISIT?v={TOKEN}"), "own"),
        (of(f"{OWN}/visit?{ROOM}&{USER}"), "rooms"),
        (of(f"{OWN}/visit?meetingURL={q(LONG)}"), "teams"),
        (of(SAFE + q(f"{OWN}/visit?v={TOKEN}")), "own"),
        (of(f"{OWN}:8443/visit?v={TOKEN}"), "port_not_allowed"),
        (of(f"{OWN}.evil.example/visit?v={TOKEN}"), "host_not_allowed"),
        (of(f"{OWN}/book/clinic?v={TOKEN}"), "unknown_own_path"),
        (of(f"{OWN}/visit"), "no_locator"),
        ("?v=short", "bad_token"),
        (f"?v={TOKEN}%2E%2E%2Fmanage", "bad_token"),
        (f"?v={TOKEN}%00", "bad_token"),
        # Things of Teams that are no meeting
        (of("https://teams.microsoft.com/"), "not_a_meeting_link"),
        (of("https://teams.microsoft.com/l/chat/0/0?users=a@example.org"), "not_a_meeting_link"),
        (of("https://teams.microsoft.com/l/team/19%3Aabc/conversations"), "not_a_meeting_link"),
        (of("https://teams.microsoft.com/l/meetup"), "unknown_teams_path"),
        (of("https://teams.microsoft.com/convene/townhalls?eventId=1"), "live_event_unsupported"),
        (of("https://events.teams.microsoft.com/event/1"), "live_event_unsupported"),
        (of("https://teams.live.com/meet/9345678901234?p=x"), "teams_consumer_unsupported"),
        ("?groupId=00000000-0000-4000-8000-000000000001&displayName=x", "group_call_unsupported"),
        # Cut off, damaged
        (of(LONG.partition("?")[0]), "missing_context"),
        (of(LONG[:-20]), "context_not_json"),
        (of("https://teams.microsoft.com/l/meetup-join/"), "missing_thread"),
        (of("https://teams.microsoft.com/meet/abc"), "missing_meeting_id"),
        ("?meetingId=abc&passcode=x", "missing_meeting_id"),
        (f"?{ROOM}&userId=8:orgid:00000000-0000-4000-8000-000000000002", "bad_user_id"),
        (f"?roomId=12%2034&{USER}", "bad_room_id"),
        ("?meetingURL=teams.microsoft.com%2Fmeet%2F2345678901234", "not_absolute"),
        ("?meetingURL=see%20you%20at%20nine", "not_a_url"),
        ("?meetingURL=https%3A%2F%2F", "not_a_url"),
        (of("https://teams.microsoft.com/meet/234" + chr(8203) + "5678901234"), "missing_meeting_id"),
        (of("https://teams.micro" + chr(8203) + "soft.com/meet/2345678901234"), "host_not_allowed"),
        # Meant badly
        ("?meetingURL=javascript:alert(1)", "scheme_not_https"),
        ("?meetingURL=JaVaScRiPt%3A%2F%2Fteams.microsoft.com%2F%250aalert(1)", "control_character"),
        ("?meetingURL=vbscript:x", "scheme_not_https"),
        ("?meetingURL=file%3A%2F%2F%2Fetc%2Fpasswd", "scheme_not_https"),
        (of("blob:" + LONG), "scheme_not_https"),
        (of("ftp://teams.microsoft.com/meet/2345678901234"), "scheme_not_https"),
        (of("https:///teams.microsoft.com/meet/2345678901234"), "not_a_url"),
        (of("https:" + chr(92) * 2 + "teams.microsoft.com/meet/2345678901234"), "not_a_url"),
        (of(chr(92) * 2 + "evil.example"), "not_absolute"),
        (of("https://evil.example/?u=" + LONG), "host_not_allowed"),
        (of("https://evil.example#@teams.microsoft.com/meet/2345678901234"), "host_not_allowed"),
        (of("https://user:word@teams.microsoft.com/meet/2345678901234"), "userinfo_not_allowed"),
        (of("https://@teams.microsoft.com/meet/2345678901234"), "userinfo_not_allowed"),
        (of("https://teams.microsoft.com%2eevil.example/meet/2345678901234"), "host_not_allowed"),
        (of("https://xn--teams-microsft-xyz.com/meet/2345678901234"), "host_not_allowed"),
        (of("https://teams.microsoft.com:443@evil.example/"), "userinfo_not_allowed"),
        (of("https://teams.microsoft.com:80/meet/2345678901234"), "port_not_allowed"),
        (of("https://[::1]/meet/2345678901234"), "host_not_allowed"),
        (of("https://169.254.169.254/latest/meta-data"), "host_not_allowed"),
        (of(SHORT + chr(13) + chr(10) + "Location: x"), "control_character"),
        (of("https://teams.microsoft.com/meet/" + "1" * 5000), "too_long"),
        (f"?meetingURL={q('https://evil.example')}&v=&{ROOM}&{USER}", "host_not_allowed"),
        # Nothing
        ("", "no_locator"),
        ("?", "no_locator"),
        ("?utm_source=newsletter&fbclid=x", "no_locator"),
        ("?v=&meetingURL=&roomId=", "no_locator"),
    ],
)
def test_a_link_as_people_send_it_opens_what_it_should_or_says_why_not(query: str, expected: str) -> None:
    assert read(query) == expected


@pytest.mark.parametrize(
    "pasted",
    ["<{}>", "\u200b{}\ufeff", ' "{}" ', "{}\r\n", "«{}»"],
)
def test_what_mails_put_around_a_link_is_left_out_when_it_is_pasted(pasted: str) -> None:
    assert parse_pasted(pasted.format(f"{OWN}/visit?v={TOKEN}"), OWN).locator == {"kind": "own_visit", "token": TOKEN}


@pytest.mark.parametrize(
    ("query", "says"),
    [("?V=x", True), ("?meetingurl=x", True), ("?utm_source=x", False), ("?v=", False), ("", False)],
)
def test_only_what_speaks_of_a_meeting_is_read_as_a_link(query: str, says: bool) -> None:
    assert names_a_meeting(query) is says
