"""What people do with change requests: ask, look ahead, endorse, approve, refuse, withdraw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.problems import Problem, Text, not_found
from libs.common.security.encryption import Vault
from libs.common.security.rls import within_communes
from libs.common.vocabulary import StatusClass
from services.registry.changes import domain, store, wording
from services.registry.changes.asking import Asked
from services.registry.changes.carrying import (
    Effect,
    Order,
    attempt,
    carry_out,
    place_of_household,
)
from services.registry.changes.domain import Kind, Person, Persons, Request, State, persons_for
from services.registry.changes.facts import CLASS_RESTS_ON, Claim, claims, differing
from services.registry.changes.naming import Named, Secret, addresses_before, named_before, opened
from services.registry.changes.proposals import PROPOSAL, Proposal, ReversalIn
from services.registry.changes.store import Ask, StoredChange
from services.registry.households.acts import STREAM
from services.registry.households.store import (
    communes_outside_scope,
    present_members,
    visible_households,
)
from services.registry.reviews.domain import derive_timeline
from services.registry.reviews.store import read_rows
from services.registry.vault.domain import Identity

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """A change as an officer asks for it.

    Attributes:
        evidence: the document behind it, as it is stored, without its number; `evidence_on` is its
            day.
        by: who asks.
    """

    proposal: Proposal
    evidence: dict[str, Any]
    evidence_number: str
    evidence_on: date
    effective_on: date
    by: str
    correlation_id: UUID

    @property
    def names_numbers(self) -> bool:
        """Whether trying it tells if a number is somebody's already."""
        if isinstance(self.proposal, ReversalIn):
            return False
        return any(who.numbers for _, who in self.proposal.named.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """What a wish would do, who would decide on it, and which open requests stand against it.

    `notes` say what would follow.
    """

    effect: Effect
    persons: Persons
    to_commune: str | None
    claimed_by: tuple[str, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts, before it is known on which request."""

    subject: str
    is_chairman: bool


async def preview(tx: Transaction, vault: Vault, wish: Wish, today: date) -> Preview:
    """What would happen; nothing is written.

    Raises:
        Problem: whatever would refuse it.
    """
    order = await _order(tx, vault, wish, today)
    effect = await _try(tx, vault, order, today)
    _, to_commune = await _parties(tx, effect)
    held = _claims(order, effect)
    return Preview(
        effect=effect,
        persons=_persons(order, effect, to_commune, today),
        to_commune=to_commune,
        claimed_by=tuple(await store.holders(tx, order.change_id, held)),
        notes=(*effect.notes, *await _class_notes(tx, effect, today)),
    )


async def ask(tx: Transaction, vault: Vault, wish: Wish, today: date) -> StoredChange:
    """Write a request for a change that would be done at present.

    Raises:
        Problem: 422 naming every broken rule, 409 where another open request holds one of its facts
            or a household is closed, 412 where a household was read in an older version.
    """
    order = await _order(tx, vault, wish, today)
    # Until the request stands: the locks of the trial go with it, and a household that moved right
    # after it would leave the request behind.
    await ledger.lock_heads(tx, STREAM, order.household_ids)
    effect = await _try(tx, vault, order, today)
    commune, to_commune = await _parties(tx, effect)
    persons = _persons(order, effect, to_commune, today)
    request = Ask(
        change_id=order.change_id,
        commune=commune,
        to_commune=to_commune,
        kind=order.proposal.kind,
        effective_on=wish.effective_on,
        proposal=_unnamed(wish.proposal).model_dump(mode="json"),
        evidence=wish.evidence,
        sealed=Secret(wish.evidence_number, order.named).seal(vault, order.change_id),
        changes=effect.changes,
        persons=persons.count,
        persons_row=persons.row,
        reverses=order.undone_id,
        correlation_id=wish.correlation_id,
    )
    versions = {one: effect.read.get(one) for one in (*effect.read, *effect.written)}
    await store.insert(tx, request, today.year, wish.by, versions)
    held = _claims(order, effect)
    if not await store.claim(tx, order.change_id, held):
        others = await store.holders(tx, order.change_id, held)
        raise wording.claimed(others or [None])
    return await get(tx, order.change_id)


async def endorse(tx: Transaction, vault: Vault, change_id: UUID, caller: Caller) -> StoredChange:
    """The first of two persons agrees."""
    return await _decide(tx, vault, change_id, caller, domain.endorse)


async def refuse(
    tx: Transaction, vault: Vault, change_id: UUID, caller: Caller, reason: str
) -> StoredChange:
    """It is not to be done, for a reason."""
    return await _decide(tx, vault, change_id, caller, domain.refuse, reason)


async def withdraw(tx: Transaction, vault: Vault, change_id: UUID, caller: Caller) -> StoredChange:
    """Whoever asked takes it back."""
    return await _decide(tx, vault, change_id, caller, domain.withdraw)


async def approve(
    tx: Transaction, vault: Vault, change_id: UUID, caller: Caller, today: date
) -> StoredChange:
    """Carry it out: decided and done in one transaction, or refused with what differs and open.

    Raises:
        Problem: 403 where the caller may not, 409 where it is decided, waits for somebody else, or
            would by now do something else than was asked for.
    """
    change = await get(tx, change_id)
    # Heads before own rows, as everywhere: the acts lock them once more, at no cost. Then whose it
    # is stands: a household that moved meanwhile has taken it along.
    await ledger.lock_heads(tx, STREAM, [one.household_id for one in change.households])
    change = await _locked(tx, change_id)
    order = await _order_of(tx, vault, change)
    after = domain.approve(change.request, await _person(tx, change, caller))
    # Decided before it is done: the move that it is leaves the request where both communes see it.
    await _advance(tx, vault, change, after.state, caller.subject)
    async with within_communes(tx, order.within):
        try:
            effect = await carry_out(tx, vault, order, today)
        except Problem as problem:
            raise wording.broken(problem) from None
    places = differing(change.ask.changes, effect.changes)
    if places:
        raise wording.outdated(places, len(change.ask.changes))
    await store.keep_versions(tx, change_id, dict(effect.written))
    return await get(tx, change_id)


async def get(tx: Transaction, change_id: UUID) -> StoredChange:
    """The request, or the problem that it is not there or not visible."""
    found = await store.read(tx, [change_id])
    if not found:
        raise not_found("change")
    return found[0]


async def _decide(
    tx: Transaction,
    vault: Vault,
    change_id: UUID,
    caller: Caller,
    step: Callable[[Request, Person], Request],
    reason: str | None = None,
) -> StoredChange:
    change = await _locked(tx, change_id)
    after = step(change.request, await _person(tx, change, caller))
    await _advance(tx, vault, change, after.state, caller.subject, reason)
    return await get(tx, change_id)


async def _advance(
    tx: Transaction,
    vault: Vault,
    change: StoredChange,
    state: State,
    by: str,
    reason: str | None = None,
) -> None:
    """Into another state; what it proposed to call persons is kept no longer than it is open."""
    await store.advance(tx, change.ask.change_id, state, by, reason)
    secret = opened(vault, change.ask.change_id, change.ask.sealed)
    if state not in domain.OPEN and secret.named:
        kept = Secret(secret.number).seal(vault, change.ask.change_id)
        await store.reseal(tx, change.ask.change_id, kept)


async def _locked(tx: Transaction, change_id: UUID) -> StoredChange:
    await store.lock(tx, change_id)
    return await get(tx, change_id)


async def _person(tx: Transaction, change: StoredChange, caller: Caller) -> Person:
    communes = _communes(change.request)
    outside = await communes_outside_scope(tx, sorted(communes))
    return Person(caller.subject, caller.is_chairman, frozenset(communes - outside))


def _communes(request: Request) -> set[str]:
    return {request.commune} | ({request.to_commune} if request.to_commune else set())


async def _order(tx: Transaction, vault: Vault, wish: Wish, today: date) -> Order:
    """What a wish comes to."""
    days = {"/effective_on": wish.effective_on, "/evidence/issued_on": wish.evidence_on}
    errors = [wording.future(pointer) for pointer, day in days.items() if day > today]
    if errors:
        raise wording.malformed(errors)
    proposal = wish.proposal
    order = Order(new_id(), proposal, wish.effective_on, wish.correlation_id)
    if not isinstance(proposal, ReversalIn):
        elsewhere = {proposal.elsewhere} if proposal.elsewhere else ()
        order = replace(order, within=frozenset(elsewhere))
        return replace(order, named=await _named(tx, proposal))
    undone = await _reversible(tx, proposal.change_id)
    applied = next(step for step in undone.steps if step.state is State.APPLIED)
    known_at = applied.recorded_at - _TICK
    before = named_before if undone.ask.kind is Kind.IDENTITY else addresses_before
    async with within_communes(tx, _communes(undone.request)):  # who moved may be in the other one
        named = await before(tx, vault, undone.ask.changes, known_at)
    return _undoing(replace(order, named=named), undone)


async def _reversible(tx: Transaction, change_id: UUID) -> StoredChange:
    found = await store.read(tx, [change_id])
    if not found:
        raise not_found("change")
    (change,) = found
    if change.state is not State.APPLIED:
        raise wording.not_applied()
    if change.reversed_by is not None:
        raise wording.reversed_before(change.reversed_by)
    return change


async def _order_of(tx: Transaction, vault: Vault, change: StoredChange) -> Order:
    ask = change.ask
    order = Order(
        change_id=ask.change_id,
        proposal=PROPOSAL.validate_python(ask.proposal),
        effective_on=ask.effective_on,
        correlation_id=ask.correlation_id,
        named=opened(vault, ask.change_id, ask.sealed).named,
        within=frozenset(_communes(change.request)),
    )
    return order if ask.reverses is None else _undoing(order, await get(tx, ask.reverses))


def _undoing(order: Order, undone: StoredChange) -> Order:
    """What was corrected wrongly was so on no day: names hold from the reversed request's day."""
    return replace(
        order,
        named_from=undone.ask.effective_on,
        undone=undone.ask.changes,
        undone_id=undone.ask.change_id,
        within=frozenset(_communes(undone.request)),
    )


async def _try(tx: Transaction, vault: Vault, order: Order, today: date) -> Effect:
    """What it would do, with every household in the version that was read.

    Nobody asks for a household that they do not see, also where another commune's is concerned.
    """
    first = order.household_ids[:1]
    is_reversal = isinstance(order.proposal, ReversalIn)
    if first and not is_reversal and not await visible_households(tx, first):
        raise wording.gone(place_of_household(order.proposal, first[0]))
    async with within_communes(tx, order.within):
        effect = await attempt(tx, vault, order, today)
    _check_versions(order.proposal, effect.read)
    if not effect.changes:
        raise wording.nothing_changes()
    return effect


def _check_versions(proposal: Proposal, present: Mapping[UUID, int]) -> None:
    if isinstance(proposal, ReversalIn):
        return
    for pointer, ref in proposal.households.items():
        if ref.version is not None and ref.version != present[ref.household_id]:
            raise wording.stale(f"{pointer}/version")


async def _named(tx: Transaction, proposal: Asked) -> tuple[Named, ...]:
    """What it says of whom: names and numbers person by person, one address of all who move."""
    said = {
        person_id: Named(proposal.home, person_id, who.identity, pointer)
        for pointer, (person_id, who) in proposal.named.items()
    }
    if (there := proposal.addressed) is not None:
        movers = there.persons
        if movers is None:
            movers = tuple(await present_members(tx, [proposal.home]))
        at = there.pointer.rpartition("/")[0]
        for one in movers:
            known = said.get(one, Named(proposal.home, one, Identity(), at))
            identity = replace(known.identity, address=there.address)
            said[one] = replace(known, identity=identity)
    return tuple(said.values())


def _unnamed(proposal: Proposal) -> Proposal:
    return proposal if isinstance(proposal, ReversalIn) else proposal.unnamed()


def _claims(order: Order, effect: Effect) -> list[Claim]:
    proposal = order.proposal
    if isinstance(proposal, ReversalIn):
        return claims(effect.changes)
    return claims(effect.changes, proposal.own_claims(order.effective_on))


def _persons(order: Order, effect: Effect, to_commune: str | None, today: date) -> Persons:
    is_between = to_commune is not None
    return persons_for(order.proposal.kind, effect.changes, today, between_communes=is_between)


async def _parties(tx: Transaction, effect: Effect) -> tuple[str, str | None]:
    """The commune that asks, and the other one that it takes to agree, if any."""
    outside = await communes_outside_scope(tx, sorted(effect.communes))
    ours = next((commune for commune in effect.homes if commune not in outside), None)
    if ours is None:
        raise wording.gone("/proposal")
    return ours, next(iter(sorted(effect.communes - {ours})), None)


async def _class_notes(tx: Transaction, effect: Effect, today: date) -> list[Text]:
    """The class stands until somebody decides on it: whoever has one may have to be reviewed."""
    touched = {c.household_id for c in effect.changes if c.fact in CLASS_RESTS_ON}
    rows = await read_rows(tx, sorted(touched & effect.read.keys()))
    has_class = any(
        period.status is not StatusClass.NONE
        for history in rows.values()
        for period in derive_timeline(history).on(today).periods
    )
    return [wording.CLASS_TO_REVIEW] if has_class else []
