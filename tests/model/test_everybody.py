"""The whole server against its rules, told a second time: every answer, every mail, every row.

`MODEL_EXAMPLES=1000` (and `MODEL_STEPS`) runs other stories each time, for as long as that takes.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck
from hypothesis import settings as profile
from hypothesis.stateful import run_state_machine_as_test

from tests.model.coming_and_going import Everybody
from tests.support.house import House

EXAMPLES = os.environ.get("MODEL_EXAMPLES")


def test_the_server_keeps_its_rules(house: House) -> None:
    run_state_machine_as_test(
        lambda: Everybody(house),
        settings=profile(
            max_examples=int(EXAMPLES or 16),
            stateful_step_count=int(os.environ.get("MODEL_STEPS") or 50),
            derandomize=EXAMPLES is None,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
