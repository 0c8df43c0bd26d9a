"""What holds for every scenario, whatever its rules."""

from hypothesis import given, settings

from tests.scheduling import oracle, worlds
from tests.scheduling.worlds import Json
from vestibule.scheduling.scenarios import read_scenario


@given(worlds.scenarios())
@settings(deadline=None)
def test_the_engine_agrees_with_a_literal_reading_of_the_contract(world: Json) -> None:
    assert read_scenario(world).slots() == oracle.slots(world)
