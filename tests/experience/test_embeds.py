"""Which sites may show a business' pages: what counts as one, who may say so, and where that is kept."""

import pytest

from tests.factories import make_business, make_membership
from vestibule.experience import document, embeds
from vestibule.people.actors import actor_of_membership
from vestibule.people.errors import Invalid, NotFound, NotPermitted
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Actor, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    return make_business()


def somebody(business: Business, role: Role = Role.MANAGER) -> Actor:
    return actor_of_membership(make_membership(business=business, role=role))


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("https://clinic.example", "https://clinic.example"),
        ("  HTTPS://Clinic.Example/ ", "https://clinic.example"),
        ("https://clinic.example:443", "https://clinic.example"),
        ("https://clinic.example:8443", "https://clinic.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(business: Business, given: str, clean: str) -> None:
    assert embeds.allow(somebody(business), business, given) == clean
    assert embeds.origins_of(business) == [clean]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Enter the address"),
        ("https://" + "a" * 300, "Enter the address"),
        ("*", "star"),
        ("https://*.example", "star"),
        ("http://clinic.example", "begin with https://"),
        ("https://clinic.example/contact", "Leave out what comes after it: https://clinic.example"),
        ("https://clinic.example?a=b", "Leave out"),
        ("https://ada:pass@clinic.example", "Leave out"),
        ("clinic.example", "looks like https://"),
        ("javascript:alert(1)", "looks like https://"),
        ("https://clinic.example; script-src https://evil.example", "looks like https://"),
        ("https://clinic.example 'self'", "looks like https://"),
        ("https://a..b", "looks like https://"),
        ("https://[::1", "looks like https://"),
        ("https://clinic.example:99999", "looks like https://"),
        ("https://'none'", "looks like https://"),
    ],
)
def test_what_is_no_site_is_refused_in_words(business: Business, given: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        embeds.allow(somebody(business), business, given)
    assert embeds.origins_of(business) == []


def test_there_are_at_most_twenty_and_none_twice(business: Business) -> None:
    actor = somebody(business)
    embeds.put(actor, business, [f"https://site{number}.example" for number in range(20)])
    assert embeds.allow(actor, business, "https://site3.example/") == "https://site3.example"
    with pytest.raises(Invalid, match="At most 20"):
        embeds.allow(actor, business, "https://site20.example")
    assert len(embeds.origins_of(business)) == 20


def test_a_site_is_taken_out_again_and_both_are_written_down(business: Business) -> None:
    actor = somebody(business)
    embeds.allow(actor, business, "https://clinic.example")
    embeds.forbid(actor, business, "https://clinic.example")
    embeds.forbid(actor, business, "https://never.example")
    assert embeds.origins_of(business) == []
    noted = AuditEntry.objects.filter(action="embed.changed").order_by("pk").values_list("details", flat=True)
    assert [(one["before"], one["after"]) for one in noted] == [
        ([], ["https://clinic.example"]),
        (["https://clinic.example"], []),
    ]


def test_it_takes_somebody_who_runs_this_business(business: Business) -> None:
    with pytest.raises(NotPermitted):
        embeds.allow(somebody(business, Role.VIEWER), business, "https://clinic.example")
    with pytest.raises((NotPermitted, NotFound)):
        embeds.allow(somebody(make_business()), business, "https://clinic.example")
    assert embeds.origins_of(business) == []


def test_the_sites_are_a_part_of_the_experience(business: Business) -> None:
    actor, was = somebody(business), document.read(business)
    assert was["embed"] == {"origins": []}
    document.write(actor, business, {"embed": {"origins": ["https://Clinic.example/"]}}, was)
    assert document.read(business)["embed"] == {"origins": ["https://clinic.example"]}
    for wrong, field in ((["http://a.example"], "embed.origins.0"), ("https://a.example", "embed.origins")):
        with pytest.raises(Invalid) as refused:
            document.write(actor, business, {"embed": {"origins": wrong}}, was)
        assert refused.value.facts["field"] == field
