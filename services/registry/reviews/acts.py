"""What a chairman's signature does: one decision over 1 to 50,000 households, all or nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.household import STATUS_CHANGED, HouseholdAct
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.messaging.ledger import NewEvent
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.households.acts import STREAM, Written
from services.registry.households.earlier import read_earlier
from services.registry.households.events import household_data, read_units, traced
from services.registry.households.store import StoredHousehold, read_households
from services.registry.reviews import documents, store
from services.registry.reviews.documents import Sheet, StoredDecision
from services.registry.reviews.domain import Period, Row, Timeline, derive_timeline
from services.registry.reviews.rules import (
    check_document,
    check_sheet,
    check_statuses,
    refusal,
    revocable,
)
from services.registry.reviews.store import Document, NewRow

CHUNK = 1_000
AT_ONCE = 1_000
_TICK = timedelta(microseconds=1)

Advance = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stated:
    """A decision as a chairman states it.

    Attributes:
        document: the signed paper.
        rows: household and class, in the order of the request; None withdraws.
        digest: of the request's own words, to tell a repeat from another content.
        correlation_id: of the request.
    """

    document: Document
    rows: Sequence[tuple[UUID, StatusClass | None]]
    digest: bytes
    correlation_id: UUID


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision as it stands, and what was written where it was done at once."""

    decision: StoredDecision
    written: tuple[Written, ...] = ()


async def decide(tx: Transaction, stated: Stated, today: date) -> Outcome:
    """Take a decision: at once up to 1,000 rows, else durably accepted for the job.

    Repeating the same decision changes nothing and answers how far it is.

    Raises:
        Problem: 422 naming every broken rule, 403 outside the caller's areas, 409 for an id that
            stands for another decision.
    """
    document = stated.document
    known = await documents.find_decision(tx, document.decision_id)
    if known is not None:
        if known.digest != stated.digest:
            raise documents.taken("decision_id")
        return Outcome(known)
    errors = await check_document(tx, document, len(stated.rows), today)
    sheet = await _sheet(tx, stated)
    errors.extend(check_statuses(document, sheet))
    if len(sheet) <= AT_ONCE and not errors:
        written = await _decide_at_once(tx, stated, sheet)
    else:
        errors.extend(await check_sheet(tx, document, sheet))
        if errors:
            raise refusal(errors)
        await _insert(tx, stated, "accepted", len(sheet))
        await documents.stage(tx, document, sheet)
        written = []
    decision = await documents.find_decision(tx, document.decision_id)
    if decision is None:
        raise RuntimeError("a decision that was just written is not visible")
    return Outcome(decision, tuple(written))


async def carry_out(
    tx: Transaction, document: Document, sheet: Sheet, advance: Advance
) -> list[Written]:
    """Do what a decision says, in chunks, under the locks of all its households.

    Args:
        tx: its one transaction; nothing of it is seen before the end.
        document: a decision that is already stored.
        sheet: its lines, in household order.
        advance: told after each chunk how many lines are done.

    Raises:
        Problem: 422 where a line no longer holds.
    """
    heads = await ledger.lock_heads(tx, STREAM, sheet.household_ids)
    tx = await _after_what_is_known(tx, sheet)
    errors = await check_sheet(tx, document, sheet)
    if errors:
        raise refusal(errors)
    written: list[Written] = []
    for start in range(0, len(sheet), CHUNK):
        ids = sheet.household_ids[start : start + CHUNK]
        statuses = dict(zip(ids, sheet.statuses[start : start + CHUNK], strict=True))
        written.extend(await _write_chunk(tx, document, heads, statuses, before=start))
        await advance(start + len(ids))
    return written


async def _decide_at_once(tx: Transaction, stated: Stated, sheet: Sheet) -> list[Written]:
    async def nobody_watches(_: int) -> None:
        return None

    await _insert(tx, stated, "done", len(sheet))
    return await carry_out(tx, stated.document, sheet, nobody_watches)


async def _insert(tx: Transaction, stated: Stated, state: str, rows_total: int) -> None:
    await documents.insert_decision(
        tx,
        stated.document,
        digest=stated.digest,
        state=state,
        rows_total=rows_total,
        correlation_id=stated.correlation_id,
    )


async def _sheet(tx: Transaction, stated: Stated) -> Sheet:
    document = stated.document
    if document.kind is DecisionKind.REVOKE and not stated.rows and document.supersedes:
        named = await revocable(tx, document.supersedes)
        return Sheet([-1 - place for place in range(len(named))], named, [None for _ in named])
    order = sorted(range(len(stated.rows)), key=lambda line: stated.rows[line][0])
    return Sheet(
        lines=order,
        household_ids=[stated.rows[line][0] for line in order],
        statuses=[stated.rows[line][1] for line in order],
    )


async def _after_what_is_known(tx: Transaction, sheet: Sheet) -> Transaction:
    """The transaction, recording after everything known: it may have waited for an older one."""
    known = await store.latest_knowledge(tx, sheet.household_ids)
    if known is None or known < tx.recorded_at:
        return tx
    return replace(tx, recorded_at=known + _TICK)


async def _write_chunk(
    tx: Transaction,
    document: Document,
    heads: dict[UUID, int],
    statuses: dict[UUID, StatusClass | None],
    before: int,
) -> list[Written]:
    """One chunk: read in sets, derive, write in sets, say in one insert."""
    households = await read_households(tx, list(statuses))
    histories = await store.read_rows(tx, list(statuses))
    rows = [
        NewRow(h.household_id, h.commune, statuses[h.household_id], new_id()) for h in households
    ]
    timelines: dict[UUID, Timeline] = {}
    for row in rows:
        history = histories[row.household_id]
        history.append(_row(document, row, tx))
        timelines[row.household_id] = derive_timeline(history)
    await store.insert_rows(tx, document, rows)
    await store.replace_periods(
        tx,
        document.standard,
        {household.household_id: household.commune for household in households},
        _under(document.standard, timelines),
    )
    events = await _events(tx, document, rows, households, histories, timelines)
    await ledger.append(tx, "registry", STREAM, heads, traced(events, before))
    return [Written(row.household_id, heads[row.household_id], row.correlation_id) for row in rows]


async def _events(
    tx: Transaction,
    document: Document,
    rows: Sequence[NewRow],
    households: Sequence[StoredHousehold],
    histories: dict[UUID, list[Row]],
    timelines: dict[UUID, Timeline],
) -> list[NewEvent]:
    units = await read_units(tx, {(h.commune, h.recorded_day) for h in households}, or_last=True)
    earlier = await read_earlier(tx, [household.household_id for household in households])
    act = HouseholdAct.model_construct(
        kind=str(document.kind),
        effective_on=document.effective_on,
        recorded_at=tx.recorded_at,
        decision_id=document.decision_id,
    )
    time = start_of_day(document.effective_on)
    return [
        NewEvent(
            subject=household.household_id,
            type=STATUS_CHANGED,
            time=time,
            data=household_data(
                household,
                units[household.commune, household.recorded_day],
                histories[household.household_id],
                timelines[household.household_id],
                act,
                earlier.get(household.household_id, ()),
            ),
            correlation_id=row.correlation_id,
        )
        for household, row in zip(households, rows, strict=True)
    ]


def _under(standard: str, timelines: dict[UUID, Timeline]) -> dict[UUID, tuple[Period, ...]]:
    return {household_id: timeline.under(standard) for household_id, timeline in timelines.items()}


def _row(document: Document, row: NewRow, tx: Transaction) -> Row:
    return Row(
        decision_id=document.decision_id,
        kind=document.kind,
        number=document.number,
        authority=document.authority,
        standard=document.standard,
        status=row.status,
        signed_on=document.signed_on,
        effective_on=document.effective_on,
        supersedes=document.supersedes,
        recorded_at=tx.recorded_at,
    )
