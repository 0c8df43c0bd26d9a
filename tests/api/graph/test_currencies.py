"""The list of currencies by the Graph-shaped API."""

import pytest

from tests.api.graph.bookings import MANAGES, books, clinic
from tests.api.graph.program import Program

ALL = "/solutions/bookingCurrencies"


@pytest.fixture
def program(db: None) -> Program:
    return books(clinic()[0], MANAGES)


def test_currencies_are_told_by_their_code_with_the_sign_people_write(program: Program) -> None:
    told = {one["id"]: one["symbol"] for one in program.get(ALL).value}
    assert (told["EUR"], told["USD"], told["GBP"], told["CHF"]) == ("€", "$", "£", "CHF")
    assert program.get(f"{ALL}/eur").json["symbol"] == "€"
    assert program.get(f"{ALL}/$count").body == str(len(told)).encode()


def test_what_is_no_currency_is_not_there(program: Program) -> None:
    assert program.get(f"{ALL}/XXQ").code == "ErrorItemNotFound"


def test_nobody_changes_the_list(program: Program) -> None:
    assert program.post(ALL, {"id": "ABC", "symbol": "a"}).status == 403
    assert program.ask("PATCH", f"{ALL}/EUR", {"symbol": "E"}).status == 403
    assert program.ask("DELETE", f"{ALL}/EUR").code == "notAllowed"
