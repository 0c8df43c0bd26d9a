"""Questions that programs made for a business, on the pages of its services."""

from tests.factories import make_business, manager_of
from tests.web.manager.office import Office, url
from vestibule.booking.setup.shared import add_question
from vestibule.people.permissions import Role


def test_a_question_a_program_made_is_shown_where_it_is_not_asked_and_asked_by_a_press(office: Office) -> None:
    made = add_question(
        manager_of(office.business), office.business, "How did you hear of us?", ["A friend", "A flyer"]
    )
    page = url("service-questions", office.visit.slug)
    shown = office.manager.get(page).content.decode()
    assert "Written by your programs" in shown
    assert "A friend, A flyer" in shown
    answer = office.manager.post(url("question-shared", office.visit.slug, made.ref), follow=True)
    office.visit.refresh_from_db()
    assert [one["label"] for one in office.visit.questions] == ["How did you hear of us?"]
    assert office.visit.questions[0]["choices"] == ["A friend", "A flyer"]
    assert "Written by your programs" not in answer.content.decode()
    office.manager.post(url("question-shared", office.visit.slug, made.ref))
    office.visit.refresh_from_db()
    assert len(office.visit.questions) == 1


def test_questions_of_another_business_are_neither_shown_nor_asked(office: Office) -> None:
    other = make_business(name="Harbour Bank")
    made = add_question(manager_of(other), other, "Which account?")
    assert "Which account?" not in office.manager.get(url("service-questions", office.visit.slug)).content.decode()
    assert office.manager.post(url("question-shared", office.visit.slug, made.ref)).status_code == 404


def test_whoever_sets_nothing_up_is_offered_none(office: Office) -> None:
    made = add_question(manager_of(office.business), office.business, "Which account?")
    viewer = office.as_(Role.VIEWER)
    assert "Written by your programs" not in viewer.get(url("service-questions", office.visit.slug)).content.decode()
    assert viewer.post(url("question-shared", office.visit.slug, made.ref)).status_code == 403
