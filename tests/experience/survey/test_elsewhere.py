"""Somebody else's form is told which visit it is about, signed, and nothing else."""

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.experience.survey.people import ask, seat, stars
from tests.factories import make_business, manager_of
from vestibule.experience import survey
from vestibule.experience.models import SurveyRules
from vestibule.experience.survey import elsewhere
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import Business
from vestibule.people.permissions import Role

pytestmark = pytest.mark.django_db
FORM = "https://forms.example.org/visit?lang=en"


def led(business: Business) -> None:
    elsewhere.put(manager_of(business), business, FORM)


def test_the_address_holds_the_visit_and_a_signature_that_anybody_with_the_key_computes() -> None:
    business = make_business()
    led(business)
    guest = seat(business)
    address = elsewhere.address_for(guest)
    query = parse_qs(urlsplit(address).query)
    key = elsewhere.key_of(manager_of(business), business)
    expected = hmac.new(key.encode(), guest.meeting.ref.encode(), hashlib.sha256).hexdigest()
    assert query == {"lang": ["en"], "visit": [guest.meeting.ref], "signature": [expected]}
    assert address.startswith("https://forms.example.org/visit?lang=en&")


def test_it_is_asked_instead_of_the_own_questions_of_consumers_and_providers_keep_theirs() -> None:
    business = make_business()
    ask(business, stars())
    ask(business, stars("How was the picture?"), of="provider")
    led(business)
    assert survey.is_asked(business)
    assert survey.asked_of(seat(business)) == []
    host = seat(business, "provider")
    assert (len(survey.asked_of(host)), elsewhere.address_for(host)) == (1, "")
    assert elsewhere.address_for(seat(business, let_in=False)) == ""
    elsewhere.put(manager_of(business), business, "")
    assert len(survey.asked_of(seat(business))) == 1


def test_the_key_is_stored_so_that_the_database_alone_tells_nothing_and_a_new_one_replaces_it() -> None:
    business = make_business()
    led(business)
    manager = manager_of(business)
    key = elsewhere.key_of(manager, business)
    assert key not in SurveyRules.objects.get().elsewhere_key
    led(business)
    assert elsewhere.key_of(manager, business) == key
    elsewhere.renew_key(manager, business)
    assert elsewhere.key_of(manager, business) not in ("", key)


@pytest.mark.parametrize(
    "url", ["http://forms.example.org", "javascript:alert(1)", "forms.example.org", "https://" + "x" * 200]
)
def test_only_an_encrypted_address_is_taken(url: str) -> None:
    business = make_business()
    with pytest.raises(Invalid):
        elsewhere.put(manager_of(business), business, url)
    assert elsewhere.url_of(business) == ""


def test_only_who_sets_a_business_up_reads_the_key() -> None:
    business = make_business()
    led(business)
    with pytest.raises(NotPermitted):
        elsewhere.key_of(manager_of(business, role=Role.VIEWER), business)
    with pytest.raises(NotFound):
        elsewhere.key_of(manager_of(make_business(slug="other")), business)
