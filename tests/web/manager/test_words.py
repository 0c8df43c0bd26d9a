"""The editor of words of messages: own words saved, shown as they would be sent, tried, and set back."""

from typing import Any

import pytest
from django.urls import reverse

from tests.web.manager.office import Office, make_office, url
from vestibule.notifications import content
from vestibule.notifications.choices import Words
from vestibule.notifications.models import OutboxMessage, Template
from vestibule.people import rates
from vestibule.people.models import AuditEntry, Business
from vestibule.people.permissions import Role
from vestibule.store import clock

MAIL = ("reminder", "consumer", "email", "en")
TEXT = ("reminder", "consumer", "sms", "en")


def typed(body: str, **more: str) -> dict[str, str]:
    return {"subject": "", "heading": "", "body": body, "look": "desktop", "to": "", **more}


def words_of(office: Office, **where: str) -> list[Words]:
    rows = Template.objects.filter(business=office.business, **where)
    return [Words(row.subject, row.heading, row.body) for row in rows]


def queued() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(key__startswith="trial:"))


def test_the_list_leads_to_every_message_and_says_which_have_own_words(office: Office) -> None:
    office.manager.post(url("words-edit", *MAIL[:3], "de"), typed("Bis gleich."))
    page = office.manager.get(url("words")).content.decode()
    assert "Deutsch" in page
    assert url("words-edit", *MAIL[:3], "de") in page
    assert url("words-edit", "waitlist_offer", "consumer", "sms", "en") in page
    assert "waitlist_joined/consumer/sms" not in page


def test_the_list_is_narrowed_to_whom_what_is_said_in_own_words_and_what_is_named(office: Office) -> None:
    def listed(**asked: str) -> list[tuple[str, str]]:
        page = office.manager.get(url("words", **asked))
        return [(str(title), str(row["title"])) for title, rows in page.context["groups"] for row in rows]

    everything = listed()
    assert len(everything) > 30
    assert {title for title, _message in listed(whom="provider")} == {"To the provider"}
    assert listed(q="BOOKED", whom="helper") == []
    assert ("To the consumer", "Missed, with the way to another time") in listed(q="missed")
    assert listed(show="own") == []
    office.manager.post(url("words-edit", *MAIL), typed("See you soon."))
    assert [title for title, _message in listed(show="own")] == ["To the consumer"]
    assert set(listed(show="sent")) < set(everything)
    assert listed(show="nonsense") == everything


def test_the_editor_begins_with_the_built_in_words(office: Office) -> None:
    page = office.manager.get(url("words-edit", *MAIL))
    assert page.context["form"]["body"].value().startswith("Hello {consumer}, this is a reminder.")
    assert page.context["form"]["subject"].value() == "Reminder: on {day} at {time} ({zone})"
    german = office.manager.get(url("words-edit", *MAIL[:3], "de"))
    assert "{consumer}" in german.context["form"]["body"].value()
    assert "this is a reminder" not in german.context["form"]["body"].value()


def test_saved_words_are_shown_and_the_built_in_ones_come_back(office: Office) -> None:
    edit = url("words-edit", *MAIL)
    assert office.manager.post(edit, typed("Dear {consumer}", subject="Soon")).status_code == 302
    assert words_of(office) == [Words("Soon", "", "Dear {consumer}")]
    page = office.manager.get(edit)
    assert page.context["form"]["body"].value() == "Dear {consumer}"
    assert "Back to the built-in words" in page.content.decode()
    office.manager.post(edit, typed("whatever {unknown}", do="reset"))
    assert words_of(office) == []


def test_built_in_words_saved_as_they_are_stay_built_in(office: Office) -> None:
    form = office.manager.get(url("words-edit", *MAIL)).context["form"]
    as_it_stands = {name: str(form[name].value() or "") for name in ("subject", "heading", "body")}
    as_it_stands["body"] = as_it_stands["body"].replace("\n", "\r\n")
    office.manager.post(url("words-edit", *MAIL), as_it_stands)
    assert words_of(office) == []


def test_a_service_has_words_of_its_own_or_those_of_all(office: Office) -> None:
    office.manager.post(url("words-edit", *MAIL), typed("For all."))
    own = url("words-edit", *MAIL, service=office.visit.slug)
    page = office.manager.get(own)
    assert page.context["form"]["body"].value() == "For all."
    assert "As for all services" in page.content.decode()
    office.manager.post(own, typed("For all."))
    assert words_of(office, service_ref=office.visit.ref) == []
    office.manager.post(own, typed("For this one."))
    assert words_of(office, service_ref=office.visit.ref) == [Words("", "", "For this one.")]
    assert "Own" in office.manager.get(url("service-words", office.visit.slug)).content.decode()
    office.manager.post(own, typed("", do="reset"))
    assert words_of(office) == [Words("", "", "For all.")]


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("body", "Dear {consmer}", "{consmer} cannot be filled in"),
        ("subject", "Join {link}", "no place here"),
        ("heading", "Hello {", "curly bracket"),
    ],
)
def test_what_cannot_be_filled_in_is_refused_at_its_field(
    office: Office, field: str, given: str, sentence: str
) -> None:
    page = office.manager.post(url("words-edit", *MAIL), typed("See you.") | {field: given})
    assert page.status_code == 422
    assert sentence in page.context["form"].errors[field][0]
    assert page.context["form"][field].value() == given
    assert words_of(office) == []


def test_the_mail_is_shown_as_it_would_be_sent_and_can_do_nothing(office: Office) -> None:
    evil = "<script>alert(1)</script> {consumer} {service}"
    type(office.visit).objects.filter(pk=office.visit.pk).update(name="<img src=x onerror=alert(1)>")
    answer = office.manager.post(url("words-mail", *MAIL), typed(evil, heading="Look"))
    page = answer.content.decode()
    assert "Look" in page
    assert "Jo Example" in page
    assert "<script" not in page
    assert "<img" not in page
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in [part.strip() for part in policy.split(";")]
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert words_of(office) == []
    assert not OutboxMessage.objects.filter(kind="reminder", facts__has_key="trial").exists()


def test_dark_and_light_are_shown_whatever_the_screen_is_set_to(office: Office) -> None:
    light, dark = (
        office.manager.post(url("words-mail", *MAIL), typed("See you.", look=look)).content.decode()
        for look in ("desktop", "dark")
    )
    assert "prefers-color-scheme" not in light + dark
    assert "@media not all" in light
    assert "@media all" in dark


def test_the_text_message_is_counted_as_it_is_paid(office: Office) -> None:
    shown = url("words-shown", *TEXT)
    page = office.manager.post(shown, typed("See you at {time}")).content.decode()
    assert "See you at 10:20 http" in page
    assert "1 text message" in page
    assert "GSM-7" in page
    page = office.manager.post(shown, typed("Zażółć gęślą jaźń, do zobaczenia — 你好 {time} {moment}")).content.decode()
    assert "2 text messages" in page
    assert "UCS-2" in page


def test_both_zones_are_shown_where_they_differ(office: Office) -> None:
    Business.objects.filter(pk=office.business.pk).update(timezone="Europe/Zurich")
    page = office.manager.post(url("words-mail", *MAIL), typed("See you.", is_abroad="on")).content.decode()
    assert "London time" in page
    assert "Zurich time" in page


def test_while_somebody_types_it_is_said_what_is_wrong(office: Office) -> None:
    for name in ("words-shown", "words-mail"):
        answer = office.manager.post(url(name, *MAIL), typed("Dear {consmer}"))
        assert answer.status_code == 422
        assert "{consmer} cannot be filled in" in answer.content.decode()


def test_without_script_the_words_typed_stay_while_they_are_shown(office: Office) -> None:
    wrong = office.manager.post(url("words-edit", *MAIL), typed("Dear {consmer}", do="preview"))
    assert "cannot be filled in" in wrong.context["form"].errors["body"][0]
    page = office.manager.post(url("words-edit", *TEXT), typed("See you at {time}", do="preview"))
    assert page.status_code == 200
    assert page.context["form"]["body"].value() == "See you at {time}"
    assert "See you at 10:20" in page.content.decode()
    assert words_of(office) == []


def test_a_test_goes_to_the_address_typed_with_the_words_typed(office: Office) -> None:
    rates.forget_all()
    edit = url("words-edit", *MAIL)
    assert office.manager.get(edit).context["form"]["to"].value() == f"{Role.MANAGER}@lakeside-clinic.example"
    page = office.manager.post(edit, typed("Dear {consumer}", subject="Soon", to="desk@example.org", do="test"))
    assert "on its way to desk@example.org" in page.content.decode()
    (row,) = queued()
    mail = content.mail(row, {}, clock.now())
    assert (mail.to, mail.subject, row.kind) == ("desk@example.org", "[Test] Soon", "reminder")
    assert "Dear Jo Example" in mail.text
    assert words_of(office) == []
    assert AuditEntry.objects.filter(action="messages.tested").count() == 1


def test_a_test_without_address_is_refused_and_tests_are_limited(office: Office) -> None:
    rates.forget_all()
    page = office.manager.post(url("words-edit", *TEXT), typed("See you", do="test"))
    assert page.status_code == 422
    assert "to" in page.context["form"].errors
    answers = [
        office.manager.post(url("words-edit", *TEXT), typed("See you", do="test", to="+44 7700 900123"))
        for _each in range(11)
    ]
    assert [answer.status_code for answer in answers] == [200] * 10 + [422]
    assert "too often" in answers[-1].content.decode()
    assert len(queued()) == 10


def test_who_may_only_look_sees_the_words_and_changes_nothing(office: Office) -> None:
    viewer = office.as_(Role.VIEWER)
    assert viewer.get(url("words-edit", *MAIL)).status_code == 200
    for name in ("words-edit", "words-shown", "words-mail"):
        assert viewer.post(url(name, *MAIL), typed("See you.")).status_code == 403
    assert words_of(office) == []


def test_what_is_no_message_is_not_there(office: Office) -> None:
    wrong: list[tuple[Any, ...]] = [
        ("sign_in", "consumer", "email", "en"),
        ("reminder", "consumer", "push", "en"),
        ("reminder", "consumer", "email", "tlh"),
        ("waitlist_joined", "consumer", "sms", "en"),
    ]
    for where in wrong:
        assert office.manager.get(url("words-edit", *where)).status_code == 404
    assert office.manager.get(url("words-mail", *TEXT)).status_code == 404


def test_another_business_is_neither_shown_nor_changed(office: Office) -> None:
    theirs = make_office(slug="harbour-bank", name="Harbour Bank")
    type(theirs.visit).objects.filter(pk=theirs.visit.pk).update(slug="mortgage-talk", name="Mortgage talk")
    theirs.manager.post(url("words-edit", *MAIL), typed("A secret of the bank."))
    assert "secret" not in office.manager.get(url("words-edit", *MAIL)).content.decode()
    for name in ("words-edit", "words-mail", "words-shown"):
        address = f"{reverse(f'manage-{name}', args=MAIL)}?service=mortgage-talk"
        answer = office.manager.post(address, typed("See you at {service}."))
        assert answer.status_code == 404
    mail = office.manager.post(url("words-mail", *MAIL), typed("{service} {business}")).content.decode()
    assert "Mortgage" not in mail
    assert "Harbour" not in mail
