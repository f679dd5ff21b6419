"""What a stretch of work wrote, read back from the databases, so that a floor can write it again.

A row belongs to the timed part when the transaction that made it is not older than the part's
first. Every row has a writer (the registry's act, or one consumer) and an act: the household and
the stream of the event that brought it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from ansinh.services import NAMES
from libs.common.contracts.catalogue import EVENT_TYPES
from tests.support.servers import admin_dsn, with_database

REGISTRY = "registry.api"
Act = tuple[str, UUID]  # stream and household
Row = tuple[Any, ...]

# Who says a stream, and with which event type while a decision takes effect.
SPEAKERS = {
    "household": REGISTRY,
    "entitlement": "eligibility.entitlements",
    "insurance": "eligibility.insurance",
    "training": "eligibility.training",
    "referral": "credit.referrals",
}
TYPES = {
    "household": "household.status_changed.v1",
    "entitlement": "entitlement.changed.v1",
    "insurance": "insurance.roll_changed.v1",
    "training": "training.offer_changed.v1",
    "referral": "referral.changed.v1",
}
# Who writes a table, and for which stream; None: the row says so itself.
_WRITERS: dict[str, tuple[str, str | None]] = {
    "decision_row": (REGISTRY, "household"),
    "status_period": (REGISTRY, "household"),
    "household_facts": ("eligibility.entitlements", "household"),
    "entitlement": ("eligibility.entitlements", "household"),
    "roll_period": ("eligibility.insurance", "entitlement"),
    "training_offer": ("eligibility.training", "entitlement"),
    "referral_basis": ("credit.referrals", "entitlement"),
    "referral": ("credit.referrals", "entitlement"),
    "referral_version": ("credit.referrals", "entitlement"),
    "household_fact": ("reporting.facts", "household"),
    "effect_fact": ("reporting.effects", None),
    "referral_fact": ("reporting.effects", "referral"),
    "timeline_entry": ("reporting.timeline", None),
}
# Audit and idempotency are no part of the floor; batches are as many as it makes itself. Only large
# decisions have staged rows and progress, and the outbox is empty in the end: the floor does
# without.
_LEFT_OUT = frozenset(
    "audit_line audit_block idempotency_key inbox_batch outbox decision_progress staged_row".split()
)
# Made by the database.
_GENERATED = {("event_log", "seq"), ("event_log", "xact")}

_TABLES = """
SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
       a.attnum = ANY(i.indkey) AS is_key
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum
"""
_PLAIN = {"uuid", "text", "bigint", "integer", "smallint", "boolean", "date", "bytea", "numeric"}


@dataclass
class Table:
    """A table's rows of the timed part, by writer and act.

    Attributes:
        statement: inserts a set of them, replacing what was there before under the same key.
        rows: per writer and act.
    """

    service: str
    name: str
    statement: str
    rows: dict[str, dict[Act, list[Row]]] = field(default_factory=dict)


@dataclass
class Written:
    """All that was written: rows, events' bodies by act, the decision of each household."""

    tables: list[Table] = field(default_factory=list)
    bodies: dict[Act, bytes] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    decision_of: dict[UUID, UUID] = field(default_factory=dict)


async def first_transaction(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """From here on: transactions that begin later have a higher number, in every database."""
    number: int = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
    return number


async def read_written(
    prefix: str, since: int, base_prefix: str, *, only: frozenset[str] | None = None
) -> Written:
    """Read what was written since a transaction.

    Args:
        prefix: of the databases.
        since: the transaction.
        base_prefix: of the databases as they were before.
        only: the writers whose rows are wanted; None for all.
    """
    written = Written()
    acts = await _acts(prefix, since, written)
    for service in NAMES:
        source = await asyncpg.connect(with_database(admin_dsn(), prefix + service))
        base = await asyncpg.connect(with_database(admin_dsn(), base_prefix + service))
        try:
            for name, columns in _by_table(await source.fetch(_TABLES)).items():
                await _read_table(written, (service, name), columns, source, base, since, acts)
        finally:
            await source.close()
            await base.close()
    if only is not None:
        for table in written.tables:
            table.rows = {writer: rows for writer, rows in table.rows.items() if writer in only}
    return written


async def count_written(prefix: str, since: int) -> dict[str, int]:
    """Rows by table, as `Written.counts`."""
    counts = {}
    for service in NAMES:
        connection = await asyncpg.connect(with_database(admin_dsn(), prefix + service))
        try:
            for name in _by_table(await connection.fetch(_TABLES)):
                if name in _LEFT_OUT:
                    continue
                count = await connection.fetchval(
                    f"SELECT count(*) FROM {name} WHERE xmin::text::bigint >= $1", since
                )
                if count:
                    counts[f"{service}.{name}"] = count
        finally:
            await connection.close()
    return counts


async def _acts(prefix: str, since: int, written: Written) -> dict[Any, Act]:
    """The act of every event id and of every (stream, subject); keeps the bodies."""
    acts: dict[Any, Act] = {}
    for service in NAMES:
        connection = await asyncpg.connect(with_database(admin_dsn(), prefix + service))
        try:
            rows = await connection.fetch(
                "SELECT event_id, stream, subject, type, body FROM event_log "
                "WHERE xmin::text::bigint >= $1 ORDER BY seq",
                since,
            )
        finally:
            await connection.close()
        for event_id, stream, subject, event_type, body in rows:
            assert EVENT_TYPES[event_type].name == TYPES[stream], event_type
            household = UUID(json.loads(body)["data"]["household_id"])
            act = (stream, household)
            assert act not in written.bodies, "one event of a stream per household"
            written.bodies[act] = bytes(body)
            acts[event_id] = acts[stream, subject] = act
    return acts


def _by_table(rows: Iterable[asyncpg.Record]) -> dict[str, list[asyncpg.Record]]:
    tables: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        tables.setdefault(row["table"], []).append(row)
    return tables


async def _read_table(
    written: Written,
    place: tuple[str, str],
    columns: list[asyncpg.Record],
    source: "asyncpg.Connection[asyncpg.Record]",
    base: "asyncpg.Connection[asyncpg.Record]",
    since: int,
    acts: Mapping[Any, Act],
) -> None:
    service, name = place
    if name in _LEFT_OUT:
        return
    kept = [c for c in columns if (name, c["column"]) not in _GENERATED]
    selected = ", ".join(_read_as(c["column"], c["type"]) for c in kept)
    rows = await source.fetch(
        f"SELECT {selected} FROM {name} WHERE xmin::text::bigint >= $1 ORDER BY ctid", since
    )
    if not rows:
        return
    key = [c["column"] for c in kept if c["is_key"]]
    before = await _keys(base, name, key) if key else set()
    old: list[asyncpg.Record] = []
    new: list[asyncpg.Record] = []
    for row in rows:
        (old if tuple(str(row[one]) for one in key) in before else new).append(row)
    table = Table(service, name, _statement(name, kept, key if old else []))
    for row in old + new:  # what ends a period comes before what begins the next
        writer, act = _writer(name, row, acts)
        values = tuple(row)
        table.rows.setdefault(writer, {}).setdefault(act, []).append(values)
    if name == "decision_row":
        written.decision_of |= {row["household_id"]: row["decision_id"] for row in rows}
    written.tables.append(table)
    written.counts[f"{service}.{name}"] = len(rows)


async def _keys(
    base: "asyncpg.Connection[asyncpg.Record]", name: str, key: list[str]
) -> set[tuple[str, ...]]:
    return {
        tuple(map(str, row)) for row in await base.fetch(f"SELECT {', '.join(key)} FROM {name}")
    }


def _writer(name: str, row: asyncpg.Record, acts: Mapping[Any, Act]) -> tuple[str, Act]:
    if name == "event_log" or name == "stream_head":
        # A head that was locked, and nothing said, has its subject alone: the household.
        own = acts.get((row["stream"], row["subject"]), (row["stream"], row["subject"]))
        return SPEAKERS[own[0]], (cause_of(own[0]), own[1])
    if name == "inbox":
        return row["consumer"], acts[row["event_id"]]
    if name == "cursor":
        return row["consumer"], acts[row["stream"], row["subject"]]
    if name == "decision":
        return REGISTRY, (name, row["decision_id"])
    writer, stream = _WRITERS[name]
    if name == "timeline_entry":
        return writer, acts[row["event_id"]]
    household = acts["referral", row["referral_id"]][1] if name == "referral_version" else None
    return writer, (stream or row["stream"], household or row["household_id"])


def cause_of(stream: str) -> str:
    """The stream whose event makes its speaker say something in this stream."""
    if stream in ("household", "entitlement"):
        return "household"
    return "entitlement"


def _is_plain(kind: str) -> bool:
    return kind in _PLAIN or kind.startswith(("timestamp", "numeric"))


def _read_as(column: str, kind: str) -> str:
    return column if _is_plain(kind) else f"{column}::text AS {column}"


def _statement(name: str, columns: list[asyncpg.Record], key: list[str]) -> str:
    names = [c["column"] for c in columns]
    arrays = ", ".join(
        f"${place}::{c['type'] if _is_plain(c['type']) else 'text'}[]"
        for place, c in enumerate(columns, 1)
    )
    values = ", ".join(
        c["column"] if _is_plain(c["type"]) else f"{c['column']}::{c['type']}" for c in columns
    )
    listed = ", ".join(names)
    statement = (
        f"INSERT INTO {name} ({listed}) SELECT {values} FROM unnest({arrays}) AS new({listed})"
    )
    if key:
        changes = ", ".join(f"{one} = excluded.{one}" for one in names if one not in key)
        statement += f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    return statement
