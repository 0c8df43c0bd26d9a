"""Which language pages are in, and that they are whole in it."""

import pytest
from django.conf import settings
from django.test import Client

from tests.booking.factories import make_service
from vestibule.people.models import Business
from vestibule.web import languages

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    return make_service().business


def page(client: Client, address: str, accepts: str = "", **more: str) -> str:
    answer = client.get(address, headers={"accept-language": accepts} if accepts else {}, query_params=more or None)
    return answer.content.decode()


def test_a_page_is_in_the_language_the_browser_asks_for(client: Client, business: Business) -> None:
    answer = client.get(f"/book/{business.slug}", headers={"accept-language": "sv, de-CH;q=0.9, en;q=0.8"})
    assert answer["Content-Language"] == "de"
    assert '<html lang="de" dir="ltr"' in " ".join(answer.content.decode().split())
    assert {"Accept-Language", "Cookie"} <= {one.strip() for one in answer["Vary"].split(",")}


def test_a_language_chosen_on_the_page_is_kept(client: Client, business: Business) -> None:
    address = f"/book/{business.slug}"
    assert 'dir="rtl"' in page(client, address, "en", language="ar")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ar"
    assert 'lang="ar"' in page(client, address, "en")


def test_every_shipped_language_is_offered_by_its_own_name_with_the_rest_of_the_address(
    client: Client, business: Business
) -> None:
    shown = page(client, f"/book/{business.slug}", q="first")
    for code, name in settings.LANGUAGES:
        assert name in shown
        if code != "en":
            assert f'href="?q=first&amp;language={code}"' in shown


def test_without_a_language_we_know_it_is_that_of_the_business(client: Client, business: Business) -> None:
    Business.objects.filter(pk=business.pk).update(language="fr-CH")
    assert 'lang="fr"' in page(client, f"/book/{business.slug}", "sv")
    assert 'lang="en"' in page(client, "/test-call", "sv")


def test_pages_of_staff_are_in_english_whatever_the_browser_asks_for(client: Client) -> None:
    shown = page(client, "/signin", "de")
    assert 'lang="en"' in shown
    assert "Deutsch" not in shown


@pytest.mark.parametrize("nonsense", ["xx", "../../etc", "de" * 5000, "", "\x00", "*"])
def test_nonsense_chooses_nothing(client: Client, business: Business, nonsense: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "e"
    shown = page(client, f"/book/{business.slug}", language=nonsense)
    assert 'lang="en"' in shown
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "e"


def test_a_socket_is_answered_in_the_language_of_its_page() -> None:
    cookie = f"a=b; {settings.LANGUAGE_COOKIE_NAME}=pl".encode()
    assert languages.of_socket([(b"cookie", cookie), (b"accept-language", b"de")]) == "pl"
    assert languages.of_socket([(b"accept-language", b"pt-BR,en;q=0.5")]) == "pt"
    assert languages.of_socket([]) == "en"
