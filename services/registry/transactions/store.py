"""Every statement on requests that are answered later, and on their callbacks' way."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.partners.webhooks import store as webhooks

CALLBACKS = "dci"  # the stream of their deliveries
_KEEP = """
INSERT INTO dci_request (request_id, partner, action, transaction_id, reference_ids, areas,
                         reply_to, asked, state, outcome, attempts, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'rcvd', '{}', 0, $9)
"""
_WAITING = """
SELECT count(*) FROM (
  SELECT FROM dci_request WHERE partner = $1 AND state IN ('rcvd', 'pdng') LIMIT $2) AS waiting
"""
# The oldest that was tried least, of the partner who has waited longest: neither one that keeps
# failing nor one who asks a lot holds up the others.
_BEGIN = """
UPDATE dci_request SET state = 'pdng', attempts = attempts + 1
WHERE request_id = (
  SELECT request_id FROM dci_request AS one WHERE state IN ('rcvd', 'pdng')
  ORDER BY attempts,
    (SELECT max(settled_at) FROM dci_request AS two WHERE two.partner = one.partner) NULLS FIRST,
    received_at
  LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING request_id
"""
# Another job may have taken it up in between: leave it to that one.
_LOCK = """
SELECT request_id, partner, action, transaction_id, reference_ids, areas, reply_to, asked,
       attempts
FROM dci_request WHERE request_id = $1 AND state = 'pdng' FOR NO KEY UPDATE SKIP LOCKED
"""
_FINISH = """
UPDATE dci_request SET state = $2, outcome = $3, settled_at = $4 WHERE request_id = $1
"""
# Two jobs may answer the same partner for the first time: one of them makes its endpoint.
_LOCK_PARTNER = "SELECT pg_advisory_xact_lock(hashtext('ansinh.dci.origins ' || $1))"
_ORIGIN = """
SELECT endpoint_id FROM dci_origin JOIN webhook_endpoint USING (endpoint_id)
WHERE dci_origin.partner = $1 AND origin = $2 AND state <> 'removed'
"""
_ADD_ORIGIN = """
INSERT INTO dci_origin (partner, origin, endpoint_id) VALUES ($1, $2, $3)
ON CONFLICT (partner, origin) DO UPDATE SET endpoint_id = excluded.endpoint_id
"""
_IS_ORIGIN = "SELECT true FROM dci_origin WHERE endpoint_id = $1"
_REPLY = """
INSERT INTO dci_reply (request_id, endpoint_id, path) VALUES ($1, $2, $3) RETURNING seq
"""
_REPLIES = """
SELECT reply.seq, reply.path, request.request_id, request.partner, request.action,
       request.transaction_id, request.areas, request.asked, request.state, request.outcome
FROM dci_reply AS reply JOIN dci_request AS request USING (request_id)
WHERE reply.seq = ANY($1::bigint[]) AND reply.endpoint_id = $2
"""
_KNOWN = """
SELECT request_id, transaction_id, action, state, reference_ids, outcome, received_at
FROM dci_request WHERE partner = $1 AND action = ANY($2::text[]) AND {which}
ORDER BY received_at DESC LIMIT 1
"""
# A newer request may have taken up the id of an older one; the newest is meant.
_BY = {
    "transaction_id": _KNOWN.format(which="transaction_id = $3"),
    "correlation_id": _KNOWN.format(which="request_id::text = $3"),
    "reference_id_list": _KNOWN.format(which="reference_ids @> $3::text[]"),
}
_PURGE_REPLIES = """
DELETE FROM dci_reply WHERE seq = ANY (ARRAY(
  SELECT reply.seq FROM dci_reply AS reply JOIN dci_request AS request USING (request_id)
  WHERE request.settled_at < $1
  LIMIT 10000))
"""
# What was searched for may be an identity number: nobody needs it once the answer has arrived, can
# arrive no more, or is too late.
_FORGET_ASKED = """
UPDATE dci_request SET asked = '{}' WHERE request_id = ANY (ARRAY(
  SELECT request_id FROM dci_request AS request
  WHERE asked <> '{}' AND settled_at IS NOT NULL AND (settled_at < $1 OR NOT EXISTS (
    SELECT FROM dci_reply AS reply JOIN webhook_delivery AS one USING (endpoint_id, seq)
      JOIN webhook_endpoint AS place USING (endpoint_id)
    WHERE reply.request_id = request.request_id AND one.state IN ('pending', 'failed')
      AND place.state <> 'removed'))
  LIMIT 10000))
"""
_PURGE = """
DELETE FROM dci_request WHERE request_id = ANY (ARRAY(
  SELECT request_id FROM dci_request AS request WHERE settled_at < $1
    AND NOT EXISTS (SELECT FROM dci_reply WHERE dci_reply.request_id = request.request_id)
  LIMIT 10000))
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One that was acknowledged and is not settled yet.

    Attributes:
        request_id: the correlation id that it was acknowledged with.
        areas: of the token that it came with.
        asked: its message, as received.
        attempts: how often a job has taken it up.
    """

    request_id: UUID
    partner: str
    action: str
    transaction_id: str
    reference_ids: Sequence[str]
    areas: Sequence[str]
    reply_to: str
    asked: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Known:
    """What may be said of a request to whoever sent it."""

    request_id: UUID
    transaction_id: str
    action: str
    state: str
    reference_ids: Sequence[str]
    outcome: Mapping[str, Any]
    received_at: datetime


async def keep(
    tx: Transaction,
    request_id: UUID,
    partner: str,
    action: str,
    transaction_id: str,
    reference_ids: Sequence[str],
    areas: Sequence[str],
    reply_to: str,
    asked: Mapping[str, Any],
) -> None:
    """Keep a request in the transaction of its acknowledgement."""
    given = (partner, action, transaction_id, list(reference_ids), list(areas), reply_to, asked)
    await tx.execute(_KEEP, request_id, *given, tx.recorded_at)


async def count_waiting(tx: Transaction, partner: str, most: int) -> int:
    """How many of the partner's requests are not settled, up to so many."""
    return int(await tx.fetchval(_WAITING, partner, most))


async def begin(tx: Transaction) -> UUID | None:
    """Note that the next one is being worked; None: there is none."""
    found: UUID | None = await tx.fetchval(_BEGIN)
    return found


async def lock(tx: Transaction, request_id: UUID) -> Request | None:
    """The request, until the transaction ends; None: another job has it, or has had it."""
    row = await tx.fetchrow(_LOCK, request_id)
    return None if row is None else Request(**dict(row))


async def finish(tx: Transaction, request_id: UUID, state: str, outcome: Mapping[str, Any]) -> None:
    await tx.execute(_FINISH, request_id, state, outcome, tx.recorded_at)


async def is_origin(tx: Transaction, endpoint_id: UUID) -> bool:
    """Whether callbacks go to the endpoint."""
    return bool(await tx.fetchval(_IS_ORIGIN, endpoint_id))


async def plan_reply(tx: Transaction, request: Request, origin: str, path: str) -> None:
    """Note that the request has a callback to come, through its partner's endpoint there."""
    await tx.execute(_LOCK_PARTNER, request.partner)
    endpoint_id: UUID | None = await tx.fetchval(_ORIGIN, request.partner, origin)
    if endpoint_id is None:
        endpoint_id = new_id()
        by = f"partner:{request.partner}"
        made = [(endpoint_id, f"{origin}/")]
        await webhooks.add_without_secrets(tx, request.partner, made, by, is_of_ledger=False)
        await tx.execute(_ADD_ORIGIN, request.partner, origin, endpoint_id)
    seq = int(await tx.fetchval(_REPLY, request.request_id, endpoint_id, path))
    row = (seq, request.request_id, CALLBACKS, request.request_id, tx.recorded_at)
    await webhooks.plan(tx, endpoint_id, None, [row])
    tx.wakes.add("outbox")  # the channel that lanes listen to


async def read_replies(
    tx: Transaction, endpoint_id: UUID, seqs: Sequence[int]
) -> list[asyncpg.Record]:
    """What was asked and what came of it, for callbacks through an endpoint."""
    return await tx.fetch(_REPLIES, list(seqs), endpoint_id)


async def find(
    tx: Transaction, partner: str, actions: Sequence[str], attribute: str, value: str | list[str]
) -> Known | None:
    """The newest of the partner's own requests by an attribute; None: it has none such.

    Args:
        attribute: `transaction_id`, `correlation_id` or `reference_id_list`.
    """
    row = await tx.fetchrow(_BY[attribute], partner, list(actions), value)
    return None if row is None else Known(**dict(row))


async def forget_asked(tx: Transaction, before: datetime) -> int:
    """Forget what was asked for where the answer has arrived or its endpoint was removed, and
    whatever was settled before; answers how many, bounded.
    """
    return await tx.execute(_FORGET_ASKED, before)


async def purge(tx: Transaction, before: datetime) -> int:
    """Forget what was settled before, arrived or not; answers how many rows, bounded."""
    return await tx.execute(_PURGE_REPLIES, before) + await tx.execute(_PURGE, before)
