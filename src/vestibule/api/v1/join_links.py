"""What a join link opens: read as the pages read it, for programs that are handed links by others."""

from typing import Annotated, Any, Literal

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from vestibule.api.v1.callers import answer
from vestibule.api.v1.schemas import Address, Given
from vestibule.meetings import visit_links
from vestibule.people import rates

router = Router(tags=["Public"])
READS_PER_MINUTE = 120


class JoinLinkIn(Given):
    """A whole link, or its end from the question mark on."""

    link: Address


class JoinLinkOut(Schema):
    """What it opens, with what is needed to open it; or the reason why it opens nothing."""

    result: Literal["own", "teams", "rooms", "invalid"]
    locator: Annotated[dict[str, Any] | None, Field(description="`kind` and its members")]
    reason: Annotated[str | None, Field(description="A stable word, if invalid")]


@router.post("/join-links/read", response=JoinLinkOut, summary="What a join link opens")
def read(request: HttpRequest, given: JoinLinkIn) -> HttpResponse:
    """Nothing is opened, looked up or kept, so that repeating it is no different."""
    rates.limit_others("join_links.read", rates.client_key(request), READS_PER_MINUTE, 60)
    origin = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    return answer(200, orjson.dumps(visit_links.parse_pasted(given.link, origin).as_json()))
