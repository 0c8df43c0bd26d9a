"""Custom questions: listed, told, made, changed, taken away."""

from dataclasses import replace

from vestibule.api.graph import bookings_lists, bookings_names, bookings_questions, narrowing, values
from vestibule.api.graph.asked import Asked
from vestibule.api.graph.bookings_names import READS, WRITES
from vestibule.api.graph.faults import Fault
from vestibule.api.graph.values import Json
from vestibule.api.plain import Answer, Operations
from vestibule.booking.setup import shared
from vestibule.people.models import Business

operations: Operations[Asked] = Operations()
ALL = "/solutions/bookingBusinesses/{business}/customQuestions"
ONE = f"{ALL}/{{question}}"
OF = "solutions.bookingBusinesses"
MEMBERS = narrowing.told(texts=("id", "displayName"), choices={"answerInputType": bookings_questions.INPUTS})
NAMES = {"label": "displayName", "choices": "answerOptions", "questions": "displayName"}


def all_of(business: Business) -> list[Json]:
    """Return the questions of a business as Bookings tells them."""
    return [one.told() for one in bookings_questions.all_of(business)]


@operations.on("GET", ALL, permissions=READS, operation=f"{OF}.ListCustomQuestions")
def list_questions(asked: Asked) -> Answer:
    """List the questions of a business."""
    return bookings_lists.listed(asked, _context(asked), all_of(asked.business), MEMBERS)


@operations.on("GET", f"{ALL}/$count", permissions=READS, operation="Get.Count.customQuestions-385a")
def count(asked: Asked) -> Answer:
    """Say how many there are."""
    return bookings_lists.counted(asked, all_of(asked.business), MEMBERS)


@operations.on("POST", ALL, permissions=WRITES, operation=f"{OF}.CreateCustomQuestions")
def create(asked: Asked) -> Answer:
    """Make a question, for services to ask."""
    wanted = bookings_questions.read(values.without_notes(asked.body()))
    with bookings_names.members(NAMES):
        made = shared.add_question(asked.actor, asked.business, wanted["label"], wanted["choices"])
    found = next(one for one in bookings_questions.all_of(asked.business) if one.row is not None and one.row == made)
    return bookings_lists.one(asked, _context(asked), found.told(), status=201)


@operations.on("GET", ONE, permissions=READS, operation=f"{OF}.GetCustomQuestions")
def get(asked: Asked) -> Answer:
    """Tell of one question."""
    return bookings_lists.one(asked, _context(asked), _known(asked).told())


@operations.on("PATCH", ONE, permissions=WRITES, operation=f"{OF}.UpdateCustomQuestions")
def change(asked: Asked) -> Answer:
    """Change a question wherever it is asked in the same words."""
    known = _known(asked)
    wanted = bookings_questions.read(values.without_notes(asked.body()), known.question)
    with bookings_names.members(NAMES):
        shared.change_question(asked.actor, asked.business, known.row, wanted, known.services)
    now = next((one for one in bookings_questions.all_of(asked.business) if one.id == known.id), None)
    return bookings_lists.one(asked, _context(asked), (now or replace(known, question=wanted)).told())


@operations.on("DELETE", ONE, permissions=WRITES, operation=f"{OF}.DeleteCustomQuestions")
def delete(asked: Asked) -> Answer:
    """Ask a question no longer."""
    known = _known(asked)
    shared.remove_question(asked.actor, asked.business, known.row, known.question["id"], known.services)
    return Answer(204)


def _known(asked: Asked) -> bookings_questions.Asked:
    wanted = asked.params["question"].casefold()
    found = next((one for one in bookings_questions.all_of(asked.business) if one.id == wanted), None)
    if found is None:
        raise Fault(404, "ErrorItemNotFound", "There is no such question in this business.")
    return found


def _context(asked: Asked) -> str:
    return bookings_names.context_of(asked.business, "customQuestions")
