"""The three defences against a repeated effect, each of which a test can take away.

Inbox and cursor: the two functions are replaced by the weakest that fit, which know nothing.
Natural keys: the tables refuse no second row, do not remember the version they stand on, and the
handlers do not see what they wrote before.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from libs.common.contracts.envelope import Received
from libs.common.database import Database, Transaction
from libs.common.ids import new_id
from libs.common.messaging import inbox
from libs.common.messaging.consumer import Consumer
from libs.common.messaging.work import apply
from services.credit.referrals import store as referrals
from services.eligibility.history import History

Event = Received[Any]
# Batches of events: places in the list of an effect's events, from 1.
Batches = Sequence[Sequence[int]]

# The tables in which each room keeps its effects, and what differs between two runs of the same.
TABLES = {
    "areas": ("area_unit", "area_link", "area_count", "area_designation"),
    "entitlements": ("household_facts", "entitlement"),
    "insurance": ("roll_period",),
    "training": ("training_offer",),
    "referrals": ("referral_basis", "referral", "referral_version"),
    "facts": ("household_fact",),
    "effects": ("effect_fact", "referral_fact"),
    "timeline": ("timeline_entry",),
}
_DRAWN = ("recorded_at", "superseded_at", "referral_id")
_ROWS = """
SELECT to_jsonb(kept) - $1::text[], to_jsonb(kept) -> 'superseded_at' <> 'null' FROM {} AS kept
"""
_SAID = "SELECT stream, version, body FROM event_log ORDER BY seq"
# Keys that a statement names in ON CONFLICT stay, as without them it is no statement; for their
# tables the version is forgotten instead.
_KEYS = """
SELECT c.relname AS table, i.relname AS key, o.conname AS constraint
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_class AS c ON c.oid = x.indrelid
LEFT JOIN pg_constraint AS o ON o.conindid = i.oid
WHERE (x.indisunique OR x.indisexclusion) AND c.relname = ANY($1::text[])
  AND i.relname <> ALL('{area_unit_pkey,household_facts_pkey,referral_basis_pkey}'::text[])
"""
_FORGET = {
    "area_unit": "UPDATE area_unit SET version = 0",
    "household_facts": "UPDATE household_facts SET household_version = 0",
    "referral_basis": "UPDATE referral_basis SET entitlement_version = 0",
}
_MESSAGING = ("event_log", "stream_head", "outbox", "inbox", "inbox_batch", "cursor")


@dataclass(frozen=True)
class Defences:
    """Which of the three stand."""

    inbox: bool = False
    cursor: bool = False
    keys: bool = False


NONE = Defences()


@dataclass(frozen=True)
class Outcome:
    """What a run left: rows without what chance and clock gave them, and what was said in turn."""

    rows: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """A consumer, its events, and a database that may have lost its natural keys.

    `keeper` is the owner's hand, which empties tables and makes them forget.
    """

    consumer: Consumer
    events: Sequence[Event]
    database: Database
    keeper: asyncpg.Connection
    has_keys: bool

    @property
    def tables(self) -> tuple[str, ...]:
        return TABLES[self.consumer.name.partition(".")[2]]

    async def outcome(
        self, defences: Defences, batches: Batches, *, under_new_ids: bool = False
    ) -> Outcome:
        """Deliver the batches on empty tables, with only these defences.

        Args:
            defences: those that stand.
            batches: each one transaction.
            under_new_ids: a version that comes again is another event.
        """
        assert defences.keys == self.has_keys
        for table in (*self.tables, *_MESSAGING):
            await self.keeper.execute(f"DELETE FROM {table}")
        seen: set[int] = set()
        with standing(defences):
            for batch in batches:
                events = [self.events[place - 1] for place in batch]
                if under_new_ids:
                    events = [
                        replace(event, event_id=new_id()) if place in seen else event
                        for place, event in zip(batch, events, strict=True)
                    ]
                seen.update(batch)
                await self.deliver(events)
                if not defences.keys:
                    await self.forget_versions()
        return await self.look()

    async def deliver(self, events: Sequence[Event]) -> None:
        """One micro-batch of the library's own algorithm."""
        async with self.database.transaction() as tx:
            await apply(tx, self.consumer, events, received_at=self.database.clock.now())

    async def forget_versions(self) -> None:
        """The tables do not remember which version they stand on."""
        for table in self.tables:
            if table in _FORGET:
                await self.keeper.execute(_FORGET[table])

    async def look(self) -> Outcome:
        """What stands now, and what was said."""
        async with self.database.transaction() as tx:
            rows = [
                json.dumps([table, *record], sort_keys=True, default=str)
                for table in self.tables
                for record in await tx.fetch(_ROWS.format(table), list(_DRAWN))
            ]
            said = [
                json.dumps([row["stream"], row["version"], _data(row["body"])], sort_keys=True)
                for row in await tx.fetch(_SAID)
            ]
        return Outcome(tuple(sorted(rows)), tuple(said))


def _data(body: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(body)["data"]
    return {name: value for name, value in data.items() if name not in _DRAWN}


async def drop_keys(keeper: asyncpg.Connection) -> None:
    """No domain table of this database refuses a second row any more."""
    tables = [table for room in TABLES.values() for table in room]
    for row in await keeper.fetch(_KEYS, tables):
        if row["constraint"]:
            statement = f'ALTER TABLE {row["table"]} DROP CONSTRAINT "{row["constraint"]}"'
        else:
            statement = f'DROP INDEX "{row["key"]}"'
        await keeper.execute(statement)


@contextmanager
def standing(defences: Defences) -> Iterator[None]:
    """Only these defences stand, for as long as the context lasts."""
    with pytest.MonkeyPatch.context() as patch:
        if not defences.inbox:
            patch.setattr(inbox, "receive", _receive_all)
        if not defences.cursor:
            patch.setattr(inbox, "advance", _know_no_version)
        if not defences.keys:
            see_nothing(patch)
        yield


def see_nothing(patch: pytest.MonkeyPatch) -> None:
    """Handlers do not see what they wrote before."""
    read_live = History.read_live.func  # type: ignore[attr-defined]
    blind = property(lambda history: f"{read_live(history)} AND false")
    patch.setattr(History, "read_live", blind)
    patch.setattr(referrals, "list_open_or_paid", _find_none)


async def _receive_all(
    tx: Transaction,
    consumer: str,
    events: Sequence[Event],
    batch_id: UUID,
    received_at: datetime,
) -> tuple[list[Event], set[UUID]]:
    return list(events), set()


async def _know_no_version(
    tx: Transaction, consumer: str, steps: Mapping[inbox.Key, tuple[int, int]], at: datetime
) -> dict[inbox.Key, int]:
    return dict.fromkeys(steps, 0)


async def _find_none(tx: Transaction, households: Sequence[UUID]) -> list[UUID]:
    return []
