"""Two sides that changed one appointment come to agree, whatever each of them did."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from vestibule.booking.outside.deciding import CANCELLED, PARTS, SETTLED, Agreed, Standing, Verdict, decide

VISIT = Standing(600, 630, "visit", ("ada",), "Cleo", "cleo@example.org", "+41795550111")
BOTH = Agreed(VISIT, VISIT)
standings = st.builds(
    Standing,
    start=st.sampled_from([600, 660]),
    end=st.sampled_from([690, 720]),
    service=st.sampled_from(["visit", "talk"]),
    staff=st.sampled_from([("ada",), ("bo",), ("ada", "bo")]),
    name=st.sampled_from(["Cleo", "Cleo B"]),
    email=st.sampled_from(["", "cleo@example.org"]),
    phone=st.sampled_from(["", "+41795550111"]),
)
sides = st.none() | standings


def test_what_only_we_changed_is_brought_there() -> None:
    assert decide(BOTH, replace(VISIT, start=660), VISIT) == Verdict(there=frozenset({"time"}))


def test_what_only_they_changed_is_brought_here() -> None:
    assert decide(BOTH, VISIT, replace(VISIT, name="Cleo Baumann")) == Verdict(here=frozenset({"name"}))


def test_different_things_changed_on_both_sides_are_both_kept() -> None:
    verdict = decide(BOTH, replace(VISIT, start=660), replace(VISIT, phone="+41795550222"))
    assert verdict == Verdict(there=frozenset({"time"}), here=frozenset({"phone"}))


def test_theirs_wins_where_both_moved_it() -> None:
    verdict = decide(BOTH, replace(VISIT, start=660), replace(VISIT, start=720))
    assert verdict == Verdict(here=frozenset({"time"}), lost=frozenset({"time"}))


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    moved = replace(VISIT, start=660)
    assert decide(BOTH, moved, moved) == SETTLED


def test_cancelled_there_beats_moved_here() -> None:
    assert decide(BOTH, replace(VISIT, start=660), None) == Verdict(ends_here=True, lost=frozenset({CANCELLED}))


def test_cancelled_here_beats_moved_there() -> None:
    assert decide(BOTH, None, replace(VISIT, start=660)) == Verdict(ends_there=True, lost=frozenset({CANCELLED}))


def test_cancelled_on_one_side_alone_is_no_conflict() -> None:
    assert decide(BOTH, None, VISIT) == Verdict(ends_there=True)
    assert decide(BOTH, VISIT, None) == Verdict(ends_here=True)


def test_a_name_that_they_write_in_their_own_way_is_no_change() -> None:
    there = replace(VISIT, name="CLEO", phone="0041 79 555 01 11")
    assert decide(Agreed(VISIT, there), VISIT, there) == SETTLED


def test_ids_are_the_same_in_any_case() -> None:
    assert decide(BOTH, VISIT, replace(VISIT, service="VISIT", staff=("ADA",))) == SETTLED


@given(here=standings, there=standings, ours=sides, theirs=sides)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_done_once_there_is_nothing_left_to_do(
    here: Standing, there: Standing, ours: Standing | None, theirs: Standing | None
) -> None:
    verdict = decide(Agreed(here, there), ours, theirs)
    ours, theirs = done(verdict, ours, theirs)
    assert decide(Agreed(ours, theirs), ours, theirs) == SETTLED
    assert (ours is None) == (theirs is None)


@given(agreed=standings, ours=sides, theirs=sides)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_both_sides_end_up_equal_and_no_change_is_lost_in_silence(
    agreed: Standing, ours: Standing | None, theirs: Standing | None
) -> None:
    verdict = decide(Agreed(agreed, agreed), ours, theirs)
    after, after_there = done(verdict, ours, theirs)
    if after is None or after_there is None:
        assert after is after_there is None
        assert ours is None or theirs is None
        return
    assert ours is not None
    assert theirs is not None
    for part in PARTS:
        assert after.part(part) == after_there.part(part)
        if agreed.part(part) != ours.part(part) and after.part(part) != ours.part(part):
            assert part in verdict.lost


@given(standing=standings, agreed=standings)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_what_is_stored_is_read_back_as_it_was(standing: Standing, agreed: Standing) -> None:
    assert Agreed.read(Agreed(standing, None).stored()) == Agreed(standing, None)
    assert Agreed.read(Agreed(agreed, standing).stored()) == Agreed(agreed, standing)
    assert Agreed.read({}) == Agreed(None, None)


def done(verdict: Verdict, ours: Standing | None, theirs: Standing | None) -> tuple[Standing | None, Standing | None]:
    """Both sides once each has done what was decided."""
    if verdict.ends_here or verdict.ends_there:
        return None, None
    if ours is None or theirs is None:
        return ours, theirs
    return taking(ours, theirs, verdict.here), taking(theirs, ours, verdict.there)


def taking(one: Standing, other: Standing, parts: frozenset[str]) -> Standing:
    for part in parts:
        names = ("start", "end", "staff") if part == "time" else (part,)
        one = replace(one, **{name: getattr(other, name) for name in names})
    return one
