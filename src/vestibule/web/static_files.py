"""Built assets, straight from the package, cached for ever because their names hold a hash."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from whitenoise import WhiteNoise


def _is_hashed(path: str, url: str) -> bool:
    return not path.endswith("manifest.json")


def with_static_files(pages: Callable[..., Any]) -> Callable[..., Any]:
    """Return a WSGI application that serves `/static/…` from the package and leaves the rest to `pages`."""
    folder = settings.STATIC_FOLDER
    files: Callable[..., Any] = WhiteNoise(
        pages, root=folder, prefix="static/", immutable_file_test=_is_hashed, autorefresh=settings.DEBUG
    )
    return files
