"""Built assets, straight from the package, cached for ever because their names hold a hash."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from django.conf import settings
from whitenoise import WhiteNoise

# A worker obeys the policy its own file is served with. Only this one may run WebAssembly, so that no page need allow
# any; it reaches nothing but our own files.
_WORKER_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'self'"


def _is_hashed(path: str, url: str) -> bool:
    return not path.endswith("manifest.json")


def policy_of(name: str) -> str:
    """Return the content security policy a built file is served with; "" for all that browsers do not run apart."""
    return _WORKER_POLICY if name.startswith("blur-worker-") else ""


def _add_policy(headers: Any, path: str, url: str) -> None:
    if policy := policy_of(PurePath(path).name):
        headers["Content-Security-Policy"] = policy


def with_static_files(pages: Callable[..., Any]) -> Callable[..., Any]:
    """Return a WSGI application that serves `/static/…` from the package and leaves the rest to `pages`."""
    folder = settings.STATIC_FOLDER
    files: Callable[..., Any] = WhiteNoise(
        pages,
        root=folder,
        prefix="static/",
        immutable_file_test=_is_hashed,
        add_headers_function=_add_policy,
        autorefresh=settings.DEBUG,
    )
    return files
