"""Identities and their tokens, asked for by the official SDKs and refused to everybody else."""

import asyncio
import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate

import httpx
import jwt
import pytest
from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope
from azure.communication.identity.aio import CommunicationIdentityClient as AsyncIdentityClient
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError

from tests.api.acs.sdk import VERSIONS, Emulator, running_emulator, signature
from tests.integrations.acs_contract import answer_faults, example

pytestmark = pytest.mark.slow

ALL: list[str | CommunicationTokenScope] = [CommunicationTokenScope.CHAT, CommunicationTokenScope.VOIP]
VERSION = f"api-version={VERSIONS['identities']}"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running_emulator(tmp_path_factory.mktemp("identity")) as running:
        yield running


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> CommunicationIdentityClient:
    return CommunicationIdentityClient.from_connection_string(emulator.resource.connection_string)


def code_of(answer: httpx.Response) -> str:
    told: str = answer.json()["error"]["code"]
    assert answer.headers["x-ms-error-code"] == told
    return told


@pytest.mark.shows("IdentityOperations_Create", by="python")
@pytest.mark.shows("IdentityOperations_IssueAccessToken", by="python")
@pytest.mark.shows("IdentityOperations_RevokeAccessTokens", by="python")
@pytest.mark.shows("IdentityOperations_Delete", by="python")
def test_an_identity_is_made_given_tokens_revoked_and_deleted(
    emulator: Emulator, client: CommunicationIdentityClient
) -> None:
    person = client.create_user()
    assert person.raw_id.startswith("8:acs:")
    assert person.raw_id.count("_") == 1
    token = client.get_token(person, ALL)
    assert datetime.fromisoformat(str(token.expires_on)) > datetime.now(UTC) + timedelta(hours=23)
    assert chats(emulator, token.token) == 200
    client.revoke_tokens(person)
    assert chats(emulator, token.token) == 401
    fresh = client.get_token(person, ALL)
    assert chats(emulator, fresh.token) == 200
    client.delete_user(person)
    assert chats(emulator, fresh.token) == 401
    with pytest.raises(ResourceNotFoundError):
        client.get_token(person, ALL)


def test_what_a_client_asks_twice_in_one_second_is_done_twice_though_both_are_signed_alike(
    client: CommunicationIdentityClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = formatdate(usegmt=True)
    monkeypatch.setattr("azure.communication.identity._shared.policy.get_current_utc_time", lambda: now)
    sent: list[str] = []
    made = [
        client.create_user(raw_request_hook=lambda request: sent.append(request.http_request.headers["Authorization"]))
        for _time in range(2)
    ]
    assert len(set(sent)) == 1
    assert len({one.raw_id for one in made}) == 2


@pytest.mark.shows("IdentityOperations_Create", by="python-aio")
@pytest.mark.shows("IdentityOperations_IssueAccessToken", by="python-aio")
def test_the_asynchronous_sdk_does_the_same(emulator: Emulator) -> None:
    async def walk() -> tuple[str, str]:
        async with AsyncIdentityClient.from_connection_string(emulator.resource.connection_string) as client:
            person, token = await client.create_user_and_token(ALL, token_expires_in=timedelta(hours=2))
            again = await client.get_token(person, ALL)
            await client.delete_user(person)
            return token.token, again.token

    first, second = asyncio.run(walk())
    lives = jwt.decode(first, options={"verify_signature": False})
    assert lives["exp"] - lives["iat"] == 7200
    assert chats(emulator, second) == 401


def test_what_python_reads_of_a_token_is_in_an_alphabet_it_can_read(
    emulator: Emulator, client: CommunicationIdentityClient
) -> None:
    for _number in range(20):
        _person, token = client.create_user_and_token(ALL)
        payload = token.token.split(".")[1]
        assert not set("-_") & set(payload)
        base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True)


def test_answers_are_as_described(emulator: Emulator) -> None:
    given = {"createTokenWithScopes": ["chat"], "expiresInMinutes": 60}
    made = emulator.resource.ask("POST", f"/identities?{VERSION}", given)
    assert made.status_code == 201
    assert answer_faults("identities", "CommunicationIdentityAccessTokenResult", made.json()) == []
    assert set(made.json()) == set(example("identity/IdentityOperations_Create.json", 201))
    person = made.json()["identity"]["id"]
    token = emulator.resource.ask("POST", f"/identities/{person}/:issueAccessToken?{VERSION}", {"scopes": ["voip"]})
    assert answer_faults("identities", "CommunicationIdentityAccessToken", token.json()) == []
    encoded = person.replace(":", "%3A")
    assert emulator.resource.ask("DELETE", f"/identities/{encoded}?{VERSION}").status_code == 204


@pytest.mark.parametrize("minutes", [59, 1441, 0, -1, "soon"])
def test_a_lifetime_outside_the_bounds_is_refused(emulator: Emulator, minutes: object) -> None:
    given = {"createTokenWithScopes": ["chat"], "expiresInMinutes": minutes}
    assert emulator.resource.ask("POST", f"/identities?{VERSION}", given).status_code == 400


@pytest.mark.parametrize("scopes", [["root"], "chat", [1], {"chat": True}])
def test_an_unknown_scope_is_refused(emulator: Emulator, scopes: object) -> None:
    answer = emulator.resource.ask("POST", f"/identities?{VERSION}", {"createTokenWithScopes": scopes})
    assert answer.status_code == 400
    assert code_of(answer) == "BadRequest"


def test_an_identity_of_another_resource_is_not_there(emulator: Emulator) -> None:
    made = emulator.stranger.ask("POST", f"/identities?{VERSION}", {})
    person = made.json()["identity"]["id"]
    for ask in (":issueAccessToken", ":revokeAccessTokens"):
        answer = emulator.resource.ask("POST", f"/identities/{person}/{ask}?{VERSION}", {"scopes": ["chat"]})
        assert answer.status_code == 404
    assert emulator.resource.ask("DELETE", f"/identities/{person}?{VERSION}").status_code == 404


@pytest.mark.parametrize(
    ("version", "code"),
    [("", "ApiVersionUnspecified"), ("api-version=1999-01-01", "InvalidApiVersion")],
)
def test_a_version_has_to_be_named_and_known(emulator: Emulator, version: str, code: str) -> None:
    answer = emulator.resource.ask("POST", f"/identities?{version}".rstrip("?"), {})
    assert (answer.status_code, code_of(answer)) == (400, code)


def test_who_signs_wrongly_is_refused(emulator: Emulator) -> None:
    one, path = emulator.resource, f"/identities?{VERSION}"
    old = formatdate(time.time() - 16 * 60, usegmt=True)
    good = signature(one.endpoint, one.key, "POST", path, b"{}")
    signed = good["Authorization"].partition("Signature=")[0] + "Signature="
    wrong = {
        "a foreign key": signature(one.endpoint, b"x" * 64, "POST", path, b"{}"),
        "another body": signature(one.endpoint, one.key, "POST", path, b'{"a": 1}'),
        "another address": signature(one.endpoint, one.key, "POST", f"{path}&more=1", b"{}"),
        "another method": signature(one.endpoint, one.key, "PUT", path, b"{}"),
        "another host": signature("https://elsewhere.example", one.key, "POST", path, b"{}"),
        "an old date": signature(one.endpoint, one.key, "POST", path, b"{}", date=old),
        "a later date": good | {"x-ms-date": formatdate(time.time() + 60, usegmt=True)},
        "no base64": good | {"Authorization": f"{signed}{'A' * 41}==="},
        "no host signed": good | {"Authorization": good["Authorization"].replace("host;", "")},
        "nothing": {},
    }
    for what, headers in wrong.items():
        answer = one.send("POST", path, b"{}", headers)
        assert (answer.status_code, code_of(answer)) == (401, "Denied"), what


def test_no_key_is_tried_on_addresses_without_end(emulator: Emulator) -> None:
    one, path = emulator.resource, f"/identities?{VERSION}&x={'x' * 20_000}"
    answer = one.send("POST", path, b"{}", signature(one.endpoint, one.key, "POST", path, b"{}"))
    assert (answer.status_code, code_of(answer)) == (401, "Denied")


def test_a_body_that_is_not_json_is_said_to_be_none(emulator: Emulator) -> None:
    one, path = emulator.resource, f"/identities?{VERSION}"
    deep = b'{"a": ' + b"[" * 900 + b'"\\u0000"' + b"]" * 900 + b"}"
    for body in (b"{", b"[]", b'"\\u0000"', b'{"a": "\\u0000"}', deep, b"\xff"):
        answer = one.send("POST", path, body, signature(one.endpoint, one.key, "POST", path, body))
        assert (answer.status_code, code_of(answer)) == (400, "BadRequest")


def test_tokens_that_open_nothing_are_refused(emulator: Emulator, client: CommunicationIdentityClient) -> None:
    _person, token = client.create_user_and_token(ALL)
    head, payload, mac = token.token.split(".")
    stranger = emulator.stranger.ask("POST", f"/identities?{VERSION}", {"createTokenWithScopes": ["chat"]})
    theirs = stranger.json()["accessToken"]["token"].split(".")
    none = jwt.encode(jwt.decode(token.token, options={"verify_signature": False}), "", algorithm="none")
    for wrong in (f"{head}.{payload}.", f"{head}.{theirs[1]}.{mac}", none, "x", "a.b.c"):
        assert chats(emulator, wrong) == 401


def test_tokens_of_teams_cannot_be_exchanged_and_it_says_so(emulator: Emulator) -> None:
    given = {"token": "x", "appId": "y", "userId": "z"}
    answer = emulator.resource.ask("POST", f"/teamsUser/:exchangeAccessToken?{VERSION}", given)
    assert (answer.status_code, code_of(answer)) == (400, "NotSupported")


def test_a_wrong_key_is_told_by_the_sdk_as_what_it_is(emulator: Emulator) -> None:
    string = emulator.resource.connection_string.partition("accesskey=")[0] + "accesskey=" + "QUJD" * 16
    with pytest.raises(ClientAuthenticationError) as refused:
        CommunicationIdentityClient.from_connection_string(string).create_user()
    assert refused.value.error is not None
    assert refused.value.error.code == "Denied"


def test_pages_of_other_origins_may_ask_with_a_token_and_never_with_a_cookie(emulator: Emulator) -> None:
    wanted = {"Origin": "https://app.example", "Access-Control-Request-Headers": "authorization,x-ms-useragent"}
    answer = emulator.resource.send("OPTIONS", f"/chat/threads?{VERSION}", b"", wanted)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-ms-useragent" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_nothing_of_this_is_at_the_origin_of_the_pages(emulator: Emulator) -> None:
    answer = httpx.post(f"{emulator.server.origin}/identities?{VERSION}", json={}, timeout=60)
    assert answer.status_code in (403, 404)
    assert "x-ms-request-id" not in answer.headers


def chats(emulator: Emulator, token: str) -> int:
    return emulator.resource.as_user(token, "GET", f"/chat/threads?api-version={VERSIONS['chat']}").status_code
