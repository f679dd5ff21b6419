"""What is answered later: kept with its Ack, worked once, told until it has arrived."""

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.integration.dci.asynchronous import sending, subscriber, verify
from tests.integration.dci.conftest import Registry
from tests.support.dci import OUR_ID, THEIR_ID, a_header, a_search, an_item

UIN = {"type": "UIN", "value": "TEST-001"}
NOW = datetime.now(UTC).isoformat()


def correlation(answer: httpx.Response) -> str:
    """Of an Ack."""
    assert answer.status_code in (200, 202), answer.text
    message = answer.json()["message"]
    assert message["ack_status"] == "ACK", message
    assert set(message) == {"ack_status", "timestamp", "correlation_id"}
    return str(message["correlation_id"])


async def test_search(registry: Registry) -> None:
    async with subscriber(registry) as partner, sending(partner):
        envelope = a_search(an_item(UIN), sender_uri=partner.uri("on-search"))
        asked = correlation(await registry.post(envelope, "search"))
        [found] = await partner.got("on-search")
        verify(found)
        assert found["message"]["correlation_id"] == asked
