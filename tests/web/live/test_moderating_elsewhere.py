"""What is done to a call by somebody whose socket is at another server process."""

from tests.meetings.scene import make_visit
from tests.web.live.talk import MEDIA, Server, Talk, staff_cookie, visit_cookie
from vestibule.meetings import waiting
from vestibule.people.models import Membership


def test_hands_muting_captions_and_the_lock_reach_the_other_process(two_servers: tuple[Server, Server]) -> None:
    one, other = two_servers
    visit = make_visit()
    host = Membership.objects.get(user_id=visit.host.user_id or 0)
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    with (
        Talk(one, "visit", staff_cookie(host.user)) as provider,
        Talk(other, "visit", visit_cookie(visit.consumer.ref)) as consumer,
    ):
        provider.hello(meeting=visit.meeting.ref)
        consumer.hello()
        for talk in (provider, consumer):
            assert talk.ask("join_call", media=MEDIA)["type"] == "done"
        while len(provider.until("roster")["people"]) < 2:
            pass
        consumer.ask("raise_hand", on=True)
        while not any(person["hand"] for person in provider.until("roster")["people"]):
            pass
        provider.ask("raise_hand", on=False, participant=visit.consumer.ref)
        while any(person["hand"] for person in consumer.until("roster")["people"]):
            pass
        provider.ask("mute_others")
        assert consumer.until("muted")["source"] == "mic"
        consumer.ask("caption", line=1, text="Good morning", final=True, spoken=False)
        assert provider.until("caption")["text"] == "Good morning"
        provider.ask("lock_room", on=True)
        while not consumer.until("meeting")["meeting"]["locked"]:
            pass
