"""Which households a page means: what the register knows of each is gathered in sets, and decided
by the domain.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from libs.common.database import Transaction
from libs.common.security.encryption import Vault
from libs.common.vocabulary import LinkRelation
from services.registry.imports import domain, matching, page_store, reasons
from services.registry.imports.domain import Bearer, Evidence
from services.registry.imports.judged import Judged
from services.registry.imports.matching import Asked
from services.registry.imports.reasons import error_of
from services.registry.imports.staging import key_hash
from services.registry.imports.store import StoredImport
from services.registry.lineage.domain import Lineage, derive_lineage
from services.registry.lineage.store import read_acts
from services.registry.vault.domain import IdentifierType, words

_LONGEST_CHAIN = 20  # of mergers, one after the other


async def find(
    tx: Transaction, sent: StoredImport, vault: Vault, households: Sequence[Judged]
) -> None:
    """Say of each household of a page which one of the register is meant, or why it is refused."""
    keys = {one.lines[0]: (one.group.commune, one.group.code) for one in households}
    by_code = await matching.households_by_code(tx, list(keys.values()))
    bearers = await matching.bearers(tx, [h for one in households for _, _, h in one.numbers])
    named = {one.stated for one in households if one.stated}.union(by_code.values())
    now = {
        home
        for bearer in bearers.values()
        for home in (bearer.household_id, bearer.died_in)
        if home
    }
    existing = await matching.visible(tx, named | now, sent.communes)
    went_to = await _went_to(tx, sent, {one for one in named if existing.get(one)}, existing)
    for one in households:
        take_bearers(one, bearers, existing)
    unknown = [
        one
        for one in households
        if one.stated is None
        and keys[one.lines[0]] not in by_code
        and not one.bearers
        and not one.refused
    ]
    by_name = await _by_name(tx, vault, unknown)
    several = [key for line, key in keys.items() if len(by_name.get(line, ())) > 1]
    by_old_code = await matching.households_by_old_code(tx, several) if several else {}
    evidence = {
        line: Evidence(
            lines=one.lines,
            stated=one.stated,
            existing=existing.keys(),
            by_code=by_code.get(keys[line]),
            by_number=one.bearers,
            by_name=by_name.get(line, ()),
            went_to=went_to,
            by_old_code=by_old_code.get(keys[line], ()),
        )
        for one in households
        for line in (one.lines[0],)
    }
    split_off = await _split_off(tx, evidence.values())
    for one in households:
        known = evidence[one.lines[0]]
        one.found, refused = domain.find_household(replace(known, split_off=split_off))
        one.refused |= refused
    await _refuse_shared(tx, sent, [one for one in households if one.found])


async def _went_to(
    tx: Transaction, sent: StoredImport, closed: Collection[UUID], existing: dict[UUID, bool]
) -> dict[UUID, UUID]:
    """Of those closed households that were merged, the one that stands for each now and may be
    seen; those are added to `existing`.
    """
    went: dict[UUID, UUID] = {}
    asked = set(closed)
    for _ in range(_LONGEST_CHAIN):
        if not asked:
            break
        lineages = await _lineages(tx, asked)
        into = {one: lineage.merged_into for one, lineage in lineages.items()}
        went |= {one: other for one, other in into.items() if other is not None}
        targets = set(went.values()) - existing.keys()
        existing |= await matching.visible(tx, targets, sent.communes)
        asked = {one for one in went.values() if existing.get(one)} - went.keys()
    ends = {one: _end(one, went) for one in closed if one in went}
    return {one: end for one, end in ends.items() if existing.get(end) is False}


def _end(household_id: UUID, went: Mapping[UUID, UUID]) -> UUID:
    for _ in range(_LONGEST_CHAIN):
        if household_id not in went:
            break
        household_id = went[household_id]
    return household_id


async def _split_off(
    tx: Transaction, evidence: Collection[Evidence]
) -> dict[UUID, frozenset[UUID]]:
    """What was split off from those that a code names while numbers name another household."""
    asked = {
        meant
        for one in evidence
        if (meant := one.stands(one.stated or one.by_code))
        and any(bearer.household_id != meant for bearer in one.by_number.values())
    }
    return {
        household_id: frozenset(
            link.household_id for link in lineage.links if link.relation is LinkRelation.SPLIT_INTO
        )
        for household_id, lineage in (await _lineages(tx, asked)).items()
    }


async def _lineages(tx: Transaction, household_ids: Collection[UUID]) -> dict[UUID, Lineage]:
    acts = await read_acts(tx, list(household_ids)) if household_ids else {}
    return {household_id: derive_lineage(rows) for household_id, rows in acts.items()}


async def _refuse_shared(tx: Transaction, sent: StoredImport, households: Sequence[Judged]) -> None:
    """Two households of a file are two: they cannot both be the same one of the register."""
    meant = Counter(one.found for one in households)
    others: dict[int, set[int]] = {}
    codes = await matching.every_code_of(tx, [one.found for one in households if one.found])
    for one in households:
        known = set(codes.get(one.found, ())) - {(one.group.commune, one.group.code)}
        others[one.lines[0]] = {key_hash(*code) for code in known}
    hashes = set().union(*others.values())
    present = await page_store.keys_in_file(tx, sent.import_id, hashes)
    for one in households:
        if others[one.lines[0]] & present or meant[one.found] > 1:
            one.refused = {n: [error_of("code", reasons.SHARED)] for n in one.lines}


async def _by_name(
    tx: Transaction, vault: Vault, households: Sequence[Judged]
) -> dict[int, set[UUID]]:
    asked = []
    for one in households:
        if (head := one.head) and head.name:
            tokens = ",".join(map(str, vault.hashes("name", words(head.name))))
            birth = (head.birth_year, head.sex, head.birth_date)
            has_number = IdentifierType.UIN in head.numbers
            asked.append(Asked(one.lines[0], f"{{{tokens}}}", head.commune, *birth, has_number))
    return await matching.namesakes(tx, asked)


def take_bearers(one: Judged, bearers: Mapping[bytes, Bearer], existing: Collection[UUID]) -> None:
    """Who bears a line's numbers. Of whom is out of sight not even that they are two is said."""
    for line, hashes in one.hashes.items():
        borne = [bearers[hashed] for hashed in hashes.values() if hashed in bearers]
        unseen = [bearer for bearer in borne if bearer.household_id not in existing]
        if any(bearer.died_in in existing for bearer in borne):
            one.refused[line] = [error_of("", reasons.DIED)]
        elif unseen:
            one.refused[line] = [error_of(unseen[0].kind, reasons.ELSEWHERE)]
            one.unseen.add(line)
        elif len({bearer.person_id for bearer in borne}) > 1:
            one.refused[line] = [error_of(IdentifierType.UIN, reasons.NUMBERS_DIFFER)]
        elif borne:
            one.bearers[line] = borne[0]
