"""The sign of life of a process: a small JSON file that `ansinh health` reads.

An API names its readiness address once. The other roles have no address, so they write again and
again what they find: that the file is young says that the event loop turns, and `failing` names
what does not answer.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from libs.common.messaging.pace import wait_for

BEAT_SECONDS = 10.0
Check = Callable[[], Awaitable[bool]]


async def failing(checks: Mapping[str, Check], seconds: float = 3.0) -> list[str]:
    """The names of the checks that say no, fail, or take too long; they are asked side by side."""

    async def ask(check: Check) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await check()
        except Exception:  # whatever it is, the answer is no
            return False

    answers = await asyncio.gather(*(ask(check) for check in checks.values()))
    return [name for name, good in zip(checks, answers, strict=True) if not good]


def name_address(path: Path | None, url: str) -> None:
    """Say where this process answers for itself."""
    if path is not None:
        _write(path, {"url": url})


async def beat(path: Path | None, checks: Mapping[str, Check], stop: asyncio.Event) -> None:
    """Write what the checks find, until `stop`."""
    while path is not None and not stop.is_set():
        _write(path, {"failing": await failing(checks)})
        await wait_for(stop, BEAT_SECONDS)


def _write(path: Path, found: Mapping[str, object]) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(found), encoding="utf-8")
    fresh.replace(path)
