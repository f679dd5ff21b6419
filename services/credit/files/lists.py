"""List 03/TD as a table: the needs that a commune has confirmed, with what came of them so far.

A partner's lines are cut to its registration by the function that cuts the events. What the form
holds beyond the event (purpose, days, contract) leaves where the registration names `need` whole.
Names and identity numbers are not here: the columns stand empty until the office that hands the
file over fills them (`ansinh files fill`).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from libs.common.contracts.referral import CHANGED
from libs.common.database import Transaction
from libs.common.files.writing import Value
from libs.common.partners.domain import Scope, cut
from libs.common.vocabulary import CapitalSource, NeedStage
from services.credit.files.form import APPROVED, LIST, OUTCOME, SOURCES
from services.credit.needs.wording import STAGE_NAMES
from services.credit.referrals.wording import PROGRAMME_NAMES

PAGE = 1_000
COLUMNS = (*LIST, *OUTCOME)
# A need that is confirmed anew after a change of class waits for the commune again: not yet.
_ROWS = """
SELECT need.referral_id, need.need_id, need.household_id, need.commune, need.group_id, need.list_id,
  list.minutes_number, list.voted_on, need.confirmed_on, referral.programme, need.purpose,
  need.amount, need.months, need.source, need.stage, need.received_on, need.answered_on,
  need.approved_amount, need.approved_months, need.reason,
  paid.paid_on, paid.amount AS paid_amount, paid.contract_number, loan.months AS paid_months,
  loan.source AS paid_source
FROM need JOIN referral USING (referral_id)
LEFT JOIN need_list AS list ON list.list_id = need.list_id
LEFT JOIN disbursement AS paid ON need.stage = 'disbursed' AND paid.referral_id = need.referral_id
LEFT JOIN loan ON need.stage = 'disbursed' AND loan.referral_id = need.referral_id
WHERE need.is_confirmed AND need.stage NOT IN ('applied', 'listed', 'declined', 'not_confirmed')
  AND ($1::text = '*' OR need.commune = ANY (string_to_array($1, ',')))
  AND ($2::uuid IS NULL OR need.list_id = $2)
  AND ($3::date IS NULL OR need.confirmed_on >= $3)
  AND ($4::date IS NULL OR need.confirmed_on < $4)
ORDER BY need.list_id, need.need_id
"""
_NEED = (
    "need_id group_id list_id minutes_number voted_on confirmed_on purpose amount months source "
    "stage received_on answered_on approved_amount approved_months reason paid_on paid_amount "
    "contract_number paid_months paid_source"
).split()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for: confirmed over `[since, until)`, in communes, on a list.

    `communes` is a scope: codes joined by commas, or `*`.
    """

    communes: str
    list_id: UUID | None
    since: date | None
    until: date | None


@dataclass
class Shown:
    """What a file has come to: its lines, and whose they are."""

    lines: int
    households: list[UUID]


async def rows_of_list(
    tx: Transaction, wanted: Wanted, scope: Scope | None, shown: Shown
) -> AsyncIterator[list[list[Value]]]:
    """The lines, page by page; `scope` None: whoever may see the households sees all of them."""
    page: list[list[Value]] = []
    asked = (wanted.communes, wanted.list_id, wanted.since, wanted.until)
    async for row in tx.connection.cursor(_ROWS, *asked, prefetch=PAGE):
        state = _state(row)
        visible = state if scope is None else cut(scope, CHANGED, {"data": state})
        if visible is None:
            continue
        shown.lines += 1
        shown.households.append(row["household_id"])
        page.append(_line(shown.lines, visible))
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _state(row: asyncpg.Record) -> dict[str, Any]:
    """A line as the data of an event would say it, and beyond it under `need`."""
    return {
        "referral_id": row["referral_id"],
        "household_id": row["household_id"],
        "area": {"commune": row["commune"]},
        "programme": row["programme"],
        "need": {name: row[name] for name in _NEED},
    }


def _line(number: int, visible: Mapping[str, Any]) -> list[Value]:
    need = visible.get("need") or {}
    area, programme = visible.get("area") or {}, visible.get("programme")
    values: dict[str, Value] = {
        **{name: need.get(name) for name in _NEED},
        "number": number,
        "referral_id": visible.get("referral_id"),
        "household_id": visible.get("household_id"),
        "commune": area.get("commune"),
        "programme": programme,
        "beneficiary": PROGRAMME_NAMES[programme].vi if programme else None,
        "source": _source(need.get("source")),
        "paid_source": _source(need.get("paid_source")),
    }
    stage = need.get("stage")
    values["stage"] = STAGE_NAMES[NeedStage(stage)].vi if stage else None
    if need.get("answered_on"):
        values["approved"] = APPROVED[need.get("approved_amount") is not None]
    if stage != NeedStage.REFUSED:  # other reasons are not the bank's
        values["reason"] = None
    return [values.get(column.name) for column in COLUMNS]


def _source(code: str | None) -> str | None:
    return SOURCES[CapitalSource(code)] if code else None
