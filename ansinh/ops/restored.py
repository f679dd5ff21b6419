"""`ansinh ops restored`: bring a service that went back to an earlier point in step with the rest.

Part of `ansinh ops restore`; alone it is for restores by other means (point in time, a replica). No
process of the service may run meanwhile; the other services may.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity
from pydantic_core import from_json, to_json

from ansinh.ops.servers import OpsError, Server, connected, keep_account
from ansinh.services import NAMES
from libs.common.contracts.household import HouseholdArea
from libs.common.contracts.referral import ReferralData
from libs.common.database import Transaction
from libs.common.messaging import restoring
from libs.common.messaging.restoring import Peer, Renewal
from libs.common.messaging.topology import queues
from libs.common.security.renumbering import renumber
from services.credit.referrals.pricing import current_price
from services.credit.referrals.restoring import Lost, follow_heads, withdraw_lost
from services.eligibility.cards.restoring import ask_for_lost_answers

_CHUNK = 1000

_CONNECTED = """
SELECT application_name, usename, host(client_addr), count(*) FROM pg_stat_activity
WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'
GROUP BY 1, 2, 3 ORDER BY 1
"""
_REFERRALS_SEEN = """
SELECT DISTINCT ON (referral_id) referral_id, household_id, programme, changed_on
FROM referral_fact WHERE referral_id = ANY($1::uuid[]) ORDER BY referral_id, version DESC
"""
_ENTITLEMENTS = """
SELECT DISTINCT ON (subject) subject, body FROM event_log
WHERE stream = 'entitlement' AND subject = ANY($1::uuid[]) ORDER BY subject, version DESC
"""


async def bring_in_step(
    server: Server,
    service: str,
    *,
    database: str | None = None,
    since: datetime | None = None,
    everything: bool = False,
) -> Renewal:
    """Do all that a restore asks for, in one transaction where it matters; safe to repeat.

    Args:
        server: where the databases are.
        service: the one that was restored.
        database: its name where it is not in its place yet.
        since: ask producers only for what they recorded from then on.
        everything: say every subject again.

    Raises:
        OpsError: processes of the service are connected, or RabbitMQ's queues of what it says have
            consumers.
    """
    name = database or server.database(service)
    async with connected(server.dsn(name)) as owner:
        await refuse_while_connected(owner, name)
        await restoring.begin_notes(owner)
        # Before the cursors: what is worked from now on shows there.
        await _note_broker(owner, server, service)
        for peer in NAMES:
            if peer != service:
                async with connected(server.peer_dsn(peer)) as other:
                    await restoring.note_peer(owner, other, service)
        async with owner.transaction():
            tx = Transaction(owner, datetime.now(UTC))
            await restoring.forget_cluster(owner)
            await restoring.ask_again(tx, service, since)
            if service == "eligibility":
                await ask_for_lost_answers(tx)
            renewal = await restoring.renew(tx, everything=everything)
            if service == "credit":
                await _mend_referrals(tx, server, renewal)
            await keep_account(tx, "write", "ops restored")
        await renumber(owner)
    return renewal


async def refuse_while_connected(connection: Peer, database: str) -> None:
    """Nobody but us may be at work in the database.

    Raises:
        OpsError: naming who is.
    """
    rows = await connection.fetch(_CONNECTED, database)
    if rows:
        who = ", ".join(f"{row[0] or row[1]} ({row[2] or 'local'}): {row[3]}" for row in rows)
        raise OpsError(
            f"Dừng các tiến trình của {database} trước / stop the processes of {database} first: "
            f"{who}"
        )


def lines_about(service: str, renewal: Renewal) -> list[str]:
    """What was done, for people."""
    if renewal.generation is None:
        return [f"{service}: không ai biết nhiều hơn / nobody had seen more than is known here"]
    streams = {stream for stream, _ in renewal.owed} | set(renewal.said)
    lines = [f"{service}: thế hệ phiên bản / generation of versions {renewal.generation}"]
    for stream in sorted(streams):
        owed = sum(key[0] == stream for key in renewal.owed)
        lines.append(
            f"  {stream}: nói lại / said again {renewal.said.get(stream, 0):,}, "
            f"chỉ nơi khác biết / known to others alone {owed:,}"
        )
    if service == "registry" and renewal.owed:
        lines.append(
            "  Các hộ sau đây đã mất, phải đăng ký lại / these are lost and must be registered "
            "again:"
        )
        lines += [f"    {stream} {subject}" for stream, subject in renewal.owed]
    return lines


async def _mend_referrals(tx: Transaction, server: Server, renewal: Renewal) -> None:
    lost = [subject for stream, subject in renewal.owed if stream == "referral"]
    async with (
        connected(server.peer_dsn("reporting")) as reporting,
        connected(server.peer_dsn("eligibility")) as eligibility,
    ):
        for start in range(0, len(lost), _CHUNK):
            chunk = lost[start : start + _CHUNK]
            known = {one.referral_id: one for one in await _as_seen(chunk, reporting, eligibility)}
            for event in await restoring.read_road(tx.connection, "referral", chunk):
                known[event.subject] = _on_road(event.data)
            await withdraw_lost(tx, list(known.values()), current_price())
    await follow_heads(tx)


async def _as_seen(ids: Sequence[UUID], reporting: Peer, eligibility: Peer) -> list[Lost]:
    rows = await reporting.fetch(_REFERRALS_SEEN, ids)
    households = list({row["household_id"] for row in rows})
    areas = {
        row["subject"]: HouseholdArea.model_validate_json(
            to_json(from_json(row["body"])["data"]["area"])
        )
        for row in await eligibility.fetch(_ENTITLEMENTS, households)
    }
    return [
        Lost(**row, area=areas[row["household_id"]]) for row in rows if row["household_id"] in areas
    ]


def _on_road(data: ReferralData) -> Lost:
    return Lost(data.referral_id, data.household_id, data.programme, data.changed_on, data.area)


async def refuse_while_listening(server: Server, service: str) -> None:
    """Nobody may take from RabbitMQ's queues of what the service says.

    What a consumer has taken and not settled yet is neither in the queue, where we look, nor in a
    cursor; the broker does not tell over AMQP how much that is.

    Raises:
        OpsError: naming the queues.
    """
    if not server.amqp_url:
        return
    async with await aio_pika.connect(server.amqp_url) as connection:
        busy = [
            queue.name
            async for queue in _broker_queues(connection, server, service)
            if queue.declaration_result.consumer_count
        ]
    if busy:
        raise OpsError(
            "Dừng các tiến trình consume đang đọc (các dịch vụ khác) trước / stop the consume "
            f"processes that read first (other services'): {', '.join(busy)}"
        )


async def _note_broker(owner: Peer, server: Server, service: str) -> None:
    """Look at what waits in the broker's queues; it stays there."""
    if not server.amqp_url:
        return
    types = restoring.types_of(service)
    await refuse_while_listening(server, service)
    async with await aio_pika.connect(server.amqp_url) as connection:
        async for queue in _broker_queues(connection, server, service):
            while message := await queue.get(no_ack=False, fail=False):
                await restoring.note_messages(owner, [message.body], types)
    await refuse_while_listening(server, service)  # nobody has come in between


async def _broker_queues(
    connection: AbstractConnection, server: Server, service: str
) -> AsyncIterator[AbstractQueue]:
    """The queues that may hold what the service has said, in the order in which messages move on.

    Each on a channel of its own: what is looked at goes back when it closes.
    """
    for listener in restoring.listeners_of(service):
        for name in reversed(queues(server.bus_prefix + listener.queue)):
            async with connection.channel() as channel:
                try:
                    queue = await channel.declare_queue(name, passive=True)
                except ChannelNotFoundEntity:
                    continue
                yield queue
