"""The consumer that keeps a service's areas in step with the registry's."""

from collections.abc import Sequence

from libs.common.areas import store
from libs.common.contracts.area import AreaData
from libs.common.contracts.envelope import Received
from libs.common.database import Transaction
from libs.common.messaging.consumer import Consumer, Shape


async def on_area_changed(events: Sequence[Received[AreaData]], tx: Transaction) -> None:
    """Latest wins: each event carries the whole unit, so only the newest matters."""
    await store.keep(tx, ((event.version, event.data) for event in events))


def areas_consumer(name: str) -> Consumer:
    """The consumer under its name in the contract, e.g. `reporting.areas`."""
    return Consumer(name, Shape.LATEST_WINS, on_area_changed)
