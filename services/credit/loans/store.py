"""Every statement on loans. Locks: heads, then own rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.security.rls import every_programme
from libs.common.vocabulary import CapitalSource, LoanState
from services.credit.loans.domain import Buckets, Change, Loan, Statement
from services.credit.loans.tables import LoanRow, LoanStatement, LoanVersion
from services.credit.referrals.domain import OfferedTerms

STREAM = "loan"

_BUCKETS = (
    "balance_in_term",
    "balance_overdue",
    "balance_frozen",
    "interest_in_term",
    "interest_overdue",
    "interest_frozen",
)
_FIXED = ("programme", "source", "principal", "paid_on", "months", "first_due_on")
_MOVING = (
    "state",
    "due_on",
    *_BUCKETS,
    "balance_on",
    "yearly_rate",
    "overdue_rate",
    "rate_on",
    "rate_document",
    "frozen_from",
    "frozen_until",
    "check_due_on",
    "checked_on",
    "is_used_as_agreed",
    "changed_on",
)
_STATE = (*_FIXED, *_MOVING)
_IDS = ("referral_id", "need_id", "household_id")
_ROW = ("loan_id", *_IDS, "version", "commune", *_STATE, "area", "contract_number", "asked")
_VERSION = (
    "loan_id",
    "version",
    "commune",
    "act",
    "document",
    *_STATE,
    "correlation_id",
    "recorded_at",
)
_STATEMENT = ("loan_id", "month_end", "commune", *_BUCKETS, "recorded_by", "recorded_at")

_READ = f"SELECT {', '.join(_ROW)} FROM loan WHERE loan_id = ANY($1::uuid[])"
_OF_REFERRALS = f"SELECT {', '.join(_ROW)} FROM loan WHERE referral_id = ANY($1::uuid[])"
_LIST = f"""
SELECT {", ".join(_ROW)} FROM loan
WHERE ($1::text IS NULL OR programme = $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::text = '*' OR commune = ANY (string_to_array($3, ',')))
  AND ($4::uuid IS NULL OR household_id = $4)
  AND ($5::date IS NULL OR (checked_on IS NULL AND check_due_on < $5
                            AND state NOT IN ('closed', 'written_off')))
  AND ($6::uuid IS NULL OR loan_id > $6)
ORDER BY loan_id LIMIT $7
"""
_HISTORY = f"SELECT {', '.join(_VERSION)} FROM loan_version WHERE loan_id = $1 ORDER BY version"
_UPDATE = f"""
UPDATE loan SET version = new.version, commune = new.commune,
  area = coalesce(new.area, loan.area), asked = loan.asked || new.asked,
  {", ".join(f"{name} = new.{name}" for name in _MOVING)}
FROM unnest(
  $1::uuid[], $2::bigint[], $3::text[], $4::jsonb[], $5::jsonb[], $6::text[], $7::date[],
  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],
  $14::date[], $15::numeric[], $16::numeric[], $17::date[], $18::text[], $19::date[],
  $20::date[], $21::date[], $22::date[], $23::boolean[], $24::date[]
) AS new(loan_id, version, commune, area, asked, {", ".join(_MOVING)})
WHERE loan.loan_id = new.loan_id
"""
_STATEMENTS = f"""
SELECT loan_id, month_end, {", ".join(_BUCKETS)} FROM loan_statement
JOIN unnest($1::uuid[], $2::date[]) AS wanted(loan_id, month_end) USING (loan_id, month_end)
"""
# Running loans of central capital that say other rates than those in force on $2.
_DUE_FOR_RATE = """
SELECT loan_id FROM loan
WHERE programme = $1 AND state IN ('in_term', 'extended', 'overdue', 'frozen')
  AND source = 'central' AND paid_on <= $2
  AND (yearly_rate, overdue_rate) IS DISTINCT FROM ($3::numeric, $4::numeric)
ORDER BY loan_id LIMIT $5
"""
_ELSEWHERE = """
SELECT loan.loan_id, referral.commune, referral.area FROM loan
JOIN referral USING (referral_id)
WHERE loan.commune <> referral.commune AND loan.state NOT IN ('closed', 'written_off')
ORDER BY loan.loan_id LIMIT $1
"""
_MOVE_STATEMENTS = """
UPDATE loan_statement SET commune = loan.commune FROM loan
WHERE loan.loan_id = loan_statement.loan_id AND loan.loan_id = ANY($1::uuid[])
"""
_OWED = """
SELECT household_id, programme,
  sum(balance_in_term + balance_overdue + balance_frozen)::bigint AS owed FROM loan
WHERE household_id = ANY($1::uuid[]) AND state NOT IN ('closed', 'written_off')
GROUP BY household_id, programme
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A loan with what is kept beside it, ready to be said again."""

    loan: Loan
    area: dict[str, Any]
    contract_number: str
    asked: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A loan whose household lives in another commune than the loan says."""

    loan_id: UUID
    commune: str
    area: dict[str, Any]


async def read_loans(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """The loans as they stand; those that are unknown or out of scope are left out."""
    return {row["loan_id"]: _stored(row) for row in await tx.fetch(_READ, ids)}


async def read_of_referrals(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """The loans that payments for these referrals opened, by referral."""
    return {row["referral_id"]: _stored(row) for row in await tx.fetch(_OF_REFERRALS, ids)}


async def list_after(
    tx: Transaction,
    *,
    programme: str | None,
    state: LoanState | None,
    communes: str,
    household: UUID | None,
    check_due_before: date | None,
    after: UUID | None,
    limit: int,
) -> list[Stored]:
    """A page in id order. `communes` is a scope: codes joined by commas, or `*`."""
    rows = await tx.fetch(
        _LIST, programme, state, communes, household, check_due_before, after, limit
    )
    return [_stored(row) for row in rows]


async def list_versions(tx: Transaction, loan_id: UUID) -> list[asyncpg.Record]:
    """Every version with its act, oldest first."""
    return await tx.fetch(_HISTORY, loan_id)


async def owed_of_household(tx: Transaction, household_id: UUID, programme: str) -> int:
    """Principal that a household still owes under a programme, VND."""
    return (await owed_of_households(tx, [household_id])).get((household_id, programme), 0)


async def owed_of_households(tx: Transaction, ids: Sequence[UUID]) -> dict[tuple[UUID, str], int]:
    """Principal that households still owe, VND, by household and programme, whoever asks."""
    async with every_programme(tx):
        rows = await tx.fetch(_OWED, ids)
    return {(row["household_id"], row["programme"]): row["owed"] for row in rows}


async def find_statements(
    tx: Transaction, wanted: Sequence[tuple[UUID, date]]
) -> dict[tuple[UUID, date], Statement]:
    """What was stated before for these loans and months."""
    rows = await tx.fetch(_STATEMENTS, *map(list, zip(*wanted, strict=True)))
    return {
        (row["loan_id"], row["month_end"]): Statement(
            row["month_end"], buckets_of(row, "balance"), buckets_of(row, "interest")
        )
        for row in rows
    }


async def insert_statements(
    tx: Transaction, stated: Sequence[tuple[Loan, Statement]], recorded_by: str
) -> None:
    """Keep what the bank's books say; the loans' heads are locked."""
    rows = (
        (
            loan.loan_id,
            statement.month_end,
            loan.commune,
            *_flat(statement.balances),
            *_flat(statement.interest),
            recorded_by,
            tx.recorded_at,
        )
        for loan, statement in stated
    )
    await tx.insert(LoanStatement, _STATEMENT, rows)


async def list_due_for_rate(
    tx: Transaction, programme: str, day: date, terms: OfferedTerms, limit: int
) -> list[UUID]:
    """Ids of running loans of the programme whose rates are not these; at most `limit`."""
    rows = await tx.fetch(
        _DUE_FOR_RATE, programme, day, terms.yearly_rate, terms.overdue_rate, limit
    )
    return [row["loan_id"] for row in rows]


async def list_elsewhere(tx: Transaction, limit: int) -> list[Elsewhere]:
    """Running loans that do not stand where their referral does, at most `limit`."""
    return [Elsewhere(*row) for row in await tx.fetch(_ELSEWHERE, limit)]


async def move_statements(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Put the statements where their loans are, so that the new commune sees them."""
    await tx.execute(_MOVE_STATEMENTS, ids)


async def insert_loans(tx: Transaction, loans: Sequence[Stored]) -> None:
    """The rows of new loans; their first versions are saved with `insert_versions`."""
    rows = (
        (
            stored.loan.loan_id,
            stored.loan.referral_id,
            stored.loan.need_id,
            stored.loan.household_id,
            stored.loan.version,
            stored.loan.commune,
            *_fixed(stored.loan),
            *_moving(stored.loan),
            stored.area,
            stored.contract_number,
            stored.asked,
        )
        for stored in loans
    )
    await tx.insert(LoanRow, _ROW, rows)


async def update_loans(
    tx: Transaction,
    loans: Sequence[Loan],
    asked: Mapping[UUID, dict[str, Any]],
    areas: Mapping[UUID, dict[str, Any]],
) -> None:
    """Write the loans as they now stand.

    Args:
        loans: each another one, its head locked.
        asked: loan id to what was asked for, by act; kept beside what was asked before.
        areas: loan id to its new area; where missing, the stored one stays.
    """
    rows = [
        (
            loan.loan_id,
            loan.version,
            loan.commune,
            areas.get(loan.loan_id),
            asked.get(loan.loan_id, {}),
            *_moving(loan),
        )
        for loan in loans
    ]
    if rows:
        await tx.execute(_UPDATE, *zip(*rows, strict=True))


async def insert_versions(
    tx: Transaction, changes: Sequence[Change], correlation_ids: Sequence[UUID]
) -> None:
    """Keep each version beside the older ones."""
    rows = (
        (
            change.loan.loan_id,
            change.loan.version,
            change.loan.commune,
            change.act,
            change.document,
            *_fixed(change.loan),
            *_moving(change.loan),
            correlation_id,
            tx.recorded_at,
        )
        for change, correlation_id in zip(changes, correlation_ids, strict=True)
    )
    await tx.insert(LoanVersion, _VERSION, rows)


def _flat(buckets: Buckets) -> tuple[int, int, int]:
    return buckets.in_term, buckets.overdue, buckets.frozen


def _fixed(loan: Loan) -> tuple[object, ...]:
    return tuple(getattr(loan, name) for name in _FIXED)


def _moving(loan: Loan) -> tuple[object, ...]:
    after_buckets = _MOVING[_MOVING.index("balance_on") :]
    return (
        loan.state,
        loan.due_on,
        *_flat(loan.balances),
        *_flat(loan.interest),
        *(getattr(loan, name) for name in after_buckets),
    )


def buckets_of(row: asyncpg.Record, kind: str) -> Buckets:
    return Buckets(row[f"{kind}_in_term"], row[f"{kind}_overdue"], row[f"{kind}_frozen"])


def _stored(row: asyncpg.Record) -> Stored:
    plain = (*_FIXED, *_MOVING[_MOVING.index("balance_on") :], "loan_id", *_IDS, "version")
    values = {name: row[name] for name in (*plain, "commune", "due_on")}
    values["source"] = CapitalSource(row["source"])
    loan = Loan(
        **values,
        state=LoanState(row["state"]),
        balances=buckets_of(row, "balance"),
        interest=buckets_of(row, "interest"),
    )
    return Stored(loan, row["area"], row["contract_number"], row["asked"])
