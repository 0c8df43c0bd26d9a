"""A running live side, as the tests of the sockets have it."""

from tests.web.live.conftest import make_stage, stage

__all__ = ["make_stage", "stage"]
