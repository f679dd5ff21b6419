"""A capital plan is entered and changed; every version stays."""

from collections.abc import Callable
from dataclasses import replace

from libs.common.database import Transaction
from services.credit.plans import store
from services.credit.plans.domain import Plan


async def record_plan(
    tx: Transaction, wanted: Plan, *, check_version: Callable[[int], None], recorded_by: str
) -> Plan:
    """Enter a plan, or change the one that was read; the same again changes nothing.

    Raises:
        Problem: another version than the caller read.
    """
    if await store.insert_plan(tx, wanted, recorded_by):
        return (await store.lock_plans(tx, [wanted.key]))[wanted.key]
    known = (await store.lock_plans(tx, [wanted.key]))[wanted.key]
    if (known.amount, known.document) == (wanted.amount, wanted.document):
        return known
    check_version(known.version)
    changed = replace(
        known, version=known.version + 1, amount=wanted.amount, document=wanted.document
    )
    await store.update_plan(tx, changed, recorded_by)
    return changed
