"""The texts that a live page fetches when somebody joins, in the language of its address."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import translation

from vestibule.web import call_words

YEAR = 365 * 24 * 3600


def words(request: HttpRequest, language: str) -> HttpResponse:
    """Answer with the texts that differ from English. The address changes with them, so they may be kept."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        answer = JsonResponse(call_words.rest(), json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})
    answer["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    answer["Content-Language"] = language
    return answer
