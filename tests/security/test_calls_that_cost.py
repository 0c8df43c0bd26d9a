"""A stranger who waits may ask to be called, but not where calling makes somebody else rich."""

import pytest

from tests.meetings.scene import make_visit
from vestibule.meetings import call_requests, waiting
from vestibule.meetings.models import CallRequest
from vestibule.people import rates
from vestibule.people.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "phone", ["+19005551234", "+449098790000", "+447012345678", "+882133006550", "+870773111632", "+97912345678"]
)
def test_nobody_is_called_at_premium_rate_or_over_satellites(phone: str) -> None:
    rates.forget_all()
    seat = make_visit().consumer
    waiting.arrive(seat.ref)
    with pytest.raises(Invalid, match="cost extra"):
        call_requests.ask(seat.ref, phone)
    assert not CallRequest.objects.exists()
