"""Bringing somebody into a visit that has no appointment, and what is said of it."""

import pytest
from django.conf import LazySettings

from tests.factories import make_business, make_provider, manager_of
from tests.meetings.program import make_program
from tests.meetings.scene import Visit, make_staff, make_visit
from tests.windows import at_a_new_window
from vestibule.booking import bringing_in
from vestibule.booking.wishes import Helper
from vestibule.meetings import waiting
from vestibule.meetings.models import Meeting, Participant
from vestibule.notifications import content
from vestibule.notifications.models import OutboxMessage
from vestibule.people import rates
from vestibule.people.errors import Invalid, NotFound, NotPermitted, TooMany
from vestibule.people.models import CapabilityLink, Provider
from vestibule.store import clock

pytestmark = pytest.mark.django_db
INES = Helper("Ines", "ines@example.org", "interpreter", "+442079460018")


@pytest.fixture
def visit(settings: LazySettings) -> Visit:
    """A walk-in, as far as booking knows: no appointment."""
    settings.MEETING_LISTENERS = []
    rates.forget_all()
    at_a_new_window(3600)
    return make_visit()


def test_a_helper_comes_to_a_walk_in_by_a_link_that_opens_once(visit: Visit) -> None:
    waiting.arrive(visit.consumer.ref)
    waiting.enter_waiting(visit.consumer.ref)
    waiting.admit(visit.host, visit.consumer.ref)
    made = bringing_in.invite(visit.consumer.ref, INES)
    seat = Participant.objects.get(ref=made.seat)
    assert (seat.meeting, seat.kind, seat.role) == (visit.meeting, "helper", "attendee")
    assert CapabilityLink.objects.get(subject=seat.ref).opens_once
    mail, text = OutboxMessage.objects.order_by("channel")
    tokens = content.tokens_for([mail, text], clock.now())
    now = clock.now()
    assert made.url.partition("?")[2] in content.mail(mail, tokens, now).text
    assert "Ada Ng asks you to join" in content.sms(text, tokens, now).body


def test_a_stranger_whom_nobody_let_in_lets_us_write_to_nobody(visit: Visit) -> None:
    Participant.objects.filter(pk=visit.consumer.pk).update(state="waiting", admitted_at=None)
    for helper in (INES, Helper("Ines", phone=INES.phone), Helper("Ines", email=INES.email)):
        with pytest.raises(NotPermitted):
            bringing_in.invite(visit.consumer.ref, helper)
    assert bringing_in.invite(visit.consumer.ref, Helper("Ines")).url, "the link may be passed on by hand"
    assert not OutboxMessage.objects.exists()


def test_a_locked_place_brings_nobody(visit: Visit) -> None:
    Participant.objects.filter(pk=visit.consumer.pk).update(locked_at=clock.now())
    with pytest.raises(NotPermitted):
        bringing_in.invite(visit.consumer.ref, Helper("Ines"))


def test_five_helpers_and_no_more(visit: Visit) -> None:
    for number in range(5):
        bringing_in.invite(visit.consumer.ref, Helper(f"Helper {number}"))
    with pytest.raises(Invalid):
        bringing_in.invite(visit.consumer.ref, Helper("One too many"))


def test_a_guest_whom_staff_made_a_host_brings_others_while_inside(visit: Visit) -> None:
    made = bringing_in.invite(visit.consumer.ref, Helper("Ines", role="presenter"), visit.host)
    with pytest.raises(NotPermitted):
        bringing_in.invite(made.seat, Helper("Another"))
    waiting.arrive(made.seat)
    waiting.enter_waiting(made.seat)
    waiting.admit(visit.host, made.seat)
    bringing_in.invite(made.seat, Helper("Another"))
    with pytest.raises(NotPermitted):
        bringing_in.invite(made.seat, Helper("Another host", role="presenter"))


def test_inviting_all_the_time_is_refused(visit: Visit) -> None:
    for _number in range(20):
        made = bringing_in.invite(visit.consumer.ref, Helper("Ines"))
        Participant.objects.filter(ref=made.seat).delete()
    with pytest.raises(TooMany):
        bringing_in.invite(visit.consumer.ref, Helper("Ines"))


def test_a_colleague_without_a_sign_in_cannot_be_asked(visit: Visit) -> None:
    colleague = make_provider(business=visit.meeting.business, name="Cy Vance")
    with pytest.raises(Invalid):
        bringing_in.invite_colleague(visit.host, visit.meeting.ref, colleague.slug)


def test_a_colleague_is_asked_in_the_language_of_the_business_and_a_helper_in_that_of_who_came(visit: Visit) -> None:
    Meeting.objects.filter(pk=visit.meeting.pk).update(contact={"language": "ar"})
    _membership, provider = make_staff(visit.meeting.business, name="Cy Vance")
    Provider.objects.filter(pk=provider.pk).update(email="cy@clinic.example")
    bringing_in.invite_colleague(visit.host, visit.meeting.ref, provider.slug)
    bringing_in.invite(visit.consumer.ref, INES, visit.host)
    said = dict(OutboxMessage.objects.values_list("kind", "language"))
    assert said == {"called_in": visit.meeting.business.language, "helper_invited": "ar"}


@pytest.mark.parametrize(("role", "brings"), [("presenter", True), ("collaborator", False), ("attendee", False)])
def test_of_the_participants_of_a_room_only_its_hosts_bring_somebody(
    settings: LazySettings, role: str, brings: bool
) -> None:
    settings.MEETING_LISTENERS = []
    rates.forget_all()
    program = make_program()
    seat = program.room(only=role).participants.get()
    waiting.arrive(seat.ref)
    waiting.enter_waiting(seat.ref, "Ada Ng")
    with pytest.raises(NotPermitted):
        bringing_in.invite(seat.ref, Helper("Ines"))
    waiting.admit(program.staff, seat.ref)
    if brings:
        assert bringing_in.invite(seat.ref, Helper("Ines")).url
    else:
        with pytest.raises(NotPermitted):
            bringing_in.invite(seat.ref, Helper("Ines"))


def test_staff_of_another_business_bring_nobody_in(visit: Visit) -> None:
    stranger = manager_of(make_business())
    with pytest.raises(NotFound):
        bringing_in.invite(visit.consumer.ref, INES, stranger)
    with pytest.raises(NotFound):
        bringing_in.colleagues(stranger, visit.meeting.ref)
    assert not Participant.objects.filter(kind="helper").exists()
