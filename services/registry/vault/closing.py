"""Ending what is held of a person, and taking that back: a record that never was, or is again.

What ended stands in the vault with the instant at which it did; to take it back is to hold the
same values true again, with the days on which they held.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.database import Transaction
from services.registry.vault import filing, store
from services.registry.vault.store import DRAWERS, NAMES

_TICK = timedelta(microseconds=1)


async def lay_down(
    tx: Transaction, person_id: UUID, *, recorded_at: datetime | None = None
) -> datetime:
    """What is held of who the person is, is held true no longer, from no day on.

    Args:
        tx: the act's transaction; the household's head is locked.
        person_id: somebody who may be seen.
        recorded_at: only what was recorded at this instant; None: all.

    Returns:
        The instant at which it ended, by which `reopen` finds it.
    """
    tx = await _after_what_is_known(tx, person_id)
    for drawer in DRAWERS:
        gone = await store.lay_down(tx, drawer, person_id, recorded_at)
        if drawer is NAMES:
            await filing.file_names(tx, gone, [])
    return tx.recorded_at


async def reopen(tx: Transaction, person_id: UUID, laid_down_at: datetime) -> None:
    """What ended at an instant is held true again, over the days over which it was.

    Raises:
        Problem: 409, somebody else bears one of the numbers by now.
    """
    tx = await _after_what_is_known(tx, person_id)
    for drawer in DRAWERS:
        back = await store.reopen(tx, drawer, person_id, laid_down_at)
        if drawer is NAMES:
            await filing.file_again(tx, back)
    await filing.follow_members(tx, [person_id])


async def newest(tx: Transaction, person_id: UUID) -> datetime | None:
    """When the newest of what is held of the person was recorded."""
    return await store.known_since(tx, [person_id])


async def _after_what_is_known(tx: Transaction, person_id: UUID) -> Transaction:
    since = await store.known_since(tx, [person_id])
    if since is None or since < tx.recorded_at:
        return tx
    return replace(tx, recorded_at=since + _TICK)
