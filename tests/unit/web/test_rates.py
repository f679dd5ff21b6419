"""Whoever asks too often is told so before anything is asked of the database."""

from datetime import date
from typing import Any

import pytest

from libs.common.clock import FixedDayClock
from libs.common.ids import new_id
from libs.common.security.caller import Caller
from libs.common.security.roles import Role
from libs.common.web import Limits
from libs.common.web.act import Act, Runtime
from libs.common.web.pacing import TooOften
from tests.support.edge import verifier


@pytest.mark.parametrize("alone", [False, True])
async def test_a_rate_is_counted_before_the_caller_s_areas_are_read(alone: bool) -> None:
    no_database: Any = None  # whoever would ask it fails
    runtime = Runtime(
        "registry", no_database, FixedDayClock(date(2022, 6, 1)), verifier(), Limits(per_second=1)
    )
    caller = Caller("officer", frozenset({Role.OFFICER}), ("01882",))
    act = Act(runtime, new_id(), "GET", caller=caller)
    runtime.pace.take(caller.subject, 1, "caller.rate")
    with pytest.raises(TooOften):
        await (act.open_alone(caller) if alone else act.open(caller))
