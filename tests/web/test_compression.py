"""Pages travel as gzip; what another site could read by its length does not."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from tests.booking.factories import make_service
from tests.web.consumer.pages import MONDAY, path_of
from vestibule.booking.models import Service
from vestibule.store import clock
from vestibule.web.compression import SMALLEST, CompressionMiddleware

pytestmark = pytest.mark.django_db

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
LONG = "<p>words and words</p>" * 200


@pytest.fixture
def service() -> Service:
    clock.set_to(MONDAY - timedelta(days=1))
    return make_service()


def passed(answer: HttpResponse | StreamingHttpResponse, path: str = "/", **headers: str) -> Any:
    """What becomes of an answer to a request with these headers."""
    request = RequestFactory(headers={**GZIP, **headers}).get(path)
    if cookie := headers.get("Cookie"):
        request.COOKIES = {cookie: "1"}

    def page(_request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        return answer

    return CompressionMiddleware(page)(request)


def is_compressed(answer: Any) -> bool:
    return bool(answer.headers.get("Content-Encoding") == "gzip")


def test_a_page_arrives_as_gzip_a_third_of_its_length_at_most_and_reads_the_same(
    client: Client, service: Service
) -> None:
    plain = client.get(path_of(service))
    small = client.get(path_of(service), headers=GZIP)
    assert is_compressed(small)
    assert not is_compressed(plain)
    assert len(gzip.decompress(small.content)) == len(plain.content)
    assert len(small.content) * 3 < len(plain.content)  # about a quarter, and a random length besides
    assert small.headers["Content-Length"] == str(len(small.content))
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize("kind", ["text/html", "text/css; charset=utf-8", "application/json", "image/svg+xml"])
def test_texts_of_pages_and_programs_are_compressed(kind: str) -> None:
    assert is_compressed(passed(HttpResponse(LONG, content_type=kind)))


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse("a" * (SMALLEST - 1)),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse(LONG, content_type="application/octet-stream"),
        HttpResponse(LONG, headers={"Cache-Control": "no-store, no-transform"}),
        HttpResponse(LONG, status=206, headers={"Content-Range": "bytes 0-4399/9000"}),
        StreamingHttpResponse([LONG], content_type="application/json"),
    ],
    ids=["short", "picture", "file", "as it is", "part", "stream"],
)
def test_what_is_short_or_no_text_or_comes_in_parts_passes_as_it_is(answer: Any) -> None:
    assert not is_compressed(passed(answer))


@pytest.mark.parametrize("wish", ["", "br", "identity", "gzip;q=0", "gzip; q=0.0, br"])
def test_nobody_gets_gzip_who_did_not_ask_for_it(wish: str) -> None:
    assert not is_compressed(passed(HttpResponse(LONG), **{"Accept-Encoding": wish}))


@pytest.mark.parametrize("began", ["cross-site", "same-site", ""])
def test_what_another_site_may_have_asked_for_in_somebodys_name_does_not_tell_by_its_length(began: str) -> None:
    for path in ("/book/lakeside?q=guess", "/appointment?v=guess", "/manage/appointments", "/Desk"):
        answer = passed(HttpResponse(LONG), path, Cookie="sessionid", **{"Sec-Fetch-Site": began})
        assert not is_compressed(answer), path


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/manage/appointments?q=x", {"Cookie": "sessionid", "Sec-Fetch-Site": "same-origin"}),
        ("/manage/appointments?q=x", {"Cookie": "sessionid", "Sec-Fetch-Site": "none"}),
        ("/book/lakeside?utm_source=map", {"Sec-Fetch-Site": "cross-site"}),
        ("/visit", {"Cookie": "visit", "Sec-Fetch-Site": "cross-site"}),
    ],
    ids=["within", "typed", "a stranger", "no words brought"],
)
def test_all_others_get_theirs_compressed(path: str, headers: dict[str, str]) -> None:
    assert is_compressed(passed(HttpResponse(LONG), path, **headers))


def test_the_same_page_has_another_length_each_time() -> None:
    lengths = {len(passed(HttpResponse(LONG)).content) for _turn in range(60)}
    assert len(lengths) > 20
