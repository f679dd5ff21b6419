"""Every statement on loan needs. The head of a need's referral is locked by whoever changes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.vocabulary import CapitalSource, NeedStage
from services.credit.needs.domain import Application, Need
from services.credit.needs.tables import NeedRow, NeedVersion

_STATE = (
    "stage",
    "changed_on",
    "due_on",
    "over_cap",
    "list_id",
    "confirmed_on",
    "is_confirmed",
    "received_on",
    "answered_on",
    "approved_amount",
    "approved_months",
    "reason",
)
_APPLICATION = ("purpose", "amount", "months", "source", "group_id", "applied_on")
_KEYS = ("need_id", "referral_id", "household_id", "version", "commune")
_ROW = (*_KEYS, *_APPLICATION, *_STATE)
_VERSION = ("need_id", "version", "commune", "act", *_STATE, "recorded_at")

_COLUMNS = ", ".join(_ROW)
_READ = f"SELECT {_COLUMNS} FROM need WHERE need_id = ANY($1::uuid[])"
_LIST = f"""
SELECT {_COLUMNS} FROM need
WHERE ($1::text IS NULL OR stage = $1)
  AND ($2::text = '*' OR commune = ANY (string_to_array($2, ',')))
  AND ($3::date IS NULL OR due_on < $3)
  AND ($4::uuid IS NULL OR need_id > $4)
ORDER BY need_id LIMIT $5
"""
_HISTORY = f"SELECT {', '.join(_VERSION)} FROM need_version WHERE need_id = $1 ORDER BY version"
_UPDATE = f"""
UPDATE need SET version = new.version, commune = new.commune,
  {", ".join(f"{name} = new.{name}" for name in _STATE)}
FROM unnest(
  $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::boolean[],
  $8::uuid[], $9::date[], $10::boolean[], $11::date[], $12::date[], $13::bigint[], $14::integer[],
  $15::text[]
) AS new(need_id, version, commune, {", ".join(_STATE)})
WHERE need.need_id = new.need_id
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A need with whose it is and the commune under which that household is recorded."""

    need: Need
    referral_id: UUID
    household_id: UUID
    commune: str


async def read_needs(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Placed]:
    """The needs as they stand; those that are unknown or out of scope are left out."""
    if not ids:
        return {}
    return {row["need_id"]: _placed(row) for row in await tx.fetch(_READ, ids)}


async def find_need(tx: Transaction, need_id: UUID) -> Placed | None:
    return (await read_needs(tx, [need_id])).get(need_id)


async def list_after(
    tx: Transaction,
    *,
    stage: NeedStage | None,
    communes: str,
    due_before: date | None,
    after: UUID | None,
    limit: int,
) -> list[Placed]:
    """A page in id order. `communes` is a scope: codes joined by commas, or `*`."""
    rows = await tx.fetch(_LIST, stage, communes, due_before, after, limit)
    return [_placed(row) for row in rows]


async def list_versions(tx: Transaction, need_id: UUID) -> list[asyncpg.Record]:
    """Every version with its act, oldest first."""
    return await tx.fetch(_HISTORY, need_id)


async def insert_need(tx: Transaction, placed: Placed) -> bool:
    """Whether it was inserted: false where the id is used, be it in areas out of sight."""
    need, asked = placed.need, placed.need.application
    row = (
        need.need_id,
        placed.referral_id,
        placed.household_id,
        need.version,
        placed.commune,
        asked.purpose,
        asked.amount,
        asked.months,
        asked.source,
        asked.group_id,
        asked.applied_on,
        *_state(need),
    )
    inserted = await tx.insert(NeedRow, _ROW, [row], on_conflict="ON CONFLICT (need_id) DO NOTHING")
    return bool(inserted)


async def update_needs(tx: Transaction, needs: Iterable[tuple[Need, str]]) -> None:
    """Write needs as they now stand, each with its commune."""
    rows = [(need.need_id, need.version, commune, *_state(need)) for need, commune in needs]
    if rows:
        await tx.execute(_UPDATE, *zip(*rows, strict=True))


async def insert_versions(tx: Transaction, versions: Iterable[tuple[Need, str, str]]) -> None:
    """Keep needs as they now stand beside what they were: need, commune, act."""
    rows = [
        (need.need_id, need.version, commune, act, *_state(need), tx.recorded_at)
        for need, commune, act in versions
    ]
    await tx.insert(NeedVersion, _VERSION, rows)


def _state(need: Need) -> tuple[object, ...]:
    return tuple(getattr(need, name) for name in _STATE)


def _placed(row: asyncpg.Record) -> Placed:
    application = Application(
        purpose=row["purpose"],
        amount=row["amount"],
        months=row["months"],
        source=CapitalSource(row["source"]),
        group_id=row["group_id"],
        applied_on=row["applied_on"],
    )
    state = {name: row[name] for name in _STATE} | {"stage": NeedStage(row["stage"])}
    need = Need(row["need_id"], row["version"], application, **state)
    return Placed(need, row["referral_id"], row["household_id"], row["commune"])
