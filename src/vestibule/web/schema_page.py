"""The JSON Schema of experiences, for editors and programs; it names no business."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vestibule.experience import schema

HOUR = 3600


@require_safe
def experience(_request: HttpRequest) -> HttpResponse:
    """Give the schema. Any site's editor may read it."""
    answer = HttpResponse(schema.written(), content_type="application/schema+json; charset=utf-8")
    answer["Cache-Control"] = f"public, max-age={HOUR}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
