"""The look as a part of the experience: tried out in a draft, published, gone back to."""

from typing import Any

import pytest

from tests.factories import make_business, manager_of
from tests.pictures import picture
from vestibule.experience import document, drafts
from vestibule.people import brand
from vestibule.people.errors import Invalid
from vestibule.people.models import Business

pytestmark = pytest.mark.django_db


def look_of(business: Business) -> dict[str, Any]:
    read: dict[str, Any] = document.read(Business.objects.get(pk=business.pk))["brand"]
    return read


def test_a_draft_names_a_logo_before_anybody_sees_it() -> None:
    business = make_business()
    owner = manager_of(business)
    kept = brand.keep(owner, business, "logo", picture())
    drafts.change(owner, business, {"brand": {"logo": kept.ref, "colour": "#0B5FA5", "font": "serif"}})
    assert (look_of(business)["logo"], look_of(business)["colour"]) == ("", "")
    published = drafts.publish(owner, business)
    assert look_of(business) == published.document["brand"]
    assert look_of(business) == {
        "accent": "lake",
        "colour": "#0b5fa5",
        "font": "serif",
        "corners": "soft",
        "density": "cosy",
        "scheme": "auto",
        "logo": kept.ref,
        "favicon": "",
    }


def test_going_back_brings_the_logo_of_then() -> None:
    business = make_business()
    owner = manager_of(business)
    first = brand.put(owner, business, "logo", picture())
    drafts.change(owner, business, {"brand": {**look_of(business), "corners": "round"}})
    drafts.publish(owner, business)
    brand.put(owner, business, "logo", picture((90, 90)))
    drafts.roll_back(owner, business, 1)
    assert (look_of(business)["logo"], look_of(business)["corners"]) == (first.ref, "round")


@pytest.mark.parametrize(
    ("look", "field"),
    [
        ({"colour": "url(x)"}, "brand.colour"),
        ({"font": "</style>"}, "brand.font"),
        ({"accent": "own"}, "brand.accent"),
        ({"css": "body{}"}, "brand.css"),
        ("lake", "brand"),
    ],
)
def test_what_cannot_be_names_its_place(look: Any, field: str) -> None:
    business = make_business()
    with pytest.raises(Invalid) as refused:
        drafts.change(manager_of(business), business, {"brand": look})
    assert refused.value.facts["field"] == field


def test_a_picture_of_another_business_is_refused() -> None:
    business, other = make_business(), make_business()
    foreign = brand.keep(manager_of(other), other, "favicon", picture())
    with pytest.raises(Invalid) as refused:
        drafts.change(manager_of(business), business, {"brand": {"favicon": foreign.ref}})
    assert refused.value.facts["field"] == "brand.favicon"
