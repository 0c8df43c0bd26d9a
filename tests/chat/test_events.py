"""What subscribers are told of threads, written down with the change itself."""

import pytest

from tests.factories import make_business
from vestibule.chat import members, speaking, threads
from vestibule.chat.members import Newcomer
from vestibule.chat.speaking import Said
from vestibule.chat.threads import Wish
from vestibule.people import rates
from vestibule.people.models import Business
from vestibule.subscriptions import outbox
from vestibule.subscriptions.kinds import FACTS, Kind
from vestibule.subscriptions.models import Delivery, Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    rates.forget_all()
    made = make_business()
    Subscription.objects.create(
        business=made,
        name="all",
        shape=Subscription.Shape.EVENT_GRID,
        address="",
        shown="https://example.org",
        state=Subscription.State.ACTIVE,
    )
    outbox.subscribers_changed(made.pk)
    return made


def test_each_change_of_a_thread_is_an_event_with_the_facts_of_its_kind(business: Business) -> None:
    ada, bo = Newcomer("acs:ada", "Ada"), Newcomer("acs:bo", "Bo")
    thread = threads.begin(business.pk, ada, Wish("Lunch", [bo], {"a": "b"}))
    message = speaking.say(business.pk, thread.ref, ada.key, Said("<b>Hi</b>", is_html=True, metadata={"n": "1"}))
    speaking.change(business.pk, thread.ref, ada.key, message.stamp, text="<i>Hi</i>")
    speaking.take_back(business.pk, thread.ref, ada.key, message.stamp)
    threads.change(business.pk, thread.ref, ada.key, topic="Dinner")
    members.add(business.pk, thread.ref, ada.key, [Newcomer("acs:eve", "Eve")])
    members.remove(business.pk, thread.ref, ada.key, "acs:eve")
    threads.delete(business.pk, thread.ref, ada.key)
    told = list(Delivery.objects.order_by("pk"))
    assert [one.kind for one in told] == [
        Kind.THREAD_CREATED,
        Kind.MESSAGE_RECEIVED,
        Kind.MESSAGE_EDITED,
        Kind.MESSAGE_DELETED,
        Kind.THREAD_UPDATED,
        Kind.MEMBER_ADDED,
        Kind.MEMBER_REMOVED,
        Kind.THREAD_DELETED,
    ]
    assert {one.subject for one in told} == {f"threads/{thread.wire_id}"}
    for one in told:
        assert set(one.facts) <= set(FACTS[Kind(one.kind)]), one.kind
    received, removed = told[1].facts, told[6].facts
    assert (received["message"], received["type"], received["text"]) == (str(message.stamp), "html", "<b>Hi</b>")
    assert received["readers"] == [ada.key, bo.key]
    assert "text" not in told[3].facts
    assert set(removed["readers"]) == {ada.key, bo.key, "acs:eve"}


def test_what_is_undone_is_no_event(business: Business) -> None:
    thread = threads.begin(business.pk, Newcomer("acs:ada"), Wish("Lunch"))
    before = Delivery.objects.count()
    with pytest.raises(Exception, match="conversation"):
        speaking.say(business.pk, thread.ref, "acs:stranger", Said("Hello"))
    assert Delivery.objects.count() == before
