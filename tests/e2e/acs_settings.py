"""The product's settings, with call tokens of our own making: no account at Azure is asked, and none would take any."""

from vestibule.settings import *  # noqa: F403  (all but what follows)

CALL_TOKENS = {"acs": "tests.e2e.acs_visit.Minted"}
