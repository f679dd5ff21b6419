"""What is told at an endpoint, and in which words: what a lane has to be given.

A lane plans, claims, sends in order, retries, pauses and probes, whatever it carries. Its cargo
says which of the ledger's rows the endpoint is told of, what a delivery holds at this moment, how
one attempt is written, and what an answer to it means.
"""

from __future__ import annotations  # asyncpg's classes are generic for the type checker only

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

import asyncpg

from libs.common.clock import Clock
from libs.common.database import Transaction
from libs.common.partners import reading
from libs.common.partners.domain import Scope
from libs.common.partners.reading import Shown
from libs.common.partners.webhooks import signing, store
from libs.common.partners.webhooks.keys import PartnerKeys
from libs.common.partners.webhooks.posting import Answer, Attempt, judge
from libs.common.partners.webhooks.settings import PartnerSettings
from libs.common.partners.webhooks.store import Endpoint

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a delivery tells, as the registration of this moment lets it out.

    Attributes:
        seq: the delivery's number at its endpoint.
        message_id: the same in every attempt.
        household_ids, person_ids: whose data it holds, and `purpose` why, for the audit trail.
        write: one attempt, signed for an instant.
        traceparent: of the act behind it, where that is sampled.
    """

    seq: int
    message_id: UUID
    household_ids: tuple[UUID, ...]
    write: Callable[[datetime], Attempt]
    traceparent: str | None = None
    person_ids: tuple[UUID, ...] = ()
    purpose: str | None = None


class Cargo(Protocol):
    """One endpoint's.

    Attributes:
        is_of_ledger: deliveries are planned from the ledger, through `look`; else whoever has
            something to tell has planned it.
        most: deliveries read at a time; how large one may be decides.
    """

    is_of_ledger: bool
    most: int

    async def look(
        self, tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]
    ) -> list[Shown]:
        """Those of the ledger's rows that the endpoint is told of."""
        ...

    async def read(
        self, tx: Transaction, endpoint: Endpoint, scope: Scope, seqs: Sequence[int]
    ) -> Mapping[int, Outgoing]:
        """What is told now of deliveries; absent: nothing any more."""
        ...

    def judge(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        """What an answer means."""
        ...


CargoOf = Callable[[Transaction, Endpoint, PartnerSettings, Clock], Awaitable[Cargo | None]]


class WebhookCargo:
    """Every event in the registration's scope, as CloudEvents JSON by Standard Webhooks."""

    is_of_ledger = True
    most = 256

    def __init__(self, keys: PartnerKeys) -> None:
        self._keys = keys

    async def look(
        self, tx: Transaction, scope: Scope, rows: Sequence[asyncpg.Record]
    ) -> list[Shown]:
        return await reading.view_rows(tx, scope, rows)

    async def read(
        self, tx: Transaction, endpoint: Endpoint, scope: Scope, seqs: Sequence[int]
    ) -> Mapping[int, Outgoing]:
        shown = await self.look(tx, scope, await store.read_events(tx, seqs))
        return {
            one.seq: Outgoing(
                one.seq,
                one.row.event_id,
                (one.household_id,),
                partial(self._write, endpoint, one),
                one.row.traceparent,
            )
            for one in shown
        }

    def _write(self, endpoint: Endpoint, shown: Shown, now: datetime) -> Attempt:
        secrets = self._keys.in_force(endpoint.endpoint_id, endpoint.secrets, now)
        signed = signing.headers(secrets, str(shown.row.event_id), int(now.timestamp()), shown.body)
        return Attempt({**signed, "Content-Type": CONTENT_TYPE}, shown.body)

    def judge(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return judge(status, headers)
