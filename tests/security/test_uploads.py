"""Parts of a file sent at once by several hands: each byte is taken once, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections

from tests.chat.files import PDF
from tests.factories import make_thread
from vestibule.chat import files
from vestibule.chat.errors import ThreadFull, WrongOffset
from vestibule.chat.models import Attachment, Message
from vestibule.people.errors import Refusal

pytestmark = pytest.mark.usefixtures("each_database")


def at_once(count: int, work: Callable[[int], object]) -> list[str]:
    """Do `work(number)` in `count` threads; return what each said, or the refusal's name."""

    def one(number: int) -> str:
        try:
            work(number)
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(count)))


def _add(thread_id: int, ref: str, offset: int, part: bytes, _number: int) -> None:
    files.add_part(thread_id, "ada", ref, offset, part)


def test_the_same_part_sent_by_eight_is_taken_once() -> None:
    thread = make_thread()
    content = PDF.ljust(60, b"\n")
    file = files.begin(thread.business_id, thread.pk, "ada", "Ada", name="x.pdf", size=len(content))
    for offset in range(0, 60, 20):
        part = content[offset : offset + 20]
        said = at_once(8, partial(_add, thread.pk, file.ref, offset, part))
        assert sorted(said) == [WrongOffset.__name__] * 7 + ["done"]
    assert b"".join(files.parts(file)) == content


def test_a_file_finished_by_eight_is_in_the_thread_once() -> None:
    thread = make_thread()
    file = files.begin(thread.business_id, thread.pk, "ada", "Ada", name="x.pdf", size=len(PDF))
    files.add_part(thread.pk, "ada", file.ref, 0, PDF)
    said = at_once(8, lambda _n: files.finish(thread.pk, "ada", "Ada", file.ref, client_id="c1"))
    assert said == ["done"] * 8
    assert Message.objects.filter(thread=thread).count() == 1


def test_files_announced_at_once_do_not_pass_the_bound_of_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    thread = make_thread()
    monkeypatch.setattr(files, "MOST_EACH", 5)
    said = at_once(12, lambda n: files.begin(thread.business_id, thread.pk, f"author{n}", "A", name="x.pdf", size=10))
    assert said.count("done") == 5 == Attachment.objects.filter(thread=thread).count()
    assert said.count(ThreadFull.__name__) == 7
