"""Pages for what went wrong before or inside a view."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vestibule.people.errors import Busy
from vestibule.store.busy import is_busy
from vestibule.web.languages import business_at
from vestibule.web.middleware import shown


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request could not be read."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this is not for whoever asks."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that nothing is here, and where to go on."""
    return render(request, "errors/404.html", {"business": business_at(request.path_info)}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours and nothing was changed; or that there was no turn to write, outside a view."""
    if is_busy(sys.exc_info()[1]):
        return shown(request, Busy())
    return render(request, "errors/500.html", status=500)
