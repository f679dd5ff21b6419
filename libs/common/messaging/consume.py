"""The `consume` role: one consumer's loop, its recovery, its graceful end and its watchdog."""

import asyncio
import logging

from libs.common.database import Database
from libs.common.messaging.consumer import Consumer
from libs.common.messaging.failures import is_infrastructure
from libs.common.messaging.pace import Backoff, end_tasks, ringing, wait_for
from libs.common.messaging.probe import probe
from libs.common.messaging.pulse import Lane, Pulse
from libs.common.messaging.settings import ConsumeSettings
from libs.common.messaging.transport import ConsumerLost, Source, Transport, TransportDown
from libs.common.messaging.work import Worker

log = logging.getLogger(__name__)


async def run_consumer(
    database: Database,
    transport: Transport,
    consumer: Consumer,
    stop: asyncio.Event,
    settings: ConsumeSettings | None = None,
    pulse: Pulse | None = None,
) -> None:
    """Consume until stopped; the running batch is finished, what is not begun comes again.

    One batch is in work per call; more throughput is more processes. Where a pulse is given, it
    says whether all this goes on.

    Raises:
        ConsumerLost: the queue has had no consumer for too long; the process should end.
    """
    chosen = settings or ConsumeSettings()
    beating = pulse or Pulse(consumer.name, database.clock)
    async with transport.source(consumer.subscription, database, chosen) as source:
        with beating.lane(chosen) as lane:
            worker = Worker(database, consumer, source, chosen, lane)
            await _consume(database, source, worker, stop, chosen)


async def _consume(
    database: Database,
    source: Source,
    worker: Worker,
    stop: asyncio.Event,
    chosen: ConsumeSettings,
) -> None:
    work = asyncio.create_task(_loop(database, source, worker, stop, chosen), name="work")
    watch = asyncio.create_task(_watch(source, worker.lane, chosen), name="watch")
    beat = asyncio.create_task(_beat(worker.lane, chosen), name="beat")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    tasks = {work, watch, beat, stopped}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            await asyncio.wait({work}, timeout=chosen.drain_seconds)
    finally:
        results = await end_tasks(tasks)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _loop(
    database: Database,
    source: Source,
    worker: Worker,
    stop: asyncio.Event,
    settings: ConsumeSettings,
) -> None:
    backoff = Backoff(settings.backoff)
    async with ringing(stop, source.wake):
        while not stop.is_set():
            source.wake.clear()
            try:
                worked = False
                for replay in (False, True):
                    if not stop.is_set() and source.ready(replay=replay):
                        worked |= await worker.work(replay=replay)
            except Exception as error:
                if not is_infrastructure(error):
                    raise
                log.warning("consumer pauses: %s", type(error).__name__)
                worker.lane.receives(False)
                await source.pause()
                await _recover(database, source, backoff, stop)
                continue
            backoff.reset()
            worker.lane.receives(True)
            if not worked:
                await wait_for(source.wake, settings.poll_seconds)


async def _recover(
    database: Database, source: Source, backoff: Backoff, stop: asyncio.Event
) -> None:
    """Probe the database, then the bus, until both work; no attempt is burnt meanwhile."""
    while not stop.is_set():
        await backoff.pause(stop)
        try:
            await probe(database)
            await source.resume()
            return
        except Exception as error:
            if not is_infrastructure(error):
                raise


async def _beat(lane: Lane, settings: ConsumeSettings) -> None:
    while True:
        await asyncio.sleep(settings.beat_seconds)
        lane.pulse.tell()


async def _watch(source: Source, lane: Lane, settings: ConsumeSettings) -> None:
    misses = 0
    while True:
        await asyncio.sleep(settings.watch_seconds)
        try:
            misses = 0 if await source.has_consumer() else misses + 1
        except TransportDown:
            continue  # the loop is reconnecting by itself
        lane.has_queue = not misses
        if misses >= 2:
            raise ConsumerLost("the queue has no consumer")
