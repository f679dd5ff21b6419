"""The search for records that look alike: whoever's data are new is compared, in portions.

A portion is one transaction: what was compared is marked no longer. An interruption loses nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from libs.common.clock import Clock
from libs.common.database import Database, Transaction
from libs.common.security.encryption import Vault
from libs.common.service import VaultTick
from services.registry.duplicates import key_store, store
from services.registry.duplicates.domain import (
    Likeness,
    PairState,
    Profile,
    are_siblings,
    likeness,
    state_after_search,
)
from services.registry.duplicates.key_store import Pair
from services.registry.duplicates.keys import after_counting, counted, keys_of, weighed
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
    """Compare the next marked persons with whoever may be the same; answers how many. Where nobody
    is marked, those who were recorded before there were keys.
    """
    sweep = await key_store.begin(tx)
    if sweep is None:
        return 0
    marks = await store.take_marks(tx, most)
    people = sorted({mark.person_id for mark in marks})
    if not people and sweep.after is not None:
        people = await key_store.sweep_next(tx, sweep.after, most)
    if not people:
        return 0
    profiles = await _profiles(tx, vault, people)
    keys = {person_id: keys_of(one) for person_id, one in profiles.items()}
    await key_store.file(tx, people, {one: _hashed(vault, of.filed) for one, of in keys.items()})
    sought = {one: _hashed(vault, of.sought) for one, of in keys.items()}
    known = await store.known_pairs(tx, people)
    claims = await store.pairs_by_number(tx, marks)
    pairs = set(claims) | set(known) | await key_store.candidates(tx, people, sought)
    others = {person_id for pair in pairs for person_id in pair} - set(people)
    profiles |= await _profiles(tx, vault, sorted(others))
    gone = [known[pair].pair_id for pair in known if not profiles.keys() >= set(pair)]
    await store.void(tx, gone)
    compared = [
        _compare(profiles[pair[0]], profiles[pair[1]], claims.get(pair), known.get(pair))
        for pair in sorted(pairs)
        if profiles.keys() >= set(pair)
    ]
    judged = await _weigh(tx, vault, compared)
    await store.keep(tx, [one for one in judged if _is_kept(one, known)])
    return max(len(marks), len(people))


async def _profiles(
    tx: Transaction, vault: Vault, person_ids: Sequence[UUID]
) -> dict[UUID, Profile]:
    """Of those who are members at present and have a name."""
    identities = await vault_acts.read(tx, vault, person_ids)
    return await store.profiles(tx, person_ids, identities)


def _hashed(vault: Vault, keys: Iterable[str]) -> list[int]:
    return vault.hashes("alike", keys)


def _compare(one: Profile, other: Profile, claim: Claim | None, before: Known | None) -> Compared:
    claim = claim or (None if before is None else before.claim)
    found = likeness(one, other, same_number=claim is not None)
    state = state_after_search(before.state if before else PairState.OPEN, found)
    return Compared(one, other, found, claim, state)


async def _weigh(tx: Transaction, vault: Vault, compared: Sequence[Compared]) -> list[Compared]:
    """Each as much alike as the register leaves it, by how many bear such a name."""
    doubtful = [pair for pair in compared if weighed(pair.likeness)]
    asked = {key for pair in doubtful for key in counted(pair.one, pair.other, pair.likeness)}
    hashes = dict(zip(asked, _hashed(vault, asked), strict=True))
    found = await key_store.count_bearers(tx, list(hashes.values())) if asked else {}
    bearers = {key: found[number] for key, number in hashes.items()}
    return [
        _judged(pair, after_counting(pair.one, pair.other, pair.likeness, bearers))
        if weighed(pair.likeness)
        else pair
        for pair in compared
    ]


def _judged(pair: Compared, found: Likeness) -> Compared:
    return replace(pair, likeness=found, state=state_after_search(pair.state, found))


def _is_kept(pair: Compared, known: Mapping[Pair, Known]) -> bool:
    is_known = (pair.one.person_id, pair.other.person_id) in known
    if are_siblings(pair.one, pair.other, pair.likeness):
        return False
    return is_known or pair.likeness.is_suspicious


SEARCH = VaultTick("registry.duplicates", timedelta(seconds=5), search)
