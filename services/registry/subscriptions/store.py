"""Every statement on subscriptions."""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.partners.webhooks import store as webhooks
from services.registry.subscriptions.domain import Kind

_COLUMNS = """
SELECT code, subscription.partner, endpoint_id, endpoint.url, areas, kinds, criteria, starts_at,
       ends_at, subscribed_at, unsubscribed_at
FROM dci_subscription AS subscription JOIN webhook_endpoint AS endpoint USING (endpoint_id)
"""
# One whose endpoint an operator has removed is told no more: it can be subscribed to again.
_OF_PARTNER = f"""
{_COLUMNS} WHERE subscription.partner = $1 AND unsubscribed_at IS NULL
  AND endpoint.state <> 'removed'
"""
_BY_CODES = f"{_COLUMNS} WHERE subscription.partner = $1 AND code = ANY($2::text[])"
_OF_ENDPOINT = f"{_COLUMNS} WHERE endpoint_id = $1"
# Two requests must not both find room for the last subscription, or miss each other's.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('ansinh.dci.subscriptions ' || $1))"
_INSERT = """
INSERT INTO dci_subscription (code, partner, endpoint_id, areas, kinds, criteria, starts_at,
                              ends_at, subscribed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_END = """
UPDATE dci_subscription SET unsubscribed_at = $2
WHERE code = ANY($1::text[]) AND unsubscribed_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a partner is told of, and where.

    Attributes:
        areas: of the token that it came with.
        kinds: of events.
        criteria: `subscribe_criteria` as it was sent, its filter included.
        starts_at, ends_at: only what was recorded between; None: no bound.
    """

    code: str
    partner: str
    endpoint_id: UUID
    url: str
    areas: Sequence[str]
    kinds: frozenset[Kind]
    criteria: Mapping[str, Any]
    starts_at: datetime | None
    ends_at: datetime | None
    subscribed_at: datetime
    unsubscribed_at: datetime | None

    @property
    def is_active(self) -> bool:
        return self.unsubscribed_at is None


def _of(row: asyncpg.Record) -> Subscription:
    given: dict[str, Any] = dict(row)
    return Subscription(**given | {"kinds": frozenset(map(Kind, row["kinds"]))})


async def lock(tx: Transaction, partner: str) -> None:
    """Be the only one who changes the partner's subscriptions, until the transaction ends."""
    await tx.execute(_LOCK, partner)


async def list_of(tx: Transaction, partner: str) -> list[Subscription]:
    """Those that are told now."""
    return [_of(row) for row in await tx.fetch(_OF_PARTNER, partner)]


async def find_all(tx: Transaction, partner: str, codes: Collection[str]) -> list[Subscription]:
    """The partner's own among these codes, also ended ones."""
    return [_of(row) for row in await tx.fetch(_BY_CODES, partner, list(codes))]


async def find_of_endpoint(tx: Transaction, endpoint_id: UUID) -> Subscription | None:
    row = await tx.fetchrow(_OF_ENDPOINT, endpoint_id)
    return None if row is None else _of(row)


async def add(tx: Transaction, partner: str, made: Sequence[Subscription]) -> None:
    """New subscriptions of a partner, told of what is recorded from now on."""
    if not made:
        return
    endpoints = [(one.endpoint_id, one.url) for one in made]
    by = f"partner:{partner}"
    await webhooks.add_without_secrets(tx, partner, endpoints, by, is_of_ledger=True)
    rows = (
        (
            one.code,
            partner,
            one.endpoint_id,
            list(one.areas),
            sorted(one.kinds),
            one.criteria,
            one.starts_at,
            one.ends_at,
            one.subscribed_at,
        )
        for one in made
    )
    await tx.connection.executemany(_INSERT, rows)
    tx.wakes.add("outbox")  # the channel that lanes listen to


async def end(tx: Transaction, subscriptions: Sequence[Subscription]) -> None:
    """Nothing more is told of them; what is on the road just now may still arrive."""
    await tx.execute(_END, [one.code for one in subscriptions], tx.recorded_at)
    await webhooks.remove(tx, *(one.endpoint_id for one in subscriptions))
    tx.wakes.add("outbox")
