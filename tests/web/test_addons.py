"""What the operator added, as pages get it: its files and no others, and Microsoft's hosts in that visit alone."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.addon import ENTRY, SCRIPT, put_kit
from tests.meetings.in_teams import hold_in_teams, take_up_teams
from tests.meetings.scene import Visit, make_appointment, make_visit
from tests.web.live.talk import staff_cookie, visit_cookie
from vestibule.people.models import BusinessWays
from vestibule.people.ways import Join
from vestibule.web import bridge
from vestibule.web.addons import MICROSOFT

pytestmark = pytest.mark.django_db
AT = "/static-addons/acs-calling"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def visit() -> Visit:
    """One that is held in Teams and joined on our page where that is possible."""
    visit = make_visit()
    make_appointment(visit)
    hold_in_teams(visit.meeting)
    take_up_teams(visit.meeting)
    BusinessWays.objects.update(join=Join.ACS_CALLING)
    return visit


def policy(path: str, cookie: str) -> dict[str, set[str]]:
    name, _sign, value = cookie.partition("=")
    client = Client()
    client.cookies[name] = value
    answer = client.get(path)
    assert answer.status_code == 200
    rules = (rule.split() for rule in answer["Content-Security-Policy"].split(";"))
    return {name: set(sources) for name, *sources in rules}


def reaches_microsoft(path: str, cookie: str) -> bool:
    return any(host in source for host in MICROSOFT for rule in policy(path, cookie).values() for source in rule)


def test_its_script_is_served_once_and_for_all_compressed_to_who_takes_that(data: Path, client: Client) -> None:
    put_kit(data)
    plain = client.get(f"{AT}/{ENTRY}")
    assert plain.getvalue() == SCRIPT
    assert plain["Content-Type"] == "text/javascript; charset=utf-8"
    assert plain["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain["Vary"] == "Accept-Encoding"
    assert plain["X-Content-Type-Options"] == "nosniff"
    packed = client.get(f"{AT}/{ENTRY}", headers={"accept-encoding": "gzip, br"})
    assert (packed["Content-Encoding"], packed.getvalue()) == ("gzip", b"packed")
    refused = client.get(f"{AT}/{ENTRY}", headers={"accept-encoding": "gzip;q=0"})
    assert refused.getvalue() == SCRIPT


def test_what_would_keep_a_thread_is_not_sent_to_who_refuses_to_have_it_compressed(
    data: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_kit(data)
    monkeypatch.setattr(bridge, "WHOLE_BYTES", len(SCRIPT) - 1)
    assert client.get(f"{AT}/{ENTRY}").status_code == 406
    assert client.get(f"{AT}/{ENTRY}", headers={"accept-encoding": "gzip"}).getvalue() == b"packed"


def test_microsofts_terms_can_be_read_and_are_not_kept_for_ever(data: Path, client: Client) -> None:
    put_kit(data)
    terms = client.get(f"{AT}/licence.txt")
    assert (terms.getvalue(), terms["Cache-Control"]) == (b"Terms.", "public, max-age=300")


@pytest.mark.parametrize(
    "name", ["manifest.json", f"{ENTRY}.gz", "other.js", "..%2F..%2Fsecret.key", "%2e%2e/secret.key"]
)
def test_nothing_but_what_its_manifest_names_is_served(data: Path, client: Client, name: str) -> None:
    put_kit(data)
    (data / "secret.key").write_text("secret")
    (data / "addons" / "acs-calling" / "other.js").write_text("stranger")
    assert client.get(f"{AT}/{name}").status_code == 404


def test_without_the_add_on_there_is_nothing(client: Client) -> None:
    assert client.get(f"{AT}/{ENTRY}").status_code == 404


def test_only_a_visit_that_is_joined_by_the_kit_may_speak_to_microsoft(data: Path, visit: Visit) -> None:
    put_kit(data)
    given = policy("/visit", visit_cookie(visit.consumer.ref))
    hosts = {f"{scheme}://{host}" for scheme in ("https", "wss") for host in MICROSOFT}
    assert given["connect-src"] == {"'self'", *hosts}
    assert given["worker-src"] == {"'self'", "blob:"}
    assert given["script-src"] == {"'self'"}
    other = make_visit(name="Cy")
    make_appointment(other)
    assert not reaches_microsoft("/visit", visit_cookie(other.consumer.ref))
    assert not reaches_microsoft("/test-call", visit_cookie(visit.consumer.ref))


@pytest.mark.parametrize(("installed", "join"), [(False, Join.ACS_CALLING), (True, Join.TEAMS_WEB), (True, Join.OWN)])
def test_where_the_kit_is_not_used_nobody_speaks_to_microsoft(
    data: Path, visit: Visit, installed: bool, join: Join
) -> None:
    if installed:
        put_kit(data)
    BusinessWays.objects.update(join=join)
    assert not reaches_microsoft("/visit", visit_cookie(visit.consumer.ref))


def test_staff_who_join_such_a_visit_here_may_too(data: Path, visit: Visit) -> None:
    put_kit(data)
    member = visit.provider.provider.membership if visit.provider.provider else None
    assert member is not None
    assert reaches_microsoft(f"/desk/visit/{visit.meeting.ref}", staff_cookie(member.user))
