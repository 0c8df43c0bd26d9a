"""Who must be free: any one, everybody, those chosen, or the fixed plus one of each group; and devices."""

from itertools import permutations

from tests.scheduling.kit import ask, at, daily, held, question, second, taken
from vestibule.scheduling import Alignment, Assignment, Diary, Person, Pool, Question, Rules, offer

HOUR = Rules(duration=60)
ALL, SPECIFIC, MIXED = Assignment.ALL, Assignment.SPECIFIC, Assignment.MIXED


def test_any_is_the_union_of_each_persons_own_starts() -> None:
    people = [Diary("a", daily("09:00-10:00")), Diary("b", daily("09:30-11:00"))]
    assert ask(question(HOUR, *people)) == ["09:00", "09:30"]


def test_two_people_never_bridge_one_appointment() -> None:
    people = [Diary("a", daily("09:00-09:30")), Diary("b", daily("09:30-10:00"))]
    assert ask(question(HOUR, *people)) == []


def test_all_intersect_their_time_and_then_the_grid_is_laid() -> None:
    people = [Diary("a", daily("09:00-12:00")), Diary("b", daily("09:20-11:30"))]
    assert ask(question(HOUR, *people, assignment=ALL)) == ["09:20", "10:20"]


def test_all_need_everybody_free() -> None:
    people = [
        Diary("a", daily("09:00-12:00"), [taken("09:00", "09:10")]),
        Diary("b", daily("09:00-12:00"), [taken("11:50", "12:00")]),
    ]
    assert ask(question(HOUR, *people, assignment=ALL)) == ["10:00"]


def test_all_of_nobody_is_nothing() -> None:
    assert ask(question(HOUR, assignment=ALL)) == []


def test_only_those_chosen_are_asked() -> None:
    people = [Diary("a", daily("09:00-10:00")), Diary("b", daily("11:00-12:00"))]
    assert ask(question(HOUR, *people, assignment=SPECIFIC, chosen=("b",))) == ["11:00"]
    assert ask(question(HOUR, *people, assignment=SPECIFIC, chosen=("z",))) == []


def mixed(*people: Person, rules: Rules = HOUR) -> Question:
    return Question(rules, people, second("2024-05-20 00:00"), assignment=MIXED)


def test_mixed_needs_every_fixed_person_and_one_of_each_group() -> None:
    doctor = Person(Diary("d", daily("09:00-13:00")), fixed=True)
    nurses = [
        Person(Diary("n1", daily("09:00-11:00")), group="n"),
        Person(Diary("n2", daily("10:00-12:00")), group="n"),
    ]
    room = Person(Diary("r", daily("09:00-13:00"), [taken("09:00", "10:00")]), group="r")
    assert ask(mixed(doctor, *nurses, room)) == ["10:00", "11:00"]


def test_of_a_mixed_team_the_teams_are_named() -> None:
    doctor = Person(Diary("d", daily("09:00-10:00")), fixed=True)
    nurses = [Person(Diary(name, daily("09:00-10:00"))) for name in ("x", "y", "z")]
    busy = Person(Diary("w", daily("09:00-10:00"), [taken("09:00", "09:01")]))
    found = offer(mixed(doctor, *nurses, busy), at("00:00"), at("23:00"))
    assert list(found.teams(at("09:00"))) == [("d", "x"), ("d", "y"), ("d", "z")]
    assert found.providers(at("09:00")) == ("d", "x", "y", "z")


def test_each_team_has_its_own_window() -> None:
    fixed = Person(Diary("f", daily("09:00-12:00")), fixed=True)
    one, other = Person(Diary("a", daily("09:00-12:00"))), Person(Diary("b", daily("09:20-12:00")))
    assert ask(mixed(fixed, one, other)) == ["09:00", "09:20", "10:00", "10:20", "11:00"]


def test_the_order_of_people_does_not_matter() -> None:
    people = [
        Person(Diary("a", daily("09:00-12:00", zone="Asia/Kolkata")), fixed=True),
        Person(Diary("b", daily("04:00-12:00", zone="UTC"))),
        Person(Diary("c", daily("05:00-13:00", zone="Asia/Kathmandu")), group="g"),
    ]
    for alignment in Alignment:
        rules = Rules(duration=60, alignment=alignment)
        answers = {tuple(ask(mixed(*order, rules=rules))) for order in permutations(people)}
        assert len(answers) == 1


def test_an_offer_says_who_could_take_a_start() -> None:
    people = [Diary("b", daily("09:00-11:00")), Diary("a", daily("09:00-10:00"))]
    found = offer(question(HOUR, *people), at("00:00"), at("23:00"))
    assert found.starts == [at("09:00"), at("10:00")]
    assert found.providers(at("09:00")) == ("b", "a")
    assert found.providers(at("10:00")) == ("b",)
    assert found.providers(at("10:30")) == ()
    assert at("10:00") in found
    assert at("10:30") not in found
    assert found


def test_a_start_hours_away_is_in_nobodys_offer() -> None:
    found = offer(question(HOUR, Diary("a", daily("09:00-10:00"))), at("10:00"), at("11:00"))
    assert not found
    assert found.providers(at("09:00")) == ()


def test_a_needed_resource_must_be_free_for_the_whole_length() -> None:
    device = Diary("device", None, [taken("09:30", "09:40")])
    assert ask(question(HOUR, Diary("a", daily("09:00-11:00")), resources=[Pool([device])])) == ["10:00"]


def test_one_free_unit_of_a_resource_is_enough() -> None:
    units = [Diary("r1", None, [taken("09:00", "11:00")]), Diary("r2", None, [taken("10:00", "11:00")])]
    assert ask(question(HOUR, Diary("a", daily("09:00-11:00")), resources=[Pool(units)])) == ["09:00"]
    assert ask(question(HOUR, Diary("a", daily("09:00-11:00")), resources=[Pool([])])) == []


def test_a_hold_without_provider_blocks_everybody() -> None:
    people = [Diary("a", daily("09:00-11:00")), Diary("b", daily("09:00-11:00"))]
    assert ask(question(HOUR, *people, holds=[held("09:00", "10:00")])) == ["10:00"]
    assert ask(question(HOUR, *people, holds=[held("09:00", "10:00", provider="a")])) == ["09:00", "10:00"]
