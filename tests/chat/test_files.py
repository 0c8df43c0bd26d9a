"""Files of a thread: whole or not at all, what their content says, harmless, and nobody else's."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from tests.chat.files import PAGE, PDF, SVG, ToldScanner, begun, package, photo, scanned_by, sent
from tests.factories import make_thread
from tests.pictures import png_of
from vestibule.chat import checking, files
from vestibule.chat.errors import NotTaken, ThreadFull, TooLarge, WrongOffset
from vestibule.chat.models import Attachment, AttachmentPart, Message, Thread
from vestibule.people.errors import Invalid, NotFound, Refusal
from vestibule.store import clock
from vestibule.store.configuration import load

pytestmark = pytest.mark.django_db
State = Attachment.State


@pytest.fixture
def thread() -> Thread:
    return make_thread()


def checked(message: Message) -> Attachment:
    checking.check_due()
    assert message.attachment is not None
    found: Attachment = Attachment.objects.get(pk=message.attachment.pk)
    return found


def test_a_picture_is_drawn_anew_and_what_came_is_gone(thread: Thread) -> None:
    file = checked(sent(thread, photo() + PAGE))
    assert (file.state, file.name, file.width, file.height) == (State.READY, "photo.jpg", 640, 480)
    content = b"".join(files.pieces(file))
    assert PAGE not in content
    assert len(content) == file.size
    assert not AttachmentPart.objects.exists()
    assert file.thumbnail


def test_another_file_is_handed_out_as_it_came(thread: Thread) -> None:
    content = PDF + bytes(files.PART_BYTES * 2)
    file = checked(sent(thread, content, name="C:\\scans\\..\\re\r\nport\u202efdp.exe"))
    assert (file.state, file.name, file.media_type) == (State.READY, "reportfdp.exe.pdf", "application/pdf")
    assert b"".join(files.pieces(file)) == content
    assert file.is_scanned is False


def test_parts_follow_on_each_other_without_gap_overlap_or_excess(thread: Thread) -> None:
    file = files.begin(thread.business_id, thread.pk, "ada", "Ada", name="x.pdf", size=10)

    def add(offset: int, content: bytes) -> int:
        return files.add_part(thread.pk, "ada", file.ref, offset, content)

    assert add(0, b"%PDF-") == 5
    for offset in (0, 4, 6, 5000):
        with pytest.raises(WrongOffset) as refusal:
            add(offset, b"x")
        assert refusal.value.facts["offset"] == 5
    with pytest.raises(TooLarge):
        add(5, b"x" * 6)
    with pytest.raises(WrongOffset):
        files.finish(thread.pk, "ada", "Ada", file.ref, client_id="c1")
    assert add(5, b"12345") == 10
    with pytest.raises(TooLarge):
        add(10, b"x")
    assert files.finish(thread.pk, "ada", "Ada", file.ref, client_id="c1")[1]
    assert not files.finish(thread.pk, "ada", "Ada", file.ref, client_id="c1")[1]
    assert Message.objects.count() == 1
    with pytest.raises(NotFound):
        add(10, b"x")


def test_a_file_comes_in_so_many_parts_and_no_more(thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_PARTS", 3)
    file = files.begin(thread.business_id, thread.pk, "ada", "Ada", name="x.txt", size=10)
    for offset in range(3):
        files.add_part(thread.pk, "ada", file.ref, offset, b"x")
    with pytest.raises(Invalid):
        files.add_part(thread.pk, "ada", file.ref, 3, b"x")


def test_only_who_began_a_file_goes_on_with_it(thread: Thread) -> None:
    file, other = begun(thread, PDF), make_thread()
    for thread_id, author in ((thread.pk, "bo"), (other.pk, "ada")):
        with pytest.raises(NotFound):
            files.add_part(thread_id, author, file.ref, len(PDF), b"")
        with pytest.raises(NotFound):
            files.finish(thread_id, author, "X", file.ref, client_id="c")
        with pytest.raises(NotFound):
            files.cancel(thread_id, author, file.ref)
    files.cancel(thread.pk, "ada", file.ref)
    assert not AttachmentPart.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"\xef\xbb\xbf \n" + SVG,
        PAGE,
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF" + bytes(60),
        b"#!/bin/sh\nrm -rf /\n\x00",
        package(**{"evil.exe": "MZ"}),
        package(**{"[Content_Types].xml": "", "word__document.xml": "", "word__vbaProject.bin": "x"}),
    ],
)
def test_what_can_run_or_is_not_known_is_refused_whatever_it_is_called(thread: Thread, content: bytes) -> None:
    file = begun(thread, content, name="holiday.jpg")
    with pytest.raises(NotTaken):
        files.finish(thread.pk, "ada", "Ada", file.ref, client_id="c1")
    assert not Attachment.objects.exists()
    assert not Message.objects.exists()


def test_a_picture_of_900_megapixels_is_refused_before_it_is_unpacked(thread: Thread) -> None:
    file = begun(thread, png_of(30_000, 30_000), name="small.png")
    with pytest.raises(Invalid, match="too many pixels"):
        files.finish(thread.pk, "ada", "Ada", file.ref, client_id="c1")


def test_a_damaged_picture_is_refused_for_everybody_to_see(thread: Thread) -> None:
    file = checked(sent(thread, b"\xff\xd8\xff" + PAGE))
    assert (file.state, file.refusal) == (State.REFUSED, "not_a_picture")
    with pytest.raises(NotFound):
        files.ready(thread.pk, file.ref)


def test_sizes_and_numbers_are_bounded(thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    def announce(size: int) -> None:
        files.begin(thread.business_id, thread.pk, "ada", "Ada", name="x", size=size)

    for size, refusal in ((0, Invalid), (-1, Invalid), (files.MOST_BYTES + 1, TooLarge), (2 * 1024**3, TooLarge)):
        with pytest.raises(refusal):
            announce(size)
    monkeypatch.setattr(files, "MOST_THREAD", 100)
    sent(thread, PDF)
    with pytest.raises(ThreadFull):
        announce(100)
    monkeypatch.setattr(files, "MOST_EACH", 1)
    with pytest.raises(ThreadFull):
        announce(1)


def test_somebody_who_begins_many_files_keeps_the_latest_few(thread: Thread) -> None:
    for _each in range(files.MOST_UNFINISHED + 3):
        begun(thread, PDF)
    assert Attachment.objects.count() == files.MOST_UNFINISHED
    clock.advance(24 * 3600 + 1)
    assert files.purge() == files.MOST_UNFINISHED


def test_a_clean_file_says_that_it_was_scanned_and_the_scanner_saw_all_of_it(thread: Thread) -> None:
    scanner = ToldScanner()
    content = PDF + bytes(files.PART_BYTES)
    with scanned_by(scanner):
        assert checked(sent(thread, content)).is_scanned
    assert scanner.seen == [content]


def test_a_harmful_file_is_taken_away(thread: Thread) -> None:
    with scanned_by(ToldScanner("Eicar-Signature")):
        file = checked(sent(thread, photo()))
    assert (file.state, file.refusal, file.content, file.parts.count()) == (State.QUARANTINED, "infected", None, 0)
    with pytest.raises(NotFound):
        files.ready(thread.pk, file.ref)


def test_a_file_waits_for_a_silent_scanner_and_is_refused_after_an_hour(thread: Thread) -> None:
    with scanned_by(ToldScanner(silent=True)):
        message = sent(thread, PDF)
        assert checked(message).state == State.CHECKING
        clock.advance(3601)
        assert (checked(message).state, checked(message).refusal) == (State.REFUSED, "not_checked")
    with scanned_by(ToldScanner(silent=True)):
        waiting = sent(thread, PDF)
        checking.check_due()
    with scanned_by(ToldScanner()):
        assert checked(waiting).state == State.READY


def test_files_that_nobody_would_scan_are_not_taken_where_they_must_be(thread: Thread, settings: LazySettings) -> None:
    settings.CONFIGURATION = load({"VESTIBULE_UNSCANNED_FILES": "hold"})
    with scanned_by(None):
        assert not files.are_taken()
    with scanned_by(ToldScanner()):
        assert files.are_taken()


def test_a_file_goes_with_its_message(thread: Thread) -> None:
    from vestibule.chat import verbs

    message = sent(thread, PDF)
    verbs.delete(thread.pk, "ada", message.seq)
    assert not Attachment.objects.exists()
    assert not AttachmentPart.objects.exists()


def test_only_files_that_came_whole_long_enough_ago_are_looked_into(thread: Thread) -> None:
    sent(thread, PDF)
    assert checking.check_due(waited=timedelta(seconds=20)) == []
    clock.advance(21)
    assert len(checking.check_due(waited=timedelta(seconds=20))) == 1
    assert checking.check_due() == []


def test_no_refusal_leaves_a_message_behind(thread: Thread) -> None:
    file = begun(thread, PDF)
    with pytest.raises(Refusal):
        files.finish(thread.pk, "ada", "Ada", file.ref, client_id="c1", text="x" * 4001)
    assert not Message.objects.exists()
    assert Attachment.objects.get().state == State.UPLOADING
