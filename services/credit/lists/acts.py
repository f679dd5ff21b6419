"""A group's list comes in, and the commune confirms it: each whole or not at all, in sets."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from libs.common.areas.scope import expand
from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.problems import not_found
from services.credit.groups import store as groups
from services.credit.groups.domain import groups_book, is_complete, size_on
from services.credit.lists import store
from services.credit.lists.domain import (
    Candidate,
    NeedList,
    Verdict,
    Voters,
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
    communes = {sheet.commune, *(await expand(tx, [sheet.commune], sheet.voted_on)).split(",")}
    voters = await _voters(tx, sheet)
    changes = vote(sheet, candidates, communes, voters, current_due(), today)
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


async def _voters(tx: Transaction, sheet: NeedList) -> Voters | None:
    group_id, day = sheet.group_id, sheet.voted_on
    if group_id is None:
        return None
    group = (await groups.read_groups(tx, [group_id], day)).get(group_id)
    if group is None:
        return None
    members = frozenset(
        member.household_id
        for member in await groups.list_members(tx, group_id)
        if member.joined_on <= day and (member.left_on is None or day < member.left_on)
    )
    complete = is_complete(len(members), size_on(day, groups_book()))
    return Voters(group.commune, members, complete)


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
