"""A subscriber's own server, what it asks for, and the registry's role `send` beside it."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from libs.common.clock import FixedDayClock
from libs.common.database import Database
from libs.common.dci import partners as dci_partners
from libs.common.dci import signatures
from libs.common.dci.keys import read_public
from libs.common.dci.signatures import Profile
from libs.common.ids import new_id
from libs.common.partners.webhooks.sending import run_send
from libs.common.partners.webhooks.settings import PartnerSettings
from services.registry.transactions import store, work
from services.registry.transactions.cargo import cargo_of
from tests.integration.dci.conftest import DAY, SETTINGS, Registry
from tests.integration.partners.conftest import QUICK
from tests.support.bus import eventually
from tests.support.dci import OUR_ID, OURS, THEIR_ID, a_header, public_keys
from tests.support.receiver import Receiver, Reply, Sent, receiving

CLOCK = FixedDayClock(DAY)
JSON = (("Content-Type", "application/json"),)


NOW = datetime.now(UTC).isoformat()
UIN = {"type": "UIN", "value": "TEST-001"}
EXPRESSION = {
    "type": "ns:org:QueryType:expression",
    "value": {"expression": {"collection": "Group", "query": {"group_size": {"$lt": 5}}}},
}
PREDICATE = [
    {
        "seq_num": 1,
        "expression1": {"attribute_name": "age", "operator": "lt", "attribute_value": "25"},
        "condition": "and",
        "expression2": {
            "attribute_name": "group_size",
            "operator": "ge",
            "attribute_value": "1",
        },
    }
]
Message = dict[str, Any]


def envelope(action: str, message: Message, count: int = 1, **header: Any) -> Message:
    return {"header": a_header(action, total_count=count, **header), "message": message}


def a_subscription(event: str = "UPDATE", given: Any = EXPRESSION, **changed: Any) -> Message:
    """One item of a subscribe request."""
    criteria = {"reg_event_type": event, "filter": given, "notify_record_type": "Group"}
    return {
        "reference_id": f"ref-{event}",
        "timestamp": NOW,
        "subscribe_criteria": criteria | changed,
    }


def a_subscribe(*items: Message, **header: Any) -> Message:
    message = {"transaction_id": "txn-sub", "subscribe_request": list(items)}
    return envelope("subscribe", message, len(items), **header)


def an_unsubscribe(*codes: str, **header: Any) -> Message:
    message = {"transaction_id": "txn-un", "timestamp": NOW, "subscription_codes": list(codes)}
    return envelope("unsubscribe", message, len(codes), **header)


def a_status(value: Any, attribute: str = "transaction_id", **header: Any) -> Message:
    asked = {
        "reference_id": "ref-st",
        "txn_type": "search",
        "attribute_type": attribute,
        "attribute_value": value,
    }
    message = {"transaction_id": "txn-st", "txnstatus_request": asked}
    return envelope("txn-status", message, **header)


def correlation(answer: httpx.Response) -> str:
    """Of an Ack that says that the answer follows."""
    assert answer.status_code in (200, 202), answer.text
    message = answer.json()["message"]
    assert message["ack_status"] == "ACK", message
    assert set(message) == {"ack_status", "timestamp", "correlation_id"}
    return str(message["correlation_id"])


def is_refused(answer: httpx.Response) -> bool:
    """By a 4xx in the standard's shape, or an Ack ERR."""
    body = answer.json()
    if answer.status_code >= 400:
        return bool(body["errors"]) and all({"code", "message"} <= set(e) for e in body["errors"])
    return bool(body["message"]["ack_status"] == "ERR" and body["message"]["error"]["code"])


def without(message: Message, *path: str | int) -> Message:
    """A copy without one value."""
    whole = copy.deepcopy(message)
    inner: Any = whole
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    return whole


def with_value(message: Message, value: Any, *path: str | int) -> Message:
    """A copy with another value."""
    whole = copy.deepcopy(message)
    inner: Any = whole
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return whole


def fresh(message: Message) -> Message:
    """The same under a message id of its own."""
    return with_value(message, f"m-{new_id()}", "header", "message_id")


def acks(status: str = "ACK", **error: Any) -> Reply:
    """An Ack of the subscriber's."""
    body: dict[str, Any] = {
        "ack_status": status,
        "timestamp": datetime.now(UTC).isoformat(),
        "correlation_id": "theirs",
    }
    if error:
        body["error"] = error
    return Reply(200, JSON, json.dumps({"message": body}).encode())


ACK = acks()


@dataclass(frozen=True)
class Subscriber:
    """The partner's server.

    Attributes:
        base: the beginning of its addresses.
    """

    registry: Registry
    receiver: Receiver
    worker: Database

    @property
    def base(self) -> str:
        parts = urlsplit(self.receiver.url)
        return f"{parts.scheme}://{parts.netloc}/dci"

    def uri(self, tail: str) -> str:
        return f"{self.base}/registry/{tail}"

    async def got(self, tail: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait for so many envelopes at an address; answers all that were accepted there."""

        async def is_there() -> bool:
            return len(self.accepted(tail)) >= count

        await eventually(is_there)
        return self.accepted(tail)

    def accepted(self, tail: str) -> list[dict[str, Any]]:
        return [one.event for one in self.receiver.accepted if one.path.endswith(f"/{tail}")]

    async def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        async with self.worker.transaction() as tx:
            return [dict(row) for row in await tx.fetch(sql, *values)]

    async def deliveries(self, state: str = "%") -> list[dict[str, Any]]:
        """Those to this server in a state."""
        return await self.rows(
            "SELECT one.stream, one.subject, one.last_error FROM webhook_delivery AS one "
            "JOIN webhook_endpoint AS at USING (endpoint_id) "
            "WHERE starts_with(at.url, $1) AND one.state LIKE $2 ORDER BY one.seq",
            self.base.removesuffix("/dci"),
            state,
        )

    async def has(self, count: int, state: str, stream: str = "household") -> None:
        """Wait for exactly so many deliveries in a state."""

        async def is_so() -> bool:
            found = await self.deliveries(state)
            return len([one for one in found if one["stream"] == stream]) == count

        await eventually(is_so)


@asynccontextmanager
async def subscriber(
    registry: Registry,
    behaviour: Callable[[Sent], Reply] = lambda sent: ACK,
    partner: str = "nhcsxh",
) -> AsyncIterator[Subscriber]:
    """A server whose addresses are registered."""
    async with receiving(behaviour) as receiver, registry.database.as_worker(CLOCK) as worker:
        found = Subscriber(registry, receiver, worker)
        async with registry.database.as_api() as api, api.transaction() as tx:
            known = await dci_partners.find(tx, partner)
            assert known is not None
            terms = replace(known.terms, callback_urls=(found.base,))
            await dci_partners.keep(tx, known.registration, known.version + 1, terms, "test")
        yield found


@asynccontextmanager
async def sending(
    subscriber: Subscriber, settings: PartnerSettings | None = None
) -> AsyncIterator[None]:
    """The role `send`, for as long as it runs."""
    partners = settings or replace(SETTINGS, webhooks=QUICK)
    stop = asyncio.Event()

    async def answer() -> None:
        while not stop.is_set():
            await work.run_requests(subscriber.worker, CLOCK, partners)
            await asyncio.sleep(0.02)

    tasks = [
        asyncio.create_task(run_send(subscriber.worker, "registry", partners, stop, cargo_of)),
        asyncio.create_task(answer()),
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def verify(envelope: dict[str, Any], profile: Profile = Profile.HTTP_UTF8) -> None:
    """It is ours, signed over what arrived."""
    now = datetime.now(UTC)
    signatures.verify(
        profile,
        envelope["signature"],
        signatures.canonical_bytes(profile, envelope["header"], envelope.get("message")),
        keys=read_public(public_keys(OURS)),
        sender_id=OUR_ID,
        sent_at=now - timedelta(seconds=1),
        now=int(now.timestamp()),
    )


def check_callback(
    found: Message, action: str, txn: str, correlation_id: str, status: str = "succ"
) -> None:
    verify(found)
    header = found["header"]
    assert (header["action"], header["status"]) == (action, status)
    assert (header["sender_id"], header["receiver_id"]) == (OUR_ID, THEIR_ID)
    assert header["total_count"] == header["completed_count"]
    assert found["message"]["transaction_id"] == txn
    assert found["message"]["correlation_id"] == correlation_id


async def check_forgetting(partner: Subscriber, request_id: str) -> None:
    """What was asked for stays while its answer is on its way, for thirty days, and no longer than
    its endpoint."""
    removed = "UPDATE webhook_endpoint SET state = 'removed'"
    for days, act, is_left in ((-30, "SELECT", True), (-30, removed, False), (1, "SELECT", False)):
        with suppress(RuntimeError):
            async with partner.worker.transaction() as tx:
                await tx.execute(act)
                await store.forget_asked(tx, tx.recorded_at + timedelta(days=days))
                sql = "SELECT asked <> '{}' FROM dci_request WHERE request_id = $1"
                assert await tx.fetchval(sql, UUID(request_id)) == is_left
                raise RuntimeError("undo")


@dataclass(frozen=True)
class LaterClock(FixedDayClock):
    """Now, and a while more."""

    more: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.more


def a_callback(action: str, message: Message | None, **header: Any) -> Message:
    """What another registry sends."""
    whole: Message = {"header": a_header(action, **({"status": "succ"} | header))}
    return whole if message is None else whole | {"message": message}
