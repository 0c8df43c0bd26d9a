"""Addresses of files: where they are sent and asked for, once for each cookie that may open a thread."""

from django.urls import URLPattern, path

from vestibule.web.files import handing_out, sending


def uploads(prefix: str) -> list[URLPattern]:
    """Return the addresses below `prefix`."""
    return [
        path(prefix, sending.begin),
        path(f"{prefix}/<slug:ref>", sending.one),
        path(f"{prefix}/<slug:ref>/finish", sending.finish),
        path(f"{prefix}/<slug:ref>/small", handing_out.small),
    ]


urlpatterns = [
    *uploads("uploads"),
    *uploads("appointment/uploads"),
    path("files/<str:address>", handing_out.signed),
]
