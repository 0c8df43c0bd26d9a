"""The builder begins as an industry: a whole draft in the business' language, and nothing for consumers yet."""

from tests.web.manager.office import Office, url
from vestibule.booking.models import Service
from vestibule.experience import industries
from vestibule.experience.models import Draft
from vestibule.people.models import Business
from vestibule.people.permissions import Role


def test_every_industry_is_offered_and_what_it_replaces_is_said(office: Office) -> None:
    page = office.manager.get(url("experience")).content.decode()
    for one in industries.listed("en"):
        assert f'value="{one.name}"' in page
        assert one.title in page
    assert "Keep the services there are now" in page


def test_a_template_becomes_the_draft_and_holds_once_published(office: Office) -> None:
    Business.objects.filter(pk=office.business.pk).update(language="de")
    answer = office.manager.post(url("experience"), {"template": "therapy"})
    assert answer.status_code == 302
    draft = Draft.objects.get(business=office.business)
    assert (draft.template, draft.document["services"][0]["name"]) == ("therapy", "Erstgespräch")
    assert Service.objects.filter(business=office.business, is_active=True).get() == office.visit
    office.manager.post(url("experience-review"), {"note": ""})
    active = Service.objects.filter(business=office.business, is_active=True)
    assert set(active.values_list("slug", flat=True)) == {one["slug"] for one in draft.document["services"]}
    assert all(one.offers.exists() for one in active)


def test_there_is_no_template_of_another_name(office: Office) -> None:
    assert office.manager.post(url("experience"), {"template": "circus"}).status_code == 404
    assert not Draft.objects.exists()


def test_who_only_looks_begins_nothing(office: Office) -> None:
    assert office.as_(Role.VIEWER).post(url("experience"), {"template": "therapy"}).status_code == 403
    assert not Draft.objects.exists()
