"""How the demo lets a day come: the daily sweep of what time alone changes."""

import asyncio
from datetime import date
from typing import Any

from ansinh.demo.client import Client
from libs.common.security.roles import Role

_POLL_SECONDS = 0.1


async def sweep_to(client: Client, day: date) -> Any:
    """Have the law's day reach `day` everywhere; answers eligibility's sweep, finished."""
    first: Any = None
    for service in ("eligibility", "credit"):
        sweeps = f"/{service}/internal/v1/sweeps"
        sweep = await client.post(Role.OPERATOR, sweeps, {"day": day.isoformat()})
        while sweep["finished_at"] is None:
            await asyncio.sleep(_POLL_SECONDS)
            sweep = await client.get(Role.OPERATOR, f"{sweeps}/{day.isoformat()}")
        first = first or sweep
    return first
