"""Every statement on the entitlements and on the facts they were determined from."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from libs.common.database import Transaction
from services.eligibility.catalogue.domain import Entitlement as Right
from services.eligibility.entitlements.tables import EntitlementRow, HouseholdFactsRow
from services.eligibility.history import Difference, History, Row, replace

ENTITLEMENTS = History(
    EntitlementRow,
    key=("subject_id", "programme", "from_day"),
    values=(
        "until",
        "support",
        "subject_kind",
        "rule_table",
        "rule_row",
        "document",
        "is_confirmed",
        "benefit",
    ),
)

READ_VERSIONS = """
SELECT household_id, household_version, commune FROM household_facts
WHERE household_id = ANY ($1::uuid[])
"""
# A later version replaces an earlier one, never the other way: this holds without the inbox and
# without the cursor.
ON_LATER_VERSION = """
ON CONFLICT (household_id) DO UPDATE SET
  commune = excluded.commune, household_version = excluded.household_version,
  facts = excluded.facts, determined_to = excluded.determined_to, rules = excluded.rules,
  next_change_on = excluded.next_change_on
WHERE household_facts.household_version < excluded.household_version
"""
UPDATE_DETERMINED = """
UPDATE household_facts AS kept
SET determined_to = $1, rules = $2, next_change_on = done.next_change_on
FROM unnest($3::uuid[], $4::date[]) AS done(household_id, next_change_on)
WHERE kept.household_id = done.household_id
"""
LIST_DUE = """
SELECT household_id FROM household_facts WHERE next_change_on <= $1
ORDER BY next_change_on, household_id LIMIT $2
"""
LIST_OTHER_RULES = """
SELECT household_id FROM household_facts WHERE rules <> $1 AND household_id > $2
ORDER BY household_id LIMIT $3
"""
# Read again under the heads' locks: another sweep or an event may have decided them meanwhile.
READ_DUE_FACTS = """
SELECT household_id, household_version, facts FROM household_facts
WHERE household_id = ANY ($1::uuid[]) AND (next_change_on <= $2 OR rules <> $3)
"""
FIND_FACTS = """
SELECT household_id, household_version, facts, determined_to, next_change_on
FROM household_facts WHERE household_id = $1
"""
# $2 day (NULL: every period), $3 known at.
LIST_ENTITLEMENTS = """
SELECT programme, support, subject_kind, subject_id, from_day, until, rule_table, rule_row,
       document, is_confirmed, benefit, recorded_at
FROM entitlement
WHERE household_id = $1
  AND ($2::date IS NULL OR (from_day <= $2 AND (until IS NULL OR $2 < until)))
  AND recorded_at <= $3 AND (superseded_at IS NULL OR $3 < superseded_at)
ORDER BY support, subject_kind, subject_id, programme, from_day
"""


class Decided(NamedTuple):
    """The facts of one household and the outcome of deciding on them."""

    household_id: UUID
    commune: str
    household_version: int
    facts: bytes
    next_change_on: date | None


@dataclass(frozen=True)
class Facts:
    """What is kept of a household: the event's data as JSON."""

    household_id: UUID
    household_version: int
    facts: bytes
    determined_to: date
    next_change_on: date | None


@dataclass(frozen=True)
class KnownEntitlement:
    """A stored entitlement and the instant from which it was known."""

    programme: str
    support: str
    subject_kind: str
    subject_id: UUID
    from_day: date
    until: date | None
    table: str
    row: str
    document: str
    is_confirmed: bool
    benefit: dict[str, Any]
    recorded_at: datetime


async def read_versions(tx: Transaction, households: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
    """The version last decided on and its commune, for the households that are known."""
    return {
        row["household_id"]: (row["household_version"], row["commune"])
        for row in await tx.fetch(READ_VERSIONS, households)
    }


async def keep_facts(tx: Transaction, day: date, rules: str, decided: Iterable[Decided]) -> None:
    """Keep the facts that were decided on as of `day`, with the day on which time changes them."""
    await tx.insert(
        HouseholdFactsRow,
        (
            "household_id",
            "commune",
            "household_version",
            "facts",
            "next_change_on",
            "determined_to",
            "rules",
        ),
        [(*one, day, rules) for one in decided],
        on_conflict=ON_LATER_VERSION,
    )


async def note_determined(
    tx: Transaction, day: date, rules: str, next_changes: Mapping[UUID, date | None]
) -> None:
    """Note that these households were decided again as of `day`, on unchanged facts."""
    await tx.execute(UPDATE_DETERMINED, day, rules, list(next_changes), list(next_changes.values()))


async def list_due(tx: Transaction, day: date, limit: int) -> list[UUID]:
    """Households that time alone may have changed by `day`, the longest due first."""
    return [row["household_id"] for row in await tx.fetch(LIST_DUE, day, limit)]


async def list_under_other_rules(
    tx: Transaction, rules: str, after: UUID, limit: int
) -> list[UUID]:
    """Households last decided under rules of another digest, in id order."""
    return [row["household_id"] for row in await tx.fetch(LIST_OTHER_RULES, rules, after, limit)]


async def read_due_facts(
    tx: Transaction, households: Sequence[UUID], day: date, rules: str
) -> list[tuple[UUID, int, bytes]]:
    """Id, version and facts of those among these households that are still due."""
    return [tuple(row) for row in await tx.fetch(READ_DUE_FACTS, households, day, rules)]


async def find_facts(tx: Transaction, household: UUID) -> Facts | None:
    row = await tx.fetchrow(FIND_FACTS, household)
    return Facts(*row) if row else None


async def list_entitlements(
    tx: Transaction, household: UUID, on: date | None, known_at: datetime
) -> list[KnownEntitlement]:
    """A household's entitlements on a day (None: every period), as known at an instant."""
    rows = await tx.fetch(LIST_ENTITLEMENTS, household, on, known_at)
    return [KnownEntitlement(*row) for row in rows]


async def replace_entitlements(
    tx: Transaction, wanted: Mapping[UUID, tuple[str, Sequence[Right]]]
) -> dict[UUID, Difference]:
    """Make each household's live entitlements these, in this commune; answers what changed."""
    written = _Written()
    return await replace(
        tx,
        ENTITLEMENTS,
        {
            household: [_row(commune, right, written) for right in rights]
            for household, (commune, rights) in wanted.items()
        },
    )


class _Written(dict[int, str]):
    """JSON text of benefits by identity: households share the rule rows' own dicts, and those
    are alive as long as the entitlements that hold them."""

    def text(self, benefit: dict[str, Any]) -> str:
        known = self.get(id(benefit))
        if known is None:
            known = self[id(benefit)] = json.dumps(benefit, ensure_ascii=False, sort_keys=True)
        return known


def _row(commune: str, right: Right, written: _Written) -> Row:
    return (
        commune,
        right.subject_id,
        right.programme,
        right.from_day,
        right.until,
        right.support,
        right.subject_kind,
        right.table,
        right.row,
        right.document,
        right.is_confirmed,
        written.text(right.benefit),
    )
