"""Changes of loans are written, kept as versions and said, in the act's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.messaging import ledger
from services.credit.loans import store
from services.credit.loans.domain import Change, Loan
from services.credit.loans.saying import event_of


async def save(
    tx: Transaction,
    heads: dict[UUID, int],
    changes: Sequence[Change],
    areas: Mapping[UUID, dict[str, Any]],
    correlation_ids: Sequence[UUID],
    asked: Mapping[UUID, dict[str, Any]] | None = None,
    moved: Mapping[UUID, dict[str, Any]] | None = None,
) -> dict[UUID, Loan]:
    """Write the changes of known loans, in order; answers the loans as they now stand.

    A version is the one after the head's, so that a loan goes on in the next generation after a
    restore.

    Args:
        heads: locked by this transaction.
        areas: loan id to the area that is said.
        correlation_ids: one per change.
        asked: loan id to what was asked for, by act.
        moved: loan id to a new area, to be stored.
    """
    versions = dict(heads)
    numbered = []
    for change in changes:
        versions[change.loan.loan_id] += 1
        loan = replace(change.loan, version=versions[change.loan.loan_id])
        numbered.append(replace(change, loan=loan))
    latest = {change.loan.loan_id: change.loan for change in numbered}
    await store.update_loans(tx, list(latest.values()), asked or {}, moved or {})
    await keep_and_say(tx, heads, numbered, areas, correlation_ids)
    return latest


async def keep_and_say(
    tx: Transaction,
    heads: dict[UUID, int],
    changes: Sequence[Change],
    areas: Mapping[UUID, dict[str, Any]],
    correlation_ids: Sequence[UUID],
) -> None:
    """The versions and the events of changes whose rows are written."""
    await store.insert_versions(tx, changes, correlation_ids)
    said = [
        event_of(change, areas[change.loan.loan_id], correlation_id)
        for change, correlation_id in zip(changes, correlation_ids, strict=True)
    ]
    await ledger.append(tx, "credit", store.STREAM, heads, said)
