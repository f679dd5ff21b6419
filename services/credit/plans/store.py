"""Every statement on capital plans. Lock: the plan's row, by whoever pays out of it."""

from collections.abc import Sequence

import asyncpg

from libs.common.database import Transaction
from libs.common.security.rls import every_programme
from libs.common.vocabulary import CapitalSource
from services.credit.plans.domain import Plan, PlanKey
from services.credit.plans.tables import PlanRow, PlanVersion

_KEY = ("commune", "source", "programme", "year")
# Each payment counts where and when it was paid, wherever the household lives later.
_FIND = """
SELECT plan.commune, plan.source, plan.programme, plan.year, plan.version, plan.amount,
  plan.document, coalesce(paid.amount, 0)::bigint AS disbursed
FROM capital_plan AS plan LEFT JOIN LATERAL (
  SELECT sum(principal) AS amount FROM loan_version
  WHERE act = 'opened' AND commune = plan.commune AND source = plan.source
    AND programme = plan.programme
    AND paid_on >= make_date(plan.year, 1, 1) AND paid_on < make_date(plan.year + 1, 1, 1)
) AS paid ON true
"""
_WANTED = """
unnest($1::text[], $2::text[], $3::text[], $4::integer[])
  AS wanted(commune, source, programme, year)
"""
_READ = f"""
{_FIND} JOIN {_WANTED} USING (commune, source, programme, year)
ORDER BY plan.commune, plan.source, plan.programme, plan.year
"""
_LIST = """
SELECT plan.commune, plan.source, plan.programme, plan.year FROM capital_plan AS plan
WHERE ($1::text = '*' OR plan.commune = ANY (string_to_array($1, ',')))
  AND ($2::integer IS NULL OR plan.year = $2)
  AND ($3::text IS NULL OR (plan.commune, plan.source, plan.programme, plan.year)
                         > ($3, $4::text, $5::text, $6::integer))
ORDER BY plan.commune, plan.source, plan.programme, plan.year LIMIT $7
"""
# Whoever pays holds the plan first and counts after, so that no two spend the same money.
_LOCK = f"""
SELECT 1 FROM capital_plan JOIN {_WANTED} USING (commune, source, programme, year)
ORDER BY commune, source, programme, year FOR UPDATE OF capital_plan
"""
_UPDATE = """
UPDATE capital_plan SET version = $5, amount = $6, document = $7
WHERE commune = $1 AND source = $2 AND programme = $3 AND year = $4
"""


async def lock_plans(tx: Transaction, keys: Sequence[PlanKey]) -> dict[PlanKey, Plan]:
    """The plans of these keys, which nobody else pays out of before this transaction ends; where
    no plan was entered there is none.
    """
    columns = _columns(keys)
    if not await tx.fetch(_LOCK, *columns):
        return {}
    return {plan.key: plan for plan in await _read(tx, columns)}


async def list_after(
    tx: Transaction, *, communes: str, year: int | None, after: PlanKey | None, limit: int
) -> list[Plan]:
    """A page in key order. `communes` is a scope: codes joined by commas, or `*`."""
    place = (None,) * 4 if after is None else tuple(getattr(after, name) for name in _KEY)
    keys = [_key(row) for row in await tx.fetch(_LIST, communes, year, *place, limit)]
    return await _read(tx, _columns(keys))


async def insert_plan(tx: Transaction, plan: Plan, recorded_by: str) -> bool:
    """Whether it was inserted: false where this plan exists."""
    columns = (*_KEY, "version", "amount", "document")
    clause = "ON CONFLICT DO NOTHING"
    if not await tx.insert(PlanRow, columns, [_row(plan)], on_conflict=clause):
        return False
    await _keep_version(tx, plan, recorded_by)
    return True


async def update_plan(tx: Transaction, plan: Plan, recorded_by: str) -> None:
    """Write the locked plan's next version beside the older ones."""
    await tx.execute(_UPDATE, *_row(plan))
    await _keep_version(tx, plan, recorded_by)


async def _keep_version(tx: Transaction, plan: Plan, recorded_by: str) -> None:
    columns = (*_KEY, "version", "amount", "document", "recorded_by", "recorded_at")
    await tx.insert(PlanVersion, columns, [(*_row(plan), recorded_by, tx.recorded_at)])


async def _read(tx: Transaction, columns: Sequence[Sequence[object]]) -> list[Plan]:
    """In key order, with all that was paid out of them, also where who asks sees no loans."""
    async with every_programme(tx):
        return [_plan(row) for row in await tx.fetch(_READ, *columns)]


def _key(row: asyncpg.Record) -> PlanKey:
    return PlanKey(row["commune"], CapitalSource(row["source"]), row["programme"], row["year"])


def _row(plan: Plan) -> tuple[object, ...]:
    place = (getattr(plan.key, name) for name in _KEY)
    return (*place, plan.version, plan.amount, plan.document)


def _columns(keys: Sequence[PlanKey]) -> list[list[object]]:
    return [[getattr(key, name) for key in keys] for name in _KEY]


def _plan(row: asyncpg.Record) -> Plan:
    return Plan(_key(row), row["version"], row["amount"], row["document"], row["disbursed"])
