"""A join link is read by the API as by the pages; nothing is opened or kept."""

import pytest

from tests.api.conftest import Caller

SHORT = "https://teams.microsoft.com/meet/2345678901234?p=AbCd1234"
TOKEN = "Qm9va2luZy1jYXBhYmlsaXR5LXRva2Vu"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("link", "result", "reason"),
    [
        (SHORT, "teams", None),
        (f"?meetingURL={SHORT}", "teams", None),
        (f"?V={TOKEN}", "own", None),
        ("?utm_source=x", "invalid", "no_locator"),
        ("javascript:alert(1)", "invalid", "scheme_not_https"),
        ("https://teams.microsoft.com/meet/1%0a2", "invalid", "control_character"),
    ],
)
def test_a_link_is_read(public: Caller, link: str, result: str, reason: str | None) -> None:
    answer = public.send("POST", "/join-links/read", {"link": link})
    told = answer.json()
    assert (answer.status_code, told["result"], told["reason"]) == (200, result, reason)
    assert (told["locator"] is None) == (result == "invalid")


@pytest.mark.parametrize(
    "body", [{}, {"link": ""}, {"link": 5}, {"link": "x", "more": 1}, {"link": "x" * 20_000}, {"link": "\x00"}]
)
def test_what_is_no_link_at_all_is_refused(public: Caller, body: dict[str, object]) -> None:
    assert public.send("POST", "/join-links/read", body).status_code == 422
