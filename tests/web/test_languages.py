"""Which language pages are in, and that they are whole in it."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route

from tests.booking.factories import at, make_service
from tests.e2e.accessible import look_at
from vestibule.booking import contacts
from vestibule.booking.wishes import Contact
from vestibule.people.models import Business
from vestibule.store import clock
from vestibule.web import languages

pytestmark = pytest.mark.django_db
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}


@pytest.fixture
def business() -> Business:
    return make_service().business


def text_of(client: Client, address: str, accepts: str = "", **more: str) -> str:
    answer = client.get(address, headers={"accept-language": accepts} if accepts else {}, query_params=more or None)
    return answer.content.decode()


def test_a_page_is_in_the_language_the_browser_asks_for(client: Client, business: Business) -> None:
    answer = client.get(f"/book/{business.slug}", headers={"accept-language": "sv, de-CH;q=0.9, en;q=0.8"})
    assert answer["Content-Language"] == "de"
    assert '<html lang="de" dir="ltr"' in " ".join(answer.content.decode().split())
    assert {"Accept-Language", "Cookie"} <= {one.strip() for one in answer["Vary"].split(",")}


def test_a_language_chosen_on_the_page_is_kept(client: Client, business: Business) -> None:
    address = f"/book/{business.slug}"
    assert 'dir="rtl"' in text_of(client, address, "en", language="ar")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ar"
    assert 'lang="ar"' in text_of(client, address, "en")


def test_what_everybody_may_share_a_copy_of_carries_nobodys_choice(client: Client) -> None:
    answer = client.get("/words/de.json", {"language": "ar"}, headers={"accept-language": "fr"})
    assert "public" in answer["Cache-Control"]
    assert answer["Content-Language"] == "de"
    assert not answer.cookies
    assert answer.get("Vary", "") in ("", "Accept-Encoding")


def test_the_day_on_a_page_is_written_as_its_language_writes_days(client: Client) -> None:
    service = make_service()
    clock.set_to(at("06:00"))
    address = f"/book/{service.business.slug}/{service.slug}"
    assert '<h2 id="day-name">Montag, 4. März</h2>' in text_of(client, address, "de", day="2030-03-04")


def test_every_shipped_language_is_offered_by_its_own_name_with_the_rest_of_the_address(
    client: Client, business: Business
) -> None:
    shown = text_of(client, f"/book/{business.slug}", q="first")
    for code, name in settings.LANGUAGES:
        assert name in shown
        if code != "en":
            assert f'href="?q=first&amp;language={code}"' in shown


def test_a_link_in_an_address_is_not_repeated_by_the_languages(client: Client) -> None:
    shown = text_of(client, "/visit", meetingURL="https://evil.example/l")
    assert "evil.example" not in shown
    assert 'href="?language=de"' in shown


def test_without_a_language_we_know_it_is_that_of_the_business(client: Client, business: Business) -> None:
    Business.objects.filter(pk=business.pk).update(language="fr-CH")
    assert 'lang="fr"' in text_of(client, f"/book/{business.slug}", "sv")
    assert 'lang="en"' in text_of(client, "/test-call", "sv")


def test_pages_of_staff_are_in_english_whatever_the_browser_asks_for(client: Client) -> None:
    shown = text_of(client, "/signin", "de")
    assert 'lang="en"' in shown
    assert "Deutsch" not in shown


@pytest.mark.parametrize("nonsense", ["xx", "../../etc", "de" * 5000, "", "\x00", "*"])
def test_nonsense_chooses_nothing(client: Client, business: Business, nonsense: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "e"
    shown = text_of(client, f"/book/{business.slug}", language=nonsense)
    assert 'lang="en"' in shown
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "e"


def test_a_socket_is_answered_in_the_language_of_its_page() -> None:
    cookie = f"a=b; {settings.LANGUAGE_COOKIE_NAME}=pl".encode()

    def spoken(*headers: tuple[bytes, bytes], path: str = "/ws/visit") -> str:
        return languages.of_socket({"path": path, "headers": list(headers)})

    assert spoken((b"cookie", cookie), (b"accept-language", b"de")) == "pl"
    assert spoken((b"accept-language", b"pt-BR,en;q=0.5")) == "pt"
    assert spoken() == "en"
    assert spoken((b"accept-language", b"de"), path="/ws/desk") == "en"


def test_the_language_of_a_booking_is_that_of_its_page_if_messages_are_written_in_it(business: Business) -> None:
    def kept(given: str) -> str:
        return contacts.clean_contact(business, Contact("Jo", "jo@example.org", "", "UTC", given)).language

    Business.objects.filter(pk=business.pk).update(language="nl")
    business.refresh_from_db()
    assert [kept(given) for given in ("ar", "de-CH", "sv", "")] == ["ar", "de-CH", "nl", "nl"]


@pytest.mark.browser
def test_a_page_from_right_to_left_is_accessible_and_fits_a_telephone(
    client: Client, business: Business, page: Page
) -> None:
    addresses = (f"/book/{business.slug}", "/test-call")
    shown = {address: client.get(address, headers={"accept-language": "ar"}).content for address in addresses}

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = settings.STATIC_FOLDER / path.removeprefix("/static/")
        if path in shown:
            route.fulfill(body=shown[path], content_type="text/html")
        elif file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=TYPES.get(file.suffix, "application/octet-stream"))
        else:
            route.fulfill(status=404)

    page.route("**/*", answer)
    page.set_viewport_size({"width": 390, "height": 844})
    for address in addresses:
        page.goto(f"http://arabic.test{address}")
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        look_at(page, f"{address} in Arabic")


@pytest.mark.parametrize("asks", ["", "language=de&"])
@pytest.mark.parametrize("page", ["/book/{slug}", "/book/{slug}/nothing", "/appointment", "/signin"])
def test_an_address_of_too_many_parts_is_refused_by_a_page_of_its_own(
    client: Client, business: Business, page: str, asks: str
) -> None:
    answer = client.get(f"{page.format(slug=business.slug)}?{asks}{'&'.join(['a=1'] * 1100)}")
    assert answer.status_code in (400, 404)
    assert "<h1" in answer.content.decode()
