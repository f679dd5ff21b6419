"""F09: the broker says `connection.blocked`: writes are answered, publishes time out."""

import pytest

from libs.common.ids import new_id
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.road import CONSUMERS, Road


@over_rabbitmq
async def test_a_blocked_broker_holds_up_the_relay_alone(
    road: Road, caplog: pytest.LogCaptureFixture
) -> None:
    households = [new_id() for _ in range(20)]
    async with (
        road.running("eligibility.relay", *CONSUMERS),
        road.proxied() as proxy,
        road.running("registry.relay"),
    ):
        await road.say(*households)
        await oracle.settled(road)
        proxy.block()

        async def gave_up() -> bool:
            """Writes do not wait for the broker; the relay's publishes time out."""
            await road.say(*households)
            return "backs off: TransportDown" in caplog.text

        await eventually(gave_up, 30)
        assert await road.outbox() >= len(households)
        proxy.unblock()  # what timed out arrives all the same, and again from the outbox
        await oracle.holds(road)
