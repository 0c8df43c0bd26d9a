"""Links to meetings as the tests write them, and every reason for which one opens nothing."""

from urllib.parse import quote

OWN = "https://clinic.example.org"
TOKEN = "Qm9va2luZy1jYXBhYmlsaXR5LXRva2Vu"
TENANT, ORGANISER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
CONTEXT = f'{{"Tid":"{TENANT}","Oid":"{ORGANISER}"}}'
THREAD = "19:meeting_Zm9vYmFyYmF6cXV4MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw@thread.v2"
JOIN = f"/l/meetup-join/{quote(THREAD, safe='')}/0?context={quote(CONTEXT, safe='')}"
LONG = f"https://teams.microsoft.com{JOIN}"
SHORT = "https://teams.microsoft.com/meet/2345678901234?p=AbCd1234"
ROOM = "roomId=99445276259151407"
USER = "userId=8:acs:00000000-0000-4000-8000-00000000000a_00000000-0000-4000-8000-00000000000b"
SAFE = "https://nam06.safelinks.protection.outlook.com/?url="
VISIT = "https://visit.teams.microsoft.com/webrtc-svc/api/route?tid=x&JoinWebUrl="
REASONS = frozenset(
    {
        *("no_locator", "not_a_url", "not_absolute", "scheme_not_https", "userinfo_not_allowed", "port_not_allowed"),
        *("host_not_allowed", "inner_host_not_allowed", "unknown_redirector", "wrapper_nesting", "control_character"),
        *("too_long", "not_a_meeting_link", "unknown_teams_path", "missing_thread", "bad_thread_id"),
        *("missing_context", "context_not_json", "missing_organizer", "missing_meeting_id"),
        *("teams_consumer_unsupported", "live_event_unsupported", "group_call_unsupported", "missing_room"),
        *("missing_user", "bad_room_id", "bad_user_id", "bad_token", "unknown_own_path"),
    }
)


def q(text: str) -> str:
    """A text as a value of a query."""
    return quote(text, safe="")


def of(address: str) -> str:
    """The query that names a meeting by its address."""
    return f"?meetingURL={q(address)}"
