"""A group's list comes in, and the commune confirms it: each whole or not at all, in sets."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from libs.common.areas.scope import expand
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.problems import not_found
from services.credit.lists import store
from services.credit.lists.domain import (
    Candidate,
    NeedList,
    Verdict,
    confirm_needs,
    differences,
    vote,
)
from services.credit.needs import store as needs
from services.credit.needs.clocks import current_due
from services.credit.needs.wording import field_error, refusal
from services.credit.referrals.domain import Change
from services.credit.referrals.recording import Held, hold, record


async def keep_list(
    tx: Transaction, sheet: NeedList, recorded_by: str, today: date
) -> tuple[store.Kept, bool]:
    """Record a list 03/TD; answers it, and whether it is new. The same again changes nothing.

    Raises:
        Problem: 422 naming every bad entry, 409 for an id that stands for another list.
    """
    held, candidates = await _hold(tx, [ballot.need_id for ballot in sheet.ballots])
    known = await store.find_list(tx, sheet.list_id)  # under the locks: a twin has ended by now
    if known is not None:
        errors = differences(known.sheet, sheet)
        if errors:
            raise refusal(409, "list.differs", errors)
        return known, False
    communes = (await expand(tx, [sheet.commune], sheet.voted_on)).split(",")
    changes = vote(sheet, candidates, {sheet.commune, *communes}, current_due(), today)
    if not await store.insert_list(tx, sheet, recorded_by):
        raise refusal(409, "list.taken", [field_error("/list_id", "list.taken")])
    await _record(tx, held, changes)
    return await _kept(tx, sheet.list_id), True


async def confirm_list(
    tx: Transaction,
    list_id: UUID,
    verdicts: Sequence[Verdict],
    confirmed_on: date,
    today: date,
) -> store.Kept:
    """Record what the commune says of needs of a list; what it said just so changes nothing.

    Raises:
        Problem: 404, 422 naming every bad entry, 409 where needs are at another step.
    """
    kept = await _kept(tx, list_id)
    held, candidates = await _hold(tx, [verdict.need_id for verdict in verdicts])
    changes = confirm_needs(kept.sheet, verdicts, candidates, confirmed_on, today)
    await _record(tx, held, changes)
    return await _kept(tx, list_id)


async def _hold(tx: Transaction, need_ids: Sequence[UUID]) -> tuple[Held, dict[UUID, Candidate]]:
    seen = await needs.read_needs(tx, need_ids)
    held = await hold(tx, list({placed.referral_id for placed in seen.values()}))
    standing = await needs.read_needs(tx, list(seen))  # as they stand under the locks
    return held, {
        need_id: Candidate(placed.need, held.stored[placed.referral_id].referral)
        for need_id, placed in standing.items()
        if placed.referral_id in held.stored
    }


async def _record(tx: Transaction, held: Held, changes: Sequence[Change]) -> None:
    """Each change is an act of its own, so that following one household does not find them all."""
    await record(tx, held, changes, [new_id() for _ in changes])


async def _kept(tx: Transaction, list_id: UUID) -> store.Kept:
    kept = await store.find_list(tx, list_id)
    if kept is None:
        raise not_found("list")
    return kept
