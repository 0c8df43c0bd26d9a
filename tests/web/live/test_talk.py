"""The thread of an appointment over its sockets: in the call and outside it, and to whom it is closed."""

import pytest

from tests.chat.files import PDF
from tests.meetings.scene import add_helper, make_appointment, make_visit
from tests.web.files.browsers import on_own_page, send, signed_in
from tests.web.live.conftest import Stage
from tests.web.live.talk import Json, Talk, link_to, soon, staff_cookie, visit_cookie
from vestibule.chat.models import Attachment
from vestibule.meetings import waiting
from vestibule.meetings.models import Participant, VisitRules
from vestibule.people.models import CapabilityLink, Membership
from vestibule.store import clock
from vestibule.web.consumer.link_cookie import COOKIES


def own_page(stage: Stage) -> Talk:
    """The consumer on the page of the appointment."""
    name = COOKIES[CapabilityLink.Purpose.MANAGE][0]
    talk = stage.open("/appointment/talk", f"{name}={on_own_page(stage.visit).cookies[name].value}")
    talk.hello()
    return talk


def staff_page(stage: Stage, membership: Membership | None = None) -> Talk:
    """Staff on the page of the visit's messages."""
    talk = stage.open("talk", staff_cookie((membership or stage.membership).user))
    talk.hello(meeting=stage.visit.meeting.ref)
    return talk


def history(talk: Talk) -> Json:
    """The latest page of the thread that came."""
    known = [one for one in talk.seen if one["type"] == "chat_history"]
    return known[-1] if known else talk.until("chat_history")


def texts(page: Json) -> list[str]:
    return [item["text"] for item in page["items"]]


def test_before_the_visit_both_sides_write_and_the_call_goes_on_from_there(stage: Stage) -> None:
    consumer, staff = own_page(stage), staff_page(stage)
    for talk in (consumer, staff):
        page = talk.until("chat_history")
        assert (page["items"], page["write"], page["files"] is not None) == ([], True, True)
    assert consumer.seen[-1]["files"]["at"] == "/appointment/uploads"
    consumer.ask("chat_send", client_id="c1", text="Shall I bring the old X-ray?")
    assert staff.until("chat")["from"]["role"] == "consumer"
    staff.send("typing", on=True)
    assert consumer.until("typing")["name"] == "Dr Bo Lund"
    staff.ask("chat_send", client_id="s1", text="Yes please.")
    number = consumer.until("chat", text="Yes please.")["number"]
    consumer.ask("chat_read", number=number)
    assert staff.until("read")["number"] == number
    in_call, _provider = stage.in_call()
    assert texts(history(in_call)) == ["Shall I bring the old X-ray?", "Yes please."]
    in_call.ask("chat_send", client_id="c2", text="Here it is.")
    assert staff.until("chat", text="Here it is.")["number"] == 3
    assert stage.visit.state() == Participant.State.IN_CALL


def test_an_edited_or_deleted_message_changes_for_everybody(stage: Stage) -> None:
    consumer, provider = stage.in_call()
    consumer.ask("chat_send", client_id="c1", text="at tree")
    provider.until("chat")
    assert consumer.ask("chat_edit", number=1, text="at three")["type"] == "done"
    for changed in (provider.until("chat_changed"), consumer.until("chat_changed")):
        assert (changed["text"], "edited_at" in changed) == ("at three", True)
    assert provider.ask("chat_edit", number=1, text="never")["code"] == "not_allowed"
    provider.ask("chat_send", client_id="p1", text="mine")
    assert consumer.ask("chat_delete", number=2)["code"] == "not_allowed"
    assert provider.ask("chat_delete", number=1)["type"] == "done"
    changed = consumer.until("chat_changed", number=1)
    assert (changed["text"], changed["deleted"]) == ("", True)
    assert consumer.ask("chat_edit", number=1, text="back")["code"] == "not_allowed"
    assert consumer.ask("chat_delete", number=99)["code"] == "not_found"


def test_a_file_appears_being_checked_and_then_ready(stage: Stage) -> None:
    consumer, _provider = stage.in_call()
    ref = send(signed_in(stage.visit), PDF, meeting=stage.visit.meeting.ref)
    item = consumer.until("chat")
    assert (item["attachment"]["ref"], item["attachment"]["state"], "url" in item["attachment"]) == (
        ref,
        "checking",
        False,
    )
    soon(lambda: Attachment.objects.get(ref=ref).state == Attachment.State.READY)
    assert consumer.ask("get_chat")["type"] == "done"
    page = consumer.until("chat_history", lambda page: bool(page["items"]) and "url" in page["items"][-1]["attachment"])
    assert page["items"][-1]["attachment"]["url"] == f"/uploads/{ref}"


def test_a_file_that_was_checked_is_shown_by_itself(stage: Stage) -> None:
    consumer, _provider = stage.in_call()
    from tests.chat.files import begun
    from vestibule.chat import files
    from vestibule.chat.models import Thread
    from vestibule.web import live

    thread = Thread.objects.get(pk=stage.visit.meeting.thread_id)
    file = begun(thread, PDF, author=stage.visit.provider.ref)
    files.finish(thread.pk, stage.visit.provider.ref, "Dr Bo Lund", file.ref, client_id="x")
    consumer.ask("get_chat")
    live.notify_files()
    assert consumer.until("chat_changed")["attachment"]["state"] == "ready"


def test_somebody_waiting_turned_away_or_strange_reads_nothing(stage: Stage) -> None:
    elsewhere = make_visit()
    make_appointment(elsewhere)
    other = Membership.objects.get(user_id=elsewhere.host.user_id or 0)
    waiting.arrive(stage.visit.consumer.ref)
    waiting.enter_waiting(stage.visit.consumer.ref)
    cookies = (
        "",
        visit_cookie(stage.visit.consumer.ref),
        visit_cookie(elsewhere.consumer.ref),
        staff_cookie(other.user),
        "vestibule_appointment=forged",
    )
    for door in ("talk", "/appointment/talk"):
        for cookie in cookies:
            bye = stage.open(door, cookie).hello(meeting=stage.visit.meeting.ref)
            assert (bye["type"], bye["code"]) == ("bye", "not_authorised"), (door, cookie[:30])


def test_a_page_open_while_its_owner_is_taken_out_closes(stage: Stage) -> None:
    page = own_page(stage)
    page.until("chat_history")
    consumer, provider = stage.in_call()
    provider.ask("remove", participant=stage.visit.consumer.ref)
    assert page.until("bye")["code"] == "not_authorised"
    assert consumer.until("bye")["code"] == "removed"


def test_a_revoked_link_writes_nothing_on_a_page_still_open(stage: Stage) -> None:
    page = own_page(stage)
    page.until("chat_history")
    CapabilityLink.objects.filter(purpose=CapabilityLink.Purpose.MANAGE).update(revoked_at=clock.now())
    page.send("chat_send", client_id="c1", text="still here?")
    assert page.until("bye")["code"] == "not_authorised"


def test_after_the_visit_writing_ends_with_the_link(stage: Stage) -> None:
    stage.in_call()
    waiting.end_for_all(stage.visit.host, stage.visit.meeting.ref)
    talk = stage.open("talk", visit_cookie(stage.visit.consumer.ref))
    talk.hello()
    assert talk.until("chat_history")["write"] is True
    assert talk.ask("chat_send", client_id="c1", text="Thank you")["type"] == "done"
    CapabilityLink.objects.filter(subject=stage.visit.consumer.ref).update(expires_at=clock.now())
    assert talk.ask("chat_send", client_id="c2", text="One more")["code"] == "not_allowed"
    talk.ask("get_chat")
    talk.until("chat_history", write=False)


def test_somebody_let_in_late_neither_reads_nor_hears_of_what_was_before(stage: Stage) -> None:
    VisitRules.objects.create(business=stage.visit.meeting.business, history=VisitRules.History.SINCE_JOINING)
    consumer, provider = stage.in_call()
    consumer.ask("chat_send", client_id="c1", text="just between us")
    clock.advance(5)
    helper = add_helper(stage.visit)
    link_to(helper.ref)
    late = stage.consumer(helper)
    late.send("enter_waiting")
    late.until("state", state="waiting")
    provider.ask("admit", participant=helper.ref)
    assert history(late)["items"] == []
    consumer.ask("chat_edit", number=1, text="still between us")
    assert late.ask("get_chat", before=2)["type"] == "done"
    assert late.ask("chat_edit", number=1, text="mine now")["code"] == "not_found"
    assert "between us" not in str(late.seen)
    consumer.ask("chat_send", client_id="c2", text="for all")
    assert late.until("chat")["text"] == "for all"


def test_a_business_without_chat_takes_no_words(stage: Stage) -> None:
    VisitRules.objects.create(business=stage.visit.meeting.business, chat=False)
    consumer, _provider = stage.in_call()
    assert history(consumer)["write"] is False
    assert consumer.ask("chat_send", client_id="c1", text="hello?")["code"] == "not_allowed"


def test_a_page_goes_on_after_a_lost_network_without_loss_or_repeat(stage: Stage) -> None:
    page, staff = own_page(stage), staff_page(stage)
    page.until("chat_history")
    session, last = page.welcome["session"], page.seq
    page.drop()
    staff.ask("chat_send", client_id="s1", text="missed")
    name = COOKIES[CapabilityLink.Purpose.MANAGE][0]
    back = stage.open("/appointment/talk", f"{name}={on_own_page(stage.visit).cookies[name].value}")
    assert back.hello(resume=session, last=last)["resumed"] is True
    assert back.until("chat")["text"] == "missed"
    thief = stage.open("talk", staff_cookie(stage.membership.user))
    assert thief.hello(meeting=stage.visit.meeting.ref, resume=session, last=0)["resumed"] is False


def test_so_many_pages_may_be_open_and_then_the_oldest_closes(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestibule.web.live.talk_door.MOST_PAGES", 2)
    first, second, consumer = staff_page(stage), staff_page(stage), own_page(stage)
    third = staff_page(stage)
    assert first.ending()[0]["code"] == "taken_over"
    consumer.ask("chat_send", client_id="c1", text="Hello")
    for talk in (second, third):
        talk.until("chat", text="Hello")
