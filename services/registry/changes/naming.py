"""What a request proposes to call persons: sealed with it, recorded in the vault, shown masked.

The values ride in no proposal, no fact and no event. While the request is open they are sealed with
it; once it is decided only the evidence's number is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.problems import FieldError
from libs.common.security.encryption import KeyMissing, Vault
from services.registry.changes import wording
from services.registry.changes.facts import Fact, FactChange
from services.registry.vault import acts
from services.registry.vault.acts import PersonIdentity
from services.registry.vault.domain import IdentifierType, Identity, check_identity, masked
from services.registry.vault.store import REQUESTS

MARK = "mark"
NAMES = (Fact.NAME, Fact.NUMBER, Fact.ADDRESS)
_NOBODY = Identity()


@dataclass(frozen=True, slots=True)
class Named:
    """A member and what it is to be called, at a place in the request."""

    household_id: UUID
    person_id: UUID
    identity: Identity
    pointer: str = "/proposal"


@dataclass(frozen=True, slots=True)
class Secret:
    """What of a request is sealed. `named` is empty once it is decided."""

    number: str
    named: tuple[Named, ...] = field(default=())

    def seal(self, vault: Vault, change_id: UUID) -> bytes:
        """As it stands in the request's row."""
        said = {"number": self.number, "named": [_said(one) for one in self.named]}
        return vault.keys.seal(json.dumps(said, ensure_ascii=False), _about(change_id))


def opened(vault: Vault, change_id: UUID, sealed: bytes) -> Secret:
    """What was sealed.

    Raises:
        Problem: 503, its key is not set.
    """
    try:
        said = json.loads(vault.keys.open(sealed, _about(change_id)))
    except KeyMissing:
        raise acts.key_missing() from None
    return Secret(said["number"], tuple(_named(one) for one in said["named"]))


def check_named(named: tuple[Named, ...], day: date, today: date) -> list[FieldError]:
    """Every broken rule of what persons are to be called, once where it is said of several."""
    errors = (
        error for one in named for error in check_identity(one.identity, day, today, one.pointer)
    )
    return list(dict.fromkeys(errors))


async def record(
    tx: Transaction, vault: Vault, named: tuple[Named, ...], day: date
) -> tuple[FactChange, ...]:
    """Record it from a day on; answers what became another value, masked.

    Raises:
        Problem: 404 for somebody who is no member, 409 for a number that another person bears.
    """
    people = [one.person_id for one in named]
    before = await acts.read(tx, vault, people)
    await acts.record(
        tx,
        vault,
        [
            PersonIdentity(
                one.person_id,
                one.household_id,
                day,
                one.identity.name,
                one.identity.numbers,
                one.identity.address,
            )
            for one in named
        ],
    )
    after = await acts.read(tx, vault, people)
    return tuple(
        FactChange(one.household_id, one.person_id, fact, was, will)
        for one in named
        for fact in NAMES
        for was, will in [
            [_shown(vault, known.get(one.person_id, _NOBODY), fact) for known in (before, after)]
        ]
        if was != will
    )


def at_home(named: tuple[Named, ...], homes: Mapping[UUID, UUID]) -> tuple[Named, ...]:
    """The same, each in the household in which the act has left it."""
    return tuple(
        replace(one, household_id=homes.get(one.person_id, one.household_id)) for one in named
    )


async def addresses_before(
    tx: Transaction, vault: Vault, changes: tuple[FactChange, ...], known_at: datetime
) -> tuple[Named, ...]:
    """Where persons lived before a request was carried out by which they moved.

    Who had no address then keeps the one that it has: what is recorded is not taken out again. Who
    has got another one since keeps that.
    """
    moved = {
        change.person_id: change
        for change in changes
        if change.fact is Fact.ADDRESS and change.before is not None and change.person_id
    }
    before = await acts.read(tx, vault, list(moved), known_at=known_at)
    now = await acts.read(tx, vault, list(moved))
    return tuple(
        Named(
            change.household_id,
            person_id,
            Identity(None, {}, before.get(person_id, _NOBODY).address),
            "/proposal/change_id",
        )
        for person_id, change in moved.items()
        if _shown(vault, now.get(person_id, _NOBODY), Fact.ADDRESS) == change.after
    )


async def named_before(
    tx: Transaction, vault: Vault, changes: tuple[FactChange, ...], known_at: datetime
) -> tuple[Named, ...]:
    """What persons were called before a request was carried out, of the values that it changed.

    Args:
        changes: what it changed.
        known_at: an instant right before it.

    Raises:
        Problem: 409, there was no value before: one that is recorded is not taken out again.
    """
    touched = [change for change in changes if change.fact in NAMES]
    homes = {c.person_id: c.household_id for c in touched if c.person_id is not None}
    people = list(homes)
    before = await acts.read(tx, vault, people, known_at=known_at)
    now = await acts.read(tx, vault, people)
    named = []
    for person_id in people:
        was, known = before.get(person_id, _NOBODY), now.get(person_id, _NOBODY)
        facts = {change.fact for change in touched if change.person_id == person_id}
        is_new = any(c.before is None for c in touched if c.person_id == person_id)
        if is_new or known.numbers.keys() - was.numbers.keys():
            raise wording.names_not_reversible()
        identity = Identity(
            was.name if Fact.NAME in facts else None,
            was.numbers if Fact.NUMBER in facts else {},
            was.address if Fact.ADDRESS in facts else None,
        )
        named.append(Named(homes[person_id], person_id, identity, "/proposal/change_id"))
    return tuple(named)


def _shown(vault: Vault, identity: Identity, fact: Fact) -> dict[str, Any] | None:
    """A value as anybody may see it, and a mark by which it is told from another one."""
    seen = masked(identity)
    match fact:
        case Fact.NAME:
            value, shown = identity.name, seen.name
        case Fact.ADDRESS:
            value, shown = identity.address, seen.address
        case _:
            value = json.dumps(dict(sorted(identity.numbers.items()))) if identity.numbers else None
            shown = ", ".join(f"{kind} {one}" for kind, one in sorted(seen.numbers.items()))
    if value is None:
        return None
    (mark,) = vault.hashes(f"change {fact}", [value])
    return {"masked": shown, MARK: mark}


def _about(change_id: UUID) -> str:
    return REQUESTS.about(change_id)


def _said(one: Named) -> dict[str, Any]:
    return {
        "household_id": str(one.household_id),
        "person_id": str(one.person_id),
        "name": one.identity.name,
        "numbers": dict(one.identity.numbers),
        "address": one.identity.address,
        "pointer": one.pointer,
    }


def _named(said: Mapping[str, Any]) -> Named:
    numbers = {IdentifierType(kind): value for kind, value in said["numbers"].items()}
    return Named(
        household_id=UUID(said["household_id"]),
        person_id=UUID(said["person_id"]),
        identity=Identity(said["name"], numbers, said["address"]),
        pointer=said["pointer"],
    )
