"""Waiting: wake-ups by NOTIFY, growing pauses, and both cut short by the stop signal."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

import asyncio
import contextlib
import logging
import random
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

import asyncpg

from libs.common.messaging.settings import BackoffSettings

log = logging.getLogger(__name__)


class Bell:
    """LISTENs to a channel on a connection of its own and rings the events of those who wait.

    A notification's payload names one of them; without payload all ring. A lost connection is
    made again; until then everyone lives by their poll interval.
    """

    def __init__(self, dsn: str, channel: str) -> None:
        self._dsn = dsn
        self._channel = channel
        self._events: dict[str, asyncio.Event] = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    def event(self, name: str = "") -> asyncio.Event:
        """The event that rings for this name."""
        return self._events.setdefault(name, asyncio.Event())

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen(), name=f"listen-{self._channel}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task:
            await end_tasks([self._task])

    def _ring(self, payload: str) -> None:
        if payload:
            self.event(payload).set()
            return
        for event in self._events.values():
            event.set()

    async def _listen(self) -> None:
        while True:
            lost = asyncio.Event()
            connection: asyncpg.Connection[asyncpg.Record] | None = None
            try:
                connection = await asyncpg.connect(
                    self._dsn, server_settings={"application_name": f"ansinh-{self._channel}"}
                )
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(self._channel, self._heard)
                self._ring("")
                await lost.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("cannot listen to %s: %s", self._channel, type(error).__name__)
            finally:
                if connection is not None and not connection.is_closed():
                    with contextlib.suppress(OSError, asyncpg.PostgresError):
                        await connection.close(timeout=2)
            await asyncio.sleep(1)

    def _heard(self, connection: Any, pid: int, channel: str, payload: object) -> None:
        self._ring(str(payload))


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event rings, at most so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


@contextlib.asynccontextmanager
async def ringing(stop: asyncio.Event, event: asyncio.Event) -> Any:
    """Within, the stop signal rings the event too."""

    async def pass_on() -> None:
        await stop.wait()
        event.set()

    task = asyncio.create_task(pass_on(), name="pass-on-stop")
    try:
        yield
    finally:
        await end_tasks([task])


async def end_tasks(
    tasks: Collection[asyncio.Task[Any]], again_seconds: float = 1.0
) -> list[BaseException | Any]:
    """Cancel tasks until each has ended, and answer their results as `gather` does.

    One cancellation can be lost: aiormq swallows one that comes while it connects, and whoever
    waited for the task then waited for ever.
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=again_seconds)
    return await asyncio.gather(*tasks, return_exceptions=True)


class Backoff:
    """Growing pauses with jitter between attempts at something that is down."""

    def __init__(self, settings: BackoffSettings) -> None:
        self._settings = settings
        self._next = settings.first_seconds

    def reset(self) -> None:
        self._next = self._settings.first_seconds

    async def pause(self, stop: asyncio.Event) -> None:
        """Wait; cut short by the stop signal."""
        seconds = self._next * (0.5 + random.random() / 2)  # noqa: S311
        self._next = min(self._next * 2, self._settings.most_seconds)
        await wait_for(stop, seconds)
