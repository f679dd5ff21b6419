"""F09: the broker says `connection.blocked`: writes are answered, publishes time out."""

import asyncio
from dataclasses import replace

import aio_pika
import pytest

from libs.common.contracts.catalogue import SUBSCRIPTIONS
from libs.common.contracts.household import CHANGED
from libs.common.ids import new_id
from libs.common.messaging.transport import Message, TransportDown
from libs.common.messaging.transports import rabbitmq
from tests.reliability.conftest import over_rabbitmq
from tests.support import oracle
from tests.support.bus import eventually
from tests.support.parts import BROKER
from tests.support.road import CONSUMERS, TIMELINE, Road


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

        await eventually(gave_up)
        assert await road.outbox() >= len(households)
        proxy.unblock()  # what timed out arrives all the same, and again from the outbox
        await oracle.holds(road)


@over_rabbitmq
async def test_copies_and_replays_are_given_up_and_sent_again(road: Road) -> None:
    """They are sent inside a transaction, which must not stay open as long as the block lasts."""
    queue = road.prefix + SUBSCRIPTIONS[TIMELINE].queue
    async with road.proxied() as proxy:
        # A broker in alarm hears no heartbeats and does not mind.
        patient = replace(BROKER, heartbeat_seconds=60)
        transport = rabbitmq.connect(road.amqp_url, road.prefix, patient)

        async def send() -> bool:
            """Whether the broker took it."""
            try:
                await transport.send_direct(queue, [Message(CHANGED, b"[]", 1)])
            except TransportDown:
                return False
            return True

        async def given_up() -> bool:
            return not await send()

        assert await send()
        proxy.block()
        await eventually(given_up)
        proxy.unblock()
        await eventually(send)
        await transport.close()


@over_rabbitmq
async def test_callers_at_once_share_one_channel(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = road.prefix + SUBSCRIPTIONS[TIMELINE].queue
    opened = list[bool]()
    original = aio_pika.Connection.channel

    def counted(self: aio_pika.Connection, **which: bool) -> aio_pika.abc.AbstractChannel:
        opened.append(True)
        return original(self, **which)

    monkeypatch.setattr(aio_pika.Connection, "channel", counted)
    transport = rabbitmq.connect(road.amqp_url, road.prefix, BROKER)
    message = Message(CHANGED, b"[]", 1)
    await asyncio.gather(*(transport.send_direct(queue, [message]) for _ in range(5)))
    await transport.close()
    assert len(opened) == 1
