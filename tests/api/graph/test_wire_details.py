"""What real clients of Bookings send and need, beyond the description: learnt from the clients at work."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from tests.api.graph.bookings import MANAGES, READS, books, clinic, home
from tests.api.graph.program import Program, Reply
from tests.booking.factories import MONDAY
from tests.factories import make_business, manager_of
from vestibule.api.graph import doors, sign_in
from vestibule.api.plain import Call, Malformed
from vestibule.booking.models import Service
from vestibule.people import applications
from vestibule.people.models import Provider
from vestibule.people.permissions import Role
from vestibule.store import clock

WRITES = "Bookings.ReadWrite.All"
APPOINTMENTS = "BookingsAppointment.ReadWrite.All"
ALL = "/solutions/bookingBusinesses"


@pytest.fixture(autouse=True)
def _monday(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    clock.set_to(MONDAY)


@pytest.fixture
def program() -> Program:
    return books(clinic()[0], WRITES)


@pytest.fixture
def service(program: Program) -> Service:
    found: Service = Service.objects.get(business=program.business)
    return found


def sent(program: Program, method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Reply:
    """Send a request exactly as it is given; `path` has the version in it."""
    given = {"host": "localhost:8000", "authorization": f"Bearer {program.token}", **headers}
    answer = doors.answer(Call(method, path, path, query, given, body, "127.0.0.1"))
    return Reply(answer.status, {**answer.headers, "content-type": answer.kind}, answer.body)


@pytest.mark.parametrize(
    ("called", "leads"),
    [
        ("box.example.org", "https://box.example.org"),
        ("BOX.example.org:443", "http://BOX.example.org:443"),
        ("localhost:8443", "http://localhost:8443"),
        ("evil.example", "https://box.example.org"),
        ("box.example.org.evil.example", "https://box.example.org"),
        ("box.example.org@evil.example", "https://box.example.org"),
        ("evil.example/box.example.org", "https://box.example.org"),
        ("box.example.org:81\r\nX: y", "https://box.example.org"),
        ("", "https://box.example.org"),
    ],
)
def test_links_lead_back_to_the_host_that_was_called_if_it_is_ours(
    program: Program, service: Service, settings: Any, called: str, leads: str
) -> None:
    settings.PUBLIC_URL = "https://box.example.org"
    settings.ALLOWED_HOSTS = ["box.example.org", "localhost"]
    program.post(f"{home(program.business)}/services", {"displayName": "Another"})
    told = sent(program, "GET", f"/graph/v1.0{home(program.business)}/services", "$top=1", host=called).json
    assert told["@odata.nextLink"].startswith(f"{leads}/graph/v1.0/")
    assert told["@odata.context"].startswith(f"{leads}/graph/v1.0/$metadata#")
    path = "/graph/lakeside-clinic/v2.0/.well-known/openid-configuration"
    assert sent(program, "GET", path, host=called).json["token_endpoint"].startswith(f"{leads}/graph/")


def test_the_version_is_part_of_the_address(program: Program) -> None:
    assert sent(program, "GET", f"/graph{ALL}").status == 404
    assert sent(program, "GET", f"/graph/V1.0{ALL}").status == 200
    assert sent(program, "GET", f"/graph/v1.0{ALL}/").status == 200


def test_ids_come_encoded_and_in_any_case(program: Program, service: Service) -> None:
    for id in (service.ref, service.ref.upper(), f"%{ord(service.ref[0]):02X}{service.ref[1:]}"):
        reply = sent(program, "GET", f"/graph/v1.0{home(program.business)}/SERVICES/{id}")
        assert reply.json["id"] == service.ref


def test_addresses_come_in_any_case_and_in_all_ways_odata_writes_them(program: Program, service: Service) -> None:
    own = f"{program.business.slug}@localhost"
    for path in (
        f"/Solutions/BookingBusinesses/{own}/Services/{service.ref}",
        f"/solutions/bookingbusinesses('{own}')/services('{service.ref}')",
        f"/solutions/bookingBusinesses%28%27{own.replace('@', '%40')}%27%29/services/{service.ref}/",
    ):
        assert sent(program, "GET", f"/GRAPH/V1.0{path}").json["id"] == service.ref
    assert sent(program, "GET", f"/graph/v1.0/solutions/bookingBusinesses('{own}')/services/%24count").body == b"1"
    publish = f"/graph/v1.0{home(program.business)}/Microsoft.Graph.Publish"
    assert sent(books(program.business, MANAGES), "POST", publish).status == 204
    assert sent(program, "GET", f"/graph/v1.0{home(program.business)}/services('{service.ref}").status == 404
    outlook = books(program.business, "Calendars.Read")
    view = "startDateTime=2030-03-04T00:00:00Z&endDateTime=2030-03-05T00:00:00Z"
    for function in ("delta", "delta()", "Microsoft.Graph.Delta()", "microsoft.graph.delta%28%29"):
        path = f"/graph/v1.0/Users('{Provider.objects.get(business=program.business).ref}')/CalendarView/{function}"
        first = sent(outlook, "GET", path, view)
        again = sent(outlook, "GET", path, first.json["@odata.deltaLink"].partition("?")[2])
        assert (first.status, again.status) == (200, 200)


def test_staff_are_told_with_their_type_alone_in_a_list_and_expanded(program: Program) -> None:
    ada = Provider.objects.get(business=program.business)
    one = program.get(f"{home(program.business)}/staffMembers/{ada.ref}").json
    (listed,) = program.get(f"{home(program.business)}/staffMembers").value
    (along,) = program.get(home(program.business), **{"$expand": "staffMembers"}).json["staffMembers"]
    for told in (one, listed, along):
        assert told["@odata.type"] == "#microsoft.graph.bookingStaffMember"


def test_notes_on_types_anywhere_are_passed_over(program: Program, service: Service) -> None:
    body = {
        "@odata.type": "#microsoft.graph.bookingService",
        "defaultPriceType@odata.type": "#microsoft.graph.bookingPriceType",
        "schedulingPolicy": {"@odata.type": "#microsoft.graph.bookingSchedulingPolicy", "minimumLeadTime": "PT2H"},
        "defaultReminders@odata.type": "#Collection(microsoft.graph.bookingReminder)",
        "inALaterVersion": [{"x": 1}],
    }
    assert program.ask("PATCH", f"{home(program.business)}/services/{service.ref}", body).status == 204
    service.refresh_from_db()
    assert service.notice_minutes == 120


def test_choices_are_read_in_any_case_and_written_in_one(program: Program, service: Service) -> None:
    at = f"{home(program.business)}/services/{service.ref}"
    for written in ("STARTINGAT", "startingat", "StartingAt"):
        program.ask("PATCH", at, {"defaultPrice": 5, "defaultPriceType": written})
        assert program.get(at).json["defaultPriceType"] == "startingAt"
    before = program.get(at).json
    assert program.ask("PATCH", at, {"defaultPriceType": "unknownFutureValue"}).status == 204
    assert program.get(at).json["defaultPriceType"] == before["defaultPriceType"]


@pytest.mark.parametrize(
    ("written", "told"), [("PT45M", "PT45M"), ("0:45:00", "PT45M"), ("1 day, 0:00:00", "P1D"), ("PT60M", "PT1H")]
)
def test_lengths_are_read_as_clients_write_them_and_told_as_iso(
    program: Program, service: Service, written: str, told: str
) -> None:
    at = f"{home(program.business)}/services/{service.ref}"
    assert program.ask("PATCH", at, {"defaultDuration": written}).status == 204
    assert program.get(at).json["defaultDuration"] == told


@pytest.mark.parametrize(
    "name", ["notes", "additionalInformation", "languageTag", "defaultPriceType", "defaultLocation"]
)
def test_null_takes_back_what_was_written(program: Program, service: Service, name: str) -> None:
    at = f"{home(program.business)}/services/{service.ref}"
    before = program.get(at).json[name]
    wrote = {"displayName": "Room 5"} if name == "defaultLocation" else "hourly" if "Type" in name else "de-CH"
    program.ask("PATCH", at, {name: wrote, "defaultPrice": 5})
    assert program.get(at).json[name] == wrote
    program.ask("PATCH", at, {name: None, **({"defaultPrice": 0} if "Type" in name else {})})
    assert program.get(at).json[name] in (before, "fixedPrice", "free")


@pytest.mark.parametrize("written", ["09:00", "09:00:00", "09:00:00.0", "09:00:00.0000000"])
def test_times_of_day_are_read_with_none_to_seven_decimals_and_told_with_seven(program: Program, written: str) -> None:
    day = {"day": "Monday", "timeSlots": [{"startTime": written, "endTime": "17:00"}]}
    program.ask("PATCH", home(program.business), {"businessHours": [day]})
    slot = program.get(home(program.business)).json["businessHours"][0]["timeSlots"][0]
    assert slot == {"startTime": "09:00:00.0000000", "endTime": "17:00:00.0000000"}


def test_a_patch_is_a_merge_and_an_empty_one_changes_nothing(program: Program, service: Service) -> None:
    at = f"{home(program.business)}/services/{service.ref}"
    before = program.get(at).json
    assert program.ask("PATCH", at, {}).status == 204
    assert program.ask("PATCH", at).status == 204
    assert program.get(at).json == before


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("GET", ALL, b"", {"authorization": ""}, 401, "InvalidAuthenticationToken"),
        ("GET", ALL, b"", {"authorization": "Bearer x"}, 401, "InvalidAuthenticationToken"),
        ("GET", "/solutions/bookingShops", b"", {}, 404, "invalidRequest"),
        ("GET", f"{ALL}/nobody@localhost", b"", {}, 404, "ErrorItemNotFound"),
        ("PUT", ALL, b"{}", {}, 405, "invalidRequest"),
        ("POST", "{home}/services", b"{not json", {}, 400, "invalidRequest"),
        ("POST", "{home}/services", b"[1]", {}, 400, "invalidRequest"),
        ("POST", "{home}/services", b'{"displayName": "a\\u0000b"}', {}, 400, "invalidRequest"),
        ("POST", "{home}/services", b'{"displayName": "x", "defaultDuration": "soon"}', {}, 400, "invalidRequest"),
        ("POST", "{home}/unpublish", b"", {}, 403, "accessDenied"),
    ],
)
def test_every_refusal_is_an_error_in_graphs_envelope(
    program: Program, method: str, path: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    address = f"/graph/v1.0{path.format(home=home(program.business))}"
    try:
        reply = sent(program, method, address, "", body, **{"client-request-id": "mine", **headers})
    except Malformed as wrong:  # the outer door turns it into the same envelope
        failed = doors.failed(Call(method, address, address, headers={"client-request-id": "mine"}), 400, str(wrong))
        reply = Reply(failed.status, {**failed.headers, "content-type": failed.kind}, failed.body)
    error = reply.json["error"]
    assert (reply.status, error["code"]) == (status, code)
    assert error["message"]
    assert reply.headers["content-type"].startswith("application/json")
    assert error["innerError"]["request-id"] == reply.headers["request-id"]
    assert error["innerError"]["client-request-id"] == "mine"
    assert error["innerError"]["date"]


def test_who_asks_too_often_is_told_when_to_come_again(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "CALLS_PER_MINUTE", 2)
    replies = [program.get(ALL) for _ in range(8)]  # also where a minute ends among them, more than two are in one
    refused = next(one for one in replies if one.status != 200)
    assert (refused.status, refused.code) == (429, "activityLimitReached")
    assert int(refused.headers["Retry-After"]) >= 1


def test_an_application_that_asks_for_token_after_token_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "TOKENS_PER_MINUTE", 2)
    owner = manager_of(clinic()[0], role=Role.OWNER)
    tenant = applications.switch(owner, is_on=True).tenant
    bodies = []
    for name in ("Greedy", "Patient"):
        row, secret = applications.register(owner, name, [READS])
        asked = {"grant_type": "client_credentials", "client_id": row.client_id, "client_secret": secret}
        bodies.append(urlencode(asked).encode())

    def ask(body: bytes) -> Reply:
        path = f"/graph/{tenant}/oauth2/v2.0/token"
        answer = doors.answer(Call("POST", path, path, "", {}, body, "127.0.0.1"))
        return Reply(answer.status, dict(answer.headers), answer.body)

    assert [ask(bodies[0]).status for _time in range(3)] == [200, 200, 429]
    refused = ask(bodies[0])
    assert refused.json["error"] == "temporarily_unavailable"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert ask(bodies[1]).status == 200, "another application is not held up"
    # Who has not its secret counts nothing against it.
    stranger = bodies[1].replace(b"client_secret=", b"client_secret=x")
    assert [ask(stranger).status for _time in range(3)] == [401] * 3
    assert ask(bodies[1]).status == 200
    clock.advance(60)
    assert ask(bodies[0]).status == 200


def test_answers_are_json_that_clients_take_and_parameters_come_unencoded(program: Program) -> None:
    reply = sent(program, "GET", f"/graph/v1.0{ALL}", "$select=id,displayName&$count=true")
    assert reply.headers["content-type"].startswith("application/json;odata.metadata=minimal")
    assert reply.json["@odata.count"] == 1
    for asked in ("$filter=phone eq 'x'", "$orderby=phone", "$search=x", "$top=-1", "$skip=many"):
        refused = sent(program, "GET", f"/graph/v1.0{ALL}", asked)
        assert (refused.status, orjson.loads(refused.body)["error"]["target"]) == (400, asked.partition("=")[0])


READING = ("", "/services", "/staffMembers", "/customQuestions", "/services/$count")
WRITING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PATCH", "", {}),
    ("POST", "/services", {"displayName": "New"}),
    ("POST", "/customQuestions", {"displayName": "New?"}),
    ("POST", "/staffMembers", {"displayName": "New", "emailAddress": "n@example.org", "role": "guest"}),
)


@pytest.mark.parametrize("permission", [READS, APPOINTMENTS, WRITES, MANAGES])
def test_each_permission_reads_all_that_is_set_up(permission: str) -> None:
    program = books(clinic()[0], permission)
    for path in READING:
        assert program.get(f"{home(program.business)}{path}").status == 200
    assert program.get("/solutions/bookingCurrencies").status == 200


@pytest.mark.parametrize(
    ("permission", "may"), [(READS, False), (APPOINTMENTS, False), (WRITES, True), (MANAGES, True)]
)
def test_writing_takes_the_right_to_write(permission: str, may: bool) -> None:
    program = books(clinic()[0], permission)
    for method, path, body in WRITING:
        assert (program.ask(method, f"{home(program.business)}{path}", body).status < 300) is may


@pytest.mark.parametrize(
    ("permission", "may"), [(READS, False), (APPOINTMENTS, False), (WRITES, False), (MANAGES, True)]
)
def test_publishing_takes_the_right_to_manage(permission: str, may: bool) -> None:
    program = books(clinic()[0], permission)
    for action in ("unpublish", "publish"):
        assert (program.ask("POST", f"{home(program.business)}/{action}").status == 204) is may


def test_an_application_for_calendars_alone_sees_nothing_of_bookings() -> None:
    program = books(clinic()[0], "Calendars.ReadWrite")
    for path in (ALL, home(program.business), f"{home(program.business)}/services"):
        assert program.get(path).code == "accessDenied"


def test_nothing_of_another_business_is_reached_by_any_of_its_ids(program: Program) -> None:
    other, ada, theirs = clinic(name="Harbour Bank")
    make_business(name="Third")
    for path in (f"/services/{theirs.ref}", f"/staffMembers/{ada.ref}", "/customQuestions", "/publish", "/unpublish"):
        for method in ("GET", "POST", "PATCH", "DELETE"):
            assert program.ask(method, f"{home(other)}{path}", {}).status in (403, 404, 405)
            if path.count("/") > 1:
                assert program.ask(method, f"{home(program.business)}{path}", {}).status in (404, 405)
