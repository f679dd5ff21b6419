"""The search for records that look alike: whoever's data are new is compared, in portions.

A portion is one transaction: what was compared is marked no longer. An interruption loses nothing.
"""

from datetime import timedelta
from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.security.encryption import Vault
from libs.common.service import VaultTick
from services.registry.duplicates import store
from services.registry.duplicates.domain import (
    PairState,
    are_siblings,
    likeness,
    state_after_search,
)
from services.registry.duplicates.store import Compared, Known, Pair
from services.registry.vault import acts as vault_acts

PORTION = 500


async def search(database: Database, clock: Clock, vault: Vault) -> None:
    """Compare everybody who is marked, until nobody is."""
    taken = PORTION
    while taken == PORTION:
        async with database.transaction() as tx:
            taken = await compare_next(tx, vault)


async def compare_next(tx: Transaction, vault: Vault, most: int = PORTION) -> int:
    """Compare the next marked persons with whoever may be the same; answers how many."""
    marks = await store.take_marks(tx, most)
    people = sorted({person_id for person_id, _ in marks})
    if not people:
        return 0
    known = await store.known_pairs(tx, people)
    by_number = await store.pairs_by_number(tx, marks)
    pairs = by_number | set(known) | await store.candidates(tx, people)
    await store.keep(tx, await _compare(tx, vault, pairs, by_number, known))
    return len(marks)


async def _compare(
    tx: Transaction,
    vault: Vault,
    pairs: set[Pair],
    by_number: set[Pair],
    known: dict[Pair, Known],
) -> list[Compared]:
    everybody: list[UUID] = sorted({person_id for pair in pairs for person_id in pair})
    identities = await vault_acts.read(tx, vault, everybody)
    profiles = await store.profiles(tx, everybody, identities)
    compared = []
    for pair in sorted(pairs):
        one, other = profiles.get(pair[0]), profiles.get(pair[1])
        if one is None or other is None:
            continue
        before = known.get(pair)
        same_number = pair in by_number or (before is not None and before.by_number)
        found = likeness(one, other, same_number)
        if are_siblings(one, other, found):
            continue
        if before is None and not found.is_suspicious:
            continue
        state = state_after_search(before.state if before else PairState.OPEN, found)
        compared.append(Compared(one, other, found, same_number, state))
    return compared


SEARCH = VaultTick("registry.duplicates", timedelta(seconds=5), search)
