"""What the sweep does to running loans: new rates, and the commune that the household moved to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from services.credit.loans import store
from services.credit.loans.domain import Change, relocate, reprice
from services.credit.loans.saving import save
from services.credit.referrals.domain import Price


async def reprice_set(
    tx: Transaction, programme: str, day: date, price: Price, limit: int
) -> tuple[int, int]:
    """How many loans were due for the rates of `day`, and how many changed."""
    terms = price(programme, day)
    ids = await store.list_due_for_rate(tx, programme, day, terms, limit)
    if not ids:
        return 0, 0
    heads = await ledger.lock_heads(tx, store.STREAM, ids)
    known = await store.read_loans(tx, ids)
    changes = [
        change for stored in known.values() if (change := reprice(stored.loan, terms)) is not None
    ]
    await _save(tx, heads, changes, {one: stored.area for one, stored in known.items()})
    return len(ids), len(changes)


async def relocate_set(tx: Transaction, today: date, limit: int) -> int:
    """Bring running loans to the commune of their referral; answers how many were elsewhere."""
    elsewhere = await store.list_elsewhere(tx, limit)
    ids = [entry.loan_id for entry in elsewhere]
    if not ids:
        return 0
    heads = await ledger.lock_heads(tx, store.STREAM, ids)
    known = await store.read_loans(tx, ids)
    areas = {entry.loan_id: entry.area for entry in elsewhere}
    changes = [relocate(known[entry.loan_id].loan, entry.commune, today) for entry in elsewhere]
    await _save(tx, heads, changes, areas, moved=areas)
    await store.move_statements(tx, ids)
    return len(ids)


async def _save(
    tx: Transaction,
    heads: dict[UUID, int],
    changes: Sequence[Change],
    areas: Mapping[UUID, dict[str, Any]],
    moved: Mapping[UUID, dict[str, Any]] | None = None,
) -> None:
    """Each change is an act of its own, so that following one household does not find them all."""
    await save(tx, heads, changes, areas, [new_id() for _ in changes], moved=moved)
