"""Built files as they are served: kept for ever, and what runs apart from pages under a policy of its own."""

from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings

from vestibule.web.static_files import with_static_files


def headers_of(path: str) -> dict[str, str]:
    """What `path` is answered with."""
    seen: dict[str, str] = {}

    def start(_status: str, headers: list[tuple[str, str]], *_more: Any) -> None:
        seen.update(headers)

    def pages(_environ: Any, _start: Any) -> list[bytes]:
        raise AssertionError(f"{path} is not a built file")

    environ: dict[str, Any] = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    answer = with_static_files(pages)(environ, start)
    getattr(answer, "close", lambda: None)()
    return seen


def built(pattern: str) -> str:
    found = sorted(settings.STATIC_FOLDER.glob(pattern))
    if not found:
        pytest.skip("the front end is not built: script/bootstrap")
    return f"/static/{found[-1].name}"


def test_only_the_worker_that_blurs_may_run_webassembly_and_it_reaches_nothing_but_our_own_files() -> None:
    policy = headers_of(built("blur-worker-*.js"))["Content-Security-Policy"]
    assert policy == "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src 'self'"
    assert "Content-Security-Policy" not in headers_of(built("visit-*.js"))
    assert "wasm" not in str(settings.CONTENT_SECURITY_POLICY)


def test_a_built_file_is_kept_for_ever_as_its_name_changes_with_it() -> None:
    assert "immutable" in headers_of(built("blur-worker-*.js"))["Cache-Control"]
