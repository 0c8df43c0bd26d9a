"""A discreet business is named nowhere others may look: not in a calendar, its file, or the links to one."""

from datetime import timedelta
from urllib.parse import unquote_plus

import pytest

from tests.booking.factories import at, book, make_service
from vestibule.booking import announcements
from vestibule.booking.models import Appointment, Location
from vestibule.notifications import choices, content
from vestibule.notifications.models import MessageRules, OutboxMessage
from vestibule.store import clock
from vestibule.web.consumer.calendar_links import calendar_links

pytestmark = pytest.mark.django_db

TELLING = ("Lakeside", "First visit", "Ward 7", "+41445550199", "hello@ward.example")


@pytest.fixture
def booked() -> Appointment:
    clock.set_to(at("09:00") - timedelta(days=2))
    service = make_service(name="First visit")
    business = service.business
    business.phone, business.email = "+41445550199", "hello@ward.example"
    business.save()
    service.location = Location.objects.create(
        business=business, name="Ward 7", address="Ward 7, Lakeside", kind="place"
    )
    service.save()
    MessageRules.objects.create(business=business, is_discreet=True)
    choices.changed(business.pk)
    return book(service, at("09:00"))


def test_calendars_learn_that_there_is_an_appointment_with_whom_and_when(booked: Appointment) -> None:
    rows = list(OutboxMessage.objects.filter(kind__in=("confirmation", "provider_booked")))
    mails = [content.mail(row, content.tokens_for(rows, clock.now()), clock.now()) for row in rows]
    texts = [*(one.calendar for one in mails if one.calendar), announcements.calendar_file(booked)]
    texts += [unquote_plus(link["href"]) for link in calendar_links(booked)]
    assert len(texts) >= 4
    for text in texts:
        whole = text.replace("\r\n ", "")
        assert [words for words in TELLING if words in whole] == []
    assert booked.provider.name in texts[0]
