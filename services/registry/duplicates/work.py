"""The search for records that look alike: whoever's data are new is compared, in portions.

A portion is one transaction: what was compared is marked no longer. An interruption loses nothing.
"""

from datetime import timedelta

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.security.encryption import Vault
from libs.common.service import VaultTick
from services.registry.duplicates import store
from services.registry.duplicates.domain import (
    PairState,
    Profile,
    are_siblings,
    likeness,
    state_after_search,
)
from services.registry.duplicates.store import Claim, Compared, Known
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
    people = sorted({mark.person_id for mark in marks})
    if not people:
        return 0
    known = await store.known_pairs(tx, people)
    claims = await store.pairs_by_number(tx, marks)
    pairs = set(claims) | set(known) | await store.candidates(tx, people)
    everybody = sorted({person_id for pair in pairs for person_id in pair})
    identities = await vault_acts.read(tx, vault, everybody)
    profiles = await store.profiles(tx, everybody, identities)
    gone = [known[pair].pair_id for pair in known if not profiles.keys() >= set(pair)]
    await store.void(tx, gone)
    there = [pair for pair in sorted(pairs) if profiles.keys() >= set(pair)]
    compared = (
        _compare(profiles[pair[0]], profiles[pair[1]], claims.get(pair), known.get(pair))
        for pair in there
    )
    await store.keep(tx, [one for one in compared if one is not None])
    return len(marks)


def _compare(
    one: Profile, other: Profile, claim: Claim | None, before: Known | None
) -> Compared | None:
    """The pair as it is to be kept; None: there is nothing to keep."""
    claim = claim or (None if before is None else before.claim)
    found = likeness(one, other, same_number=claim is not None)
    if are_siblings(one, other, found) or (before is None and not found.is_suspicious):
        return None
    state = state_after_search(before.state if before else PairState.OPEN, found)
    return Compared(one, other, found, claim, state)


SEARCH = VaultTick("registry.duplicates", timedelta(seconds=5), search)
