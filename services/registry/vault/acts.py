"""Who persons are: recorded and read in sets, each value sealed about its person alone.

Whoever reads clear text must have a registered purpose and name the persons on the audit trail;
nothing here puts a value into an event, a log or an error.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.problems import FieldError, Problem, Text, not_found
from libs.common.security.encryption import KeyMissing, Vault
from services.registry.duplicates.marking import mark
from services.registry.vault import filing, store
from services.registry.vault.domain import (
    Bearer,
    IdentifierType,
    Identity,
    digest,
    normalise,
    tidy,
    words,
)
from services.registry.vault.store import (
    ADDRESSES,
    DRAWERS,
    NAMES,
    NUMBERS,
    Drawer,
    Member,
    Sealed,
)

_TICK = timedelta(microseconds=1)
_STREAM = "household"


@dataclass(frozen=True, slots=True)
class PersonIdentity:
    """What is stated of who a person is. None: nothing is stated, it stays as it is.

    Attributes:
        household_id: in which the person is a member at present, or was last.
        from_day: from when on it holds.
    """

    person_id: UUID
    household_id: UUID
    from_day: date
    name: str | None = None
    numbers: Mapping[IdentifierType, str] = field(default_factory=dict)
    address: str | None = None

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.numbers, self.address)


class Stated(NamedTuple):
    """One value, in its one writing, from a day on; `kind` is a number's type."""

    person_id: UUID
    from_day: date
    value: str
    kind: str = ""


class Version(NamedTuple):
    """A value over `[from_day, until)`, held true over `[recorded_from, recorded_until)`.

    `kind`: `name`, `address` or a number's type.
    """

    kind: str
    value: str
    from_day: date
    until: date | None
    recorded_from: datetime
    recorded_until: datetime | None


class Known(NamedTuple):
    """One value that is held, and since which day it holds."""

    value: str
    from_day: date


async def record(
    tx: Transaction, vault: Vault, identities: Sequence[PersonIdentity], *, are_new: bool = False
) -> None:
    """Record who persons are, all or none; what is known already is not written again.

    Each person stands once in the set, and what is stated was checked (`check_identity`). Locks the
    households' heads.

    Args:
        tx: the act's transaction.
        vault: what is sealed under.
        identities: what is stated.
        are_new: the persons were made in this transaction: nothing can be known of them.

    Raises:
        Problem: 404, one is no member of that household or may not be seen; 409, somebody else
            bears a number.
    """
    if not identities:
        return
    people = [one.person_id for one in identities]
    if not are_new:
        await lock(tx, [one.household_id for one in identities])
    members = await store.members(tx, [one.household_id for one in identities], people)
    if len(members) < len(identities):
        raise not_found("person")
    names, addresses, numbers = _stated(identities)
    if not are_new:
        since = await store.known_since(tx, people)
        if since is not None and since >= tx.recorded_at:
            # This transaction began before the one that it waited for.
            tx = dataclasses.replace(tx, recorded_at=since + _TICK)
        names, addresses, numbers = [
            await _not_known(tx, vault, drawer, stated)
            for drawer, stated in zip(DRAWERS, (names, addresses, numbers), strict=True)
        ]
    named = [_seal_name(vault, one, members[one.person_id]) for one in names]
    gone = await store.replace(tx, NAMES, named, are_new=are_new)
    await filing.file_names(tx, gone, named)
    held = [_seal_address(vault, one) for one in addresses]
    await store.replace(tx, ADDRESSES, held, are_new=are_new)
    borne = [_seal_number(vault, one) for one in numbers]
    await store.replace(tx, NUMBERS, borne, are_new=are_new)
    await mark(tx, [one.person_id for one in (*names, *numbers)])


async def replaces_known(tx: Transaction, vault: Vault, one: PersonIdentity) -> bool:
    """Whether another name or number is known from that day on; the household's head is locked.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    if one.name is not None:
        about, name = NAMES.about(one.person_id), tidy(one.name)
        try:
            for row in await store.held_from(tx, NAMES, one.person_id, one.from_day):
                if vault.keys.open(row["sealed"], about) != name:
                    return True
        except KeyMissing:
            raise key_missing() from None
    numbers = {
        kind: digest(vault.hash_key, kind, normalise(value)) for kind, value in one.numbers.items()
    }
    held = await store.held_from(tx, NUMBERS, one.person_id, one.from_day) if numbers else []
    return any(numbers.get(row["type"], row["hash"]) != row["hash"] for row in held)


async def read(
    tx: Transaction,
    vault: Vault,
    person_ids: Sequence[UUID],
    on: date | None = None,
    known_at: datetime | None = None,
) -> dict[UUID, Identity]:
    """Who these persons are, in clear text, of those who may be seen and of whom anything is known.

    Args:
        on: as of a day; None: the newest.
        known_at: as known at an instant; None: now.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    try:
        names, addresses, numbers = [
            await _open(tx, vault, drawer, person_ids, on, known_at) for drawer in DRAWERS
        ]
    except KeyMissing:
        raise key_missing() from None
    numbers_of: dict[UUID, dict[IdentifierType, str]] = {}
    for (person_id, kind), known in numbers.items():
        numbers_of.setdefault(person_id, {})[IdentifierType(kind)] = known.value
    return {
        person_id: Identity(
            name=_value(names, person_id),
            numbers=numbers_of.get(person_id, {}),
            address=_value(addresses, person_id),
        )
        for person_id in {key[0] for found in (names, addresses, numbers) for key in found}
    }


async def read_names(tx: Transaction, vault: Vault, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The newest names of these persons, in clear text, of those who may be seen.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    try:
        found = await _open(tx, vault, NAMES, person_ids)
    except KeyMissing:
        raise key_missing() from None
    return {person_id: known.value for (person_id, _), known in found.items()}


async def read_history(tx: Transaction, vault: Vault, person_id: UUID) -> list[Version]:
    """Everything that was ever held of who a person is, in clear text.

    Raises:
        Problem: 503, a value was sealed under a key that is not set.
    """
    versions = []
    try:
        for drawer, kind in zip(DRAWERS, ("name", "address", ""), strict=True):
            for row in await store.history(tx, drawer, person_id):
                value = vault.keys.open(row["sealed"], drawer.about(person_id, row["type"]))
                more = list(row.values())[2:]
                versions.append(Version(row["type"] or kind, value, *more))
    except KeyMissing:
        raise key_missing() from None
    return versions


async def destroy(tx: Transaction, person_ids: Sequence[UUID]) -> int:
    """The end of retention: what leads from an id to a person is deleted, of every day; the ids
    stay. On the worker role. Answers how many values were deleted.
    """
    deleted = [await store.delete(tx, drawer, person_ids) for drawer in DRAWERS]
    await filing.file_names(tx, deleted[DRAWERS.index(NAMES)], [])
    return sum(len(rows) for rows in deleted)


async def lock(tx: Transaction, household_ids: Sequence[UUID]) -> None:
    """Lock the households' heads, under which what their members are called is recorded."""
    await ledger.lock_heads(tx, _STREAM, household_ids)


async def get_bearer(tx: Transaction, household_id: UUID, person_id: UUID) -> Bearer:
    """What is known of a member, to compare a number with. Of who died or left every household,
    where it was last.

    Raises:
        Problem: 404, there is nobody like that; 409, the person is a member elsewhere by now.
    """
    found = await store.members(tx, [household_id], [person_id])
    if not found and await store.belongs(tx, household_id, person_id) is False:
        raise _elsewhere()
    if not found:
        raise not_found("person")
    return found[person_id].bearer


async def require_belongs(tx: Transaction, household_id: UUID, person_id: UUID) -> None:
    """The problem that there is nobody like that; who died or left is read where he was last."""
    if not await store.belongs(tx, household_id, person_id):
        raise not_found("person")


async def version_of(tx: Transaction, person_id: UUID) -> int:
    """What changes with every record: the newest one's instant in microseconds; 0: none."""
    since = await store.known_since(tx, [person_id])
    return 0 if since is None else int(since.timestamp() * 1_000_000)


async def bearers_of(
    tx: Transaction, vault: Vault, numbers: Iterable[tuple[IdentifierType, str]]
) -> dict[tuple[IdentifierType, str], UUID]:
    """Who bears these numbers today, of those who may be seen; numbers that nobody bears are
    absent.
    """
    asked = {digest(vault.hash_key, kind, value): (kind, value) for kind, value in numbers}
    found = await store.find(tx, list(asked))
    return {asked[hashed]: person_id for hashed, person_id in found.items()}


def _stated(
    identities: Sequence[PersonIdentity],
) -> tuple[list[Stated], list[Stated], list[Stated]]:
    """Names, addresses and numbers, each in its one writing."""
    return (
        [Stated(o.person_id, o.from_day, tidy(o.name)) for o in identities if o.name is not None],
        [
            Stated(one.person_id, one.from_day, tidy(one.address))
            for one in identities
            if one.address is not None
        ],
        [
            Stated(one.person_id, one.from_day, normalise(value), kind)
            for one in identities
            for kind, value in one.numbers.items()
        ],
    )


def _value(found: Mapping[tuple[UUID, str], Known], person_id: UUID) -> str | None:
    known = found.get((person_id, ""))
    return None if known is None else known.value


async def _open(
    tx: Transaction,
    vault: Vault,
    drawer: Drawer,
    person_ids: Sequence[UUID],
    on: date | None = None,
    known_at: datetime | None = None,
) -> dict[tuple[UUID, str], Known]:
    """What a drawer holds of these persons, by person and type."""
    opened = {}
    for row in await store.read(tx, drawer, person_ids, on, known_at):
        person_id, kind = row["person_id"], row["type"] if drawer.keyed else ""
        if row["sealed"] is not None:
            value = vault.keys.open(row["sealed"], drawer.about(person_id, kind))
            opened[person_id, kind] = Known(value, row["from_day"])
    return opened


async def _not_known(
    tx: Transaction, vault: Vault, drawer: Drawer, stated: Sequence[Stated]
) -> list[Stated]:
    """What is stated and not known already, from that day on."""
    known = await _open(tx, vault, drawer, [one.person_id for one in stated]) if stated else {}
    return [
        one
        for one in stated
        if (held := known.get((one.person_id, one.kind))) is None
        or held.value != one.value
        or one.from_day < held.from_day
    ]


def _seal_name(vault: Vault, one: Stated, member: Member) -> Sealed:
    tokens = vault.hashes("name", words(one.value))
    filed = ("{" + ",".join(map(str, tokens)) + "}", member.commune, member.bearer.birth_year)
    return Sealed(one.person_id, one.from_day, _sealed(vault, NAMES, one), filed)


def _seal_address(vault: Vault, one: Stated) -> Sealed:
    return Sealed(one.person_id, one.from_day, _sealed(vault, ADDRESSES, one))


def _seal_number(vault: Vault, one: Stated) -> Sealed:
    more = (one.kind, digest(vault.hash_key, one.kind, one.value))
    return Sealed(one.person_id, one.from_day, _sealed(vault, NUMBERS, one), more)


def _sealed(vault: Vault, drawer: Drawer, one: Stated) -> bytes:
    return vault.keys.seal(one.value, drawer.about(one.person_id, one.kind))


def _elsewhere() -> Problem:
    title = Text(
        "Người này nay thuộc hộ khác.", "The person is a member of another household by now."
    )
    fix = Text(
        "Cán bộ nơi người ấy đang ở ghi; xã cũ không ghi thay.",
        "The officers of where the person lives record it.",
    )
    rule = "person.in_another_household"
    return Problem(409, rule, title, [FieldError("", rule, title, fix)])


def key_missing() -> Problem:
    """A value was sealed under a key that is not set."""
    title = Text(
        "Thiếu khóa của kho danh tính (ANSINH_VAULT_KEYS).",
        "A key of the vault is not set (ANSINH_VAULT_KEYS).",
    )
    return Problem(503, "vault.key_missing", title)
