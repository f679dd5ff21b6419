"""What stands in a service's outbox, queues and parking lot, measured every few seconds: the gauges
that alerts are made from. Part of the `tick` role, so that somebody still measures when the role
that would do the work is gone.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from libs.common import telemetry
from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.database import Database
from libs.common.messaging.dead_letters import DEAD_LETTERED
from libs.common.messaging.failures import is_infrastructure
from libs.common.messaging.operations import progress
from libs.common.messaging.pace import wait_for
from libs.common.messaging.transport import Depth, Transport
from libs.common.partners import standing
from libs.common.telemetry import names

log = logging.getLogger(__name__)

EVERY_SECONDS = 15.0
# Of the whole cluster, whoever holds it: other roles' sessions hide theirs from us.
_HORIZON = """
SELECT pg_snapshot_xmin(snapshot)::text::bigint, pg_snapshot_xmax(snapshot)::text::bigint
FROM pg_current_snapshot() AS snapshot
"""


class Horizon:
    """How long the same transaction has held the ledger's horizon, as far as looks have seen it."""

    def __init__(self) -> None:
        self._held: tuple[int, datetime] | None = None

    def look(self, oldest: int, newest: int, now: datetime) -> float:
        """One look; answers the age in seconds.

        Args:
            oldest: the oldest transaction that may still write.
            newest: the first that has not begun when the look was taken.
            now: when that was.
        """
        if oldest >= newest:  # nobody writes
            self._held = None
        elif self._held is None or self._held[0] != oldest:
            self._held = (oldest, now)
        return 0.0 if self._held is None else (now - self._held[1]).total_seconds()


class Waiting:
    """Since when each consumer's queue has held something that no batch of it has reached.

    What lag is, and who else looks for it: `libs.common.messaging.pulse`.
    """

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def look(
        self, depths: Mapping[str, int], finished: Mapping[str, datetime], now: datetime
    ) -> dict[str, float]:
        """One look; answers per consumer the least that it can be behind, in seconds.

        Args:
            depths: what waits.
            finished: when each consumer's last batch was finished.
            now: when the look was taken.
        """
        known, self._since = self._since, {}
        lags = dict.fromkeys(depths, 0.0)
        for name in (name for name, depth in depths.items() if depth):
            since = known.get(name, now)
            self._since[name] = max(since, finished.get(name, since))
            lags[name] = max((now - self._since[name]).total_seconds(), 0.0)
        return lags


async def run_measures(
    database: Database,
    transport: Transport,
    service: str,
    stop: asyncio.Event,
    every_seconds: float = EVERY_SECONDS,
) -> None:
    """Measure until stopped. What does not answer is not measured, and its gauges fall silent."""
    horizon, waiting = Horizon(), Waiting()
    while not stop.is_set():
        try:
            dead = await _measure_database(database, service, horizon)
            await _measure_queues(database, transport, service, waiting, dead)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("%s is not measured: %s", service, type(error).__name__)
        await wait_for(stop, every_seconds)


async def _measure_database(database: Database, service: str, horizon: Horizon) -> Counter[str]:
    """Answers per consumer its parked dead letters: they leave their queue within seconds."""
    async with database.transaction() as tx:
        outbox = await progress.read_outbox(tx)
        parked = await progress.read_parked(tx)
        partners = await standing.read_partners(tx, database.clock.today())
        row = await tx.fetchrow(_HORIZON)
    now = database.clock.now()
    oldest = (now - outbox.oldest_at).total_seconds() if outbox.oldest_at else 0.0
    held = horizon.look(row[0], row[1], now) if row is not None else 0.0
    telemetry.gauge(names.OUTBOX_PENDING, outbox.pending, service=service)
    telemetry.gauge(names.OUTBOX_OLDEST_AGE, max(oldest, 0.0), service=service)
    telemetry.gauge(names.OUTBOX_HELD, outbox.held, service=service)
    telemetry.gauge(names.LEDGER_HORIZON_AGE, held, service=service)
    standing.tell(service, partners, now)
    counts, dead = Counter[str](), Counter[str]()
    for entry in parked:
        counts[entry.consumer] += entry.count + entry.redriven
        if entry.reason == DEAD_LETTERED:
            dead[entry.consumer] += entry.count + entry.redriven
    for name in _consumers(service):
        telemetry.gauge(names.PARKED_COUNT, counts[name], consumer=name)
    return dead


async def _measure_queues(
    database: Database,
    transport: Transport,
    service: str,
    waiting: Waiting,
    dead: Counter[str],
) -> None:
    mine = [SUBSCRIPTIONS[name] for name in _consumers(service)]
    if not mine:
        return
    depths: Mapping[str, Depth] = {}
    try:
        depths = await transport.depths(mine)
    finally:  # what is parked is known without the bus; an unknown queue is not an empty one
        for one in mine:
            depth = depths.get(one.consumer)
            count = dead[one.consumer] + (depth.dead if depth else 0)
            if count or depth:
                telemetry.gauge(names.DEAD_LETTERS, count, consumer=one.consumer)
    now = database.clock.now()
    async with database.transaction() as tx:
        work = await progress.read_work(tx, [one.consumer for one in mine], now)
    finished = {one.consumer: one.last_at for one in work}
    lags = waiting.look({name: depth.waiting for name, depth in depths.items()}, finished, now)
    for name, lag in lags.items():
        telemetry.gauge(names.CONSUMER_LAG, lag, teller="queue", consumer=name)


def _consumers(service: str) -> list[str]:
    return [name for name, entry in SUBSCRIPTIONS.items() if entry.service == service]
