"""Every statement on referrals. Locks: the household's basis, then heads, then own rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.database import Transaction
from libs.common.database.transaction import insert_statement
from libs.common.vocabulary import NeedStage, ReferralState
from services.credit.needs import store as needs
from services.credit.referrals.disbursement import Disbursement
from services.credit.referrals.domain import (
    Act,
    Change,
    OfferedTerms,
    Referral,
    Wanted,
)
from services.credit.referrals.tables import DisbursementRow, ReferralRow, ReferralVersion

STREAM = "referral"

_STATE = (
    "programme",
    "state",
    "is_flagged",
    "opened_on",
    "entitled_from",
    "changed_on",
    "until",
    "terms_on",
    "max_amount",
    "max_months",
    "yearly_rate",
    "overdue_rate",
    "terms_document",
    "terms_are_confirmed",
)
_ROW = ("referral_id", "household_id", "version", "commune", "area", "need_id", *_STATE)
_VERSION = (
    "referral_id",
    "version",
    "commune",
    "act",
    *_STATE,
    "entitlement_version",
    "correlation_id",
    "recorded_at",
)

# The row lock makes two deciders of one household meet, and an older version is not decided on,
# whoever lets it through.
_KEEP_BASES = """
INSERT INTO referral_basis AS basis (household_id, commune, entitlement_version, programme, since)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::date[])
  AS new(household_id, commune, entitlement_version, programme, since)
ORDER BY household_id
ON CONFLICT (household_id) DO UPDATE
SET commune = excluded.commune, entitlement_version = excluded.entitlement_version,
    programme = excluded.programme, since = excluded.since
WHERE basis.entitlement_version <= excluded.entitlement_version
RETURNING household_id
"""
_OF_HOUSEHOLDS = """
SELECT referral_id FROM referral WHERE household_id = ANY($1::uuid[]) AND state <> 'withdrawn'
"""
_READ = f"SELECT {', '.join(_ROW)} FROM referral WHERE referral_id = ANY($1::uuid[])"
_LIST = f"""
SELECT {", ".join(_ROW)} FROM referral
WHERE ($1::text IS NULL OR programme = $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR need_id IN (SELECT need_id FROM need WHERE stage = $3))
  AND ($4::text = '*' OR commune = ANY (string_to_array($4, ',')))
  AND ($5::uuid IS NULL OR referral_id > $5)
ORDER BY referral_id LIMIT $6
"""
_HISTORY = f"""
SELECT {", ".join(_VERSION)} FROM referral_version WHERE referral_id = $1 ORDER BY version
"""
_DISBURSEMENTS = """
SELECT referral_id, paid_on, amount, contract_number FROM disbursement
WHERE referral_id = ANY($1::uuid[])
"""
_UPDATE = f"""
UPDATE referral SET version = new.version, commune = new.commune,
  area = coalesce(new.area, referral.area), need_id = new.need_id,
  {", ".join(f"{name} = new.{name}" for name in _STATE)}
FROM unnest(
  $1::uuid[], $2::bigint[], $3::text[], $4::jsonb[], $5::uuid[], $6::text[], $7::text[],
  $8::boolean[], $9::date[], $10::date[], $11::date[], $12::date[], $13::date[], $14::bigint[],
  $15::integer[], $16::numeric[], $17::numeric[], $18::text[], $19::boolean[]
) AS new(referral_id, version, commune, area, need_id, {", ".join(_STATE)})
WHERE referral.referral_id = new.referral_id
"""
# Open referrals of a programme that say other terms than those in force on $2.
_DUE_FOR_PRICE = """
SELECT referral_id FROM referral
WHERE programme = $1 AND state = 'open' AND entitled_from <= $2
  AND (max_amount, max_months, yearly_rate, overdue_rate, terms_document, terms_are_confirmed)
      IS DISTINCT FROM ($3::bigint, $4::integer, $5::numeric, $6::numeric, $7::text, $8::boolean)
ORDER BY referral_id LIMIT $9
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a version was written, kept beside it."""

    entitlement_version: int | None
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Stored:
    """A referral with the area as it was last said, ready to be said again."""

    referral: Referral
    area: dict[str, Any]


async def keep_bases(tx: Transaction, wanted: Sequence[Wanted]) -> set[UUID]:
    """Keep what the households' entitlements ask for; answers those that were not stale."""
    rows = await tx.fetch(
        _KEEP_BASES,
        [entry.household_id for entry in wanted],
        [entry.commune for entry in wanted],
        [entry.entitlement_version for entry in wanted],
        [entry.programme for entry in wanted],
        [entry.since for entry in wanted],
    )
    return {row["household_id"] for row in rows}


async def list_open_or_paid(tx: Transaction, households: Sequence[UUID]) -> list[UUID]:
    """Ids of the households' referrals that are not withdrawn."""
    return [row["referral_id"] for row in await tx.fetch(_OF_HOUSEHOLDS, households)]


async def read_referrals(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """The referrals as they stand; those that are unknown or out of scope are left out."""
    return {one.referral.referral_id: one for one in await _fetch(tx, _READ, ids)}


async def list_after(
    tx: Transaction,
    *,
    programme: str | None,
    state: ReferralState | None,
    stage: NeedStage | None,
    communes: str,
    after: UUID | None,
    limit: int,
) -> list[Stored]:
    """A page in id order. `communes` is a scope: codes joined by commas, or `*`."""
    return await _fetch(tx, _LIST, programme, state, stage, communes, after, limit)


async def _fetch(tx: Transaction, sql: str, *arguments: Any) -> list[Stored]:
    """Referrals with their newest needs: two statements at most."""
    rows = await tx.fetch(sql, *arguments)
    known = await needs.read_needs(tx, [row["need_id"] for row in rows if row["need_id"]])
    return [_stored(row, known) for row in rows]


async def list_versions(tx: Transaction, referral_id: UUID) -> list[asyncpg.Record]:
    """Every version with its act, oldest first."""
    return await tx.fetch(_HISTORY, referral_id)


async def find_disbursements(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Disbursement]:
    """What was paid out under these referrals."""
    rows = await tx.fetch(_DISBURSEMENTS, ids)
    return {row["referral_id"]: Disbursement(*row[1:]) for row in rows}


async def insert_disbursements(
    tx: Transaction, paid: Sequence[tuple[Referral, Disbursement]], recorded_by: str
) -> set[str]:
    """Keep what was paid out.

    Returns:
        The contract numbers that are used already, be it in areas out of sight; those payments were
        not inserted.
    """
    columns = (
        "referral_id",
        "commune",
        "paid_on",
        "amount",
        "contract_number",
        "recorded_by",
        "recorded_at",
    )
    rows = [
        (
            referral.referral_id,
            referral.commune,
            one.paid_on,
            one.amount,
            one.contract_number,
            recorded_by,
            tx.recorded_at,
        )
        for referral, one in paid
    ]
    if not rows:
        return set()
    clause = "ON CONFLICT DO NOTHING RETURNING contract_number"
    statement = insert_statement(DisbursementRow, columns, clause)
    inserted = await tx.fetch(statement, *map(list, zip(*rows, strict=True)))
    kept = {row["contract_number"] for row in inserted}
    return {one.contract_number for _, one in paid} - kept


async def list_due_for_price(
    tx: Transaction, programme: str, day: date, terms: OfferedTerms, limit: int
) -> list[UUID]:
    """Ids of open referrals of the programme whose terms are not these; at most `limit`."""
    rows = await tx.fetch(
        _DUE_FOR_PRICE,
        programme,
        day,
        terms.max_amount,
        terms.max_months,
        terms.yearly_rate,
        terms.overdue_rate,
        terms.document,
        terms.is_confirmed,
        limit,
    )
    return [row["referral_id"] for row in rows]


async def save_changes(
    tx: Transaction,
    changes: Sequence[Change],
    causes: Sequence[Cause],
    areas: Mapping[UUID, str],
) -> None:
    """Write the referrals as they now stand, and their versions beside the old ones.

    Args:
        changes: each of another referral, whose head this transaction has locked.
        causes: one per change.
        areas: household id to its area as JSON text; where missing, the stored one stays.
    """
    new, old = [], []
    for change in changes:
        referral = change.referral
        area = areas.get(referral.household_id)
        need_id = referral.need and referral.need.need_id
        if referral.version == 1:
            new.append(
                (
                    referral.referral_id,
                    referral.household_id,
                    1,
                    referral.commune,
                    area,
                    need_id,
                    *_state(referral),
                )
            )
        else:
            old.append(
                (
                    referral.referral_id,
                    referral.version,
                    referral.commune,
                    area,
                    need_id,
                    *_state(referral),
                )
            )
    await tx.insert(ReferralRow, _ROW, new)
    if old:
        await tx.execute(_UPDATE, *zip(*old, strict=True))
    await tx.insert(ReferralVersion, _VERSION, _versions(tx, changes, causes))
    await _save_needs(tx, changes)


async def _save_needs(tx: Transaction, changes: Sequence[Change]) -> None:
    """Write the needs that these changes touched; a new one was inserted by its own act."""
    touched = [
        (need, change.referral.commune, change.act)
        for change in changes
        if (need := change.referral.need) is not None and need.version == change.referral.version
    ]
    await needs.update_needs(
        tx, [(need, commune) for need, commune, act in touched if act is not Act.NEED_APPLIED]
    )
    await needs.insert_versions(tx, touched)


def _versions(
    tx: Transaction, changes: Sequence[Change], causes: Sequence[Cause]
) -> Iterable[tuple[object, ...]]:
    for change, cause in zip(changes, causes, strict=True):
        referral = change.referral
        yield (
            referral.referral_id,
            referral.version,
            referral.commune,
            change.act,
            *_state(referral),
            cause.entitlement_version,
            cause.correlation_id,
            tx.recorded_at,
        )


def _state(referral: Referral) -> tuple[object, ...]:
    terms = referral.terms
    return (
        referral.programme,
        referral.state,
        referral.is_flagged,
        referral.opened_on,
        referral.entitled_from,
        referral.changed_on,
        referral.until,
        terms.on,
        terms.max_amount,
        terms.max_months,
        terms.yearly_rate,
        terms.overdue_rate,
        terms.document,
        terms.is_confirmed,
    )


def terms_of(row: asyncpg.Record) -> OfferedTerms:
    """The loan terms in a row of a referral or of one of its versions."""
    return OfferedTerms(
        on=row["terms_on"],
        max_amount=row["max_amount"],
        max_months=row["max_months"],
        yearly_rate=row["yearly_rate"],
        overdue_rate=row["overdue_rate"],
        document=row["terms_document"],
        is_confirmed=row["terms_are_confirmed"],
    )


def _stored(row: asyncpg.Record, known: Mapping[UUID, needs.Placed]) -> Stored:
    placed = known.get(row["need_id"])
    referral = Referral(
        referral_id=row["referral_id"],
        household_id=row["household_id"],
        version=row["version"],
        commune=row["commune"],
        programme=row["programme"],
        state=ReferralState(row["state"]),
        is_flagged=row["is_flagged"],
        opened_on=row["opened_on"],
        entitled_from=row["entitled_from"],
        changed_on=row["changed_on"],
        until=row["until"],
        terms=terms_of(row),
        need=None if placed is None else placed.need,
    )
    return Stored(referral, row["area"])
