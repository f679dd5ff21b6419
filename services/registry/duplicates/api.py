"""Records that look alike over HTTP: the queue, both sides, the decision and its undoing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.ids import new_id
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import after_id
from libs.common.web.problems import plain
from services.registry.duplicates import acts, store
from services.registry.duplicates.acts import Proposal
from services.registry.duplicates.domain import PairState, Step, pending
from services.registry.duplicates.marking import claim
from services.registry.duplicates.schemas import (
    DecidedOut,
    DuplicateDetail,
    DuplicateOut,
    NumberClaimIn,
    ReasonIn,
    SameIn,
    SideOut,
)
from services.registry.households.changing import Order
from services.registry.rights.acts import unknown_person
from services.registry.rights.showing import clear_for
from services.registry.rights.store import find_member
from services.registry.vault import acts as vault
from services.registry.vault.domain import Identity, digest, masked
from services.registry.vault.former import history_when_settled, identity_at

router = APIRouter(prefix="/duplicates", tags=["Ghi trùng / Duplicates"])

Officer = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]
# Identity is touched: it takes two persons, and the second is no commune officer.
DECIDERS = frozenset((Role.CHAIRMAN, Role.PROVINCE))
Decider = Annotated[Edge, Depends(allow(*DECIDERS))]


@router.get("", summary="Các cặp nghi trùng / Records that look alike")
async def list_duplicates(
    edge: Officer, page: PageQuery, state: PairState = PairState.OPEN
) -> Page[DuplicateOut]:
    """The longest known first; of pairs over two communes both see them."""
    found = await store.list_pairs_after(edge.tx, state, after_id(page), page.limit + 1)
    for pair in found[: page.limit]:
        edge.note("person", [pair.one, pair.other])
    return page_of(found, page, DuplicateOut.of, lambda pair: pair.pair_id)


@router.post(
    "/claims", status_code=202, summary="Báo số đã được ghi cho người khác / Claim a number"
)
async def claim_number(body: NumberClaimIn, edge: Officer) -> None:
    """After `identifier.taken`: the bearer and this person are put side by side within seconds."""
    edge.guesses.take(edge.caller.subject)
    if await find_member(edge.tx, body.household_id, body.person_id) is None:
        raise unknown_person()
    edge.note("person", [body.person_id])
    number = digest(edge.vault.hash_key, body.type, body.value)
    by = edge.caller.subject
    await claim(edge.tx, body.person_id, number, by, body.evidence)


@router.get("/{pair_id}", summary="Hai bản ghi đặt cạnh nhau / Both records side by side")
async def get_duplicate(pair_id: UUID, edge: Officer) -> DuplicateDetail:
    """Masked; clear where a registered purpose is stated. A record in a commune that the caller
    may not see is left out: whoever sees both decides. Of a settled pair the record that went is
    shown as it was, the one that stays where its person may be seen.
    """
    pair = await acts.get_pair(edge.tx, pair_id)
    edge.note("person", [pair.one, pair.other])
    clear = await clear_for(edge, [pair.one, pair.other])
    steps = await store.read_steps(edge.tx, pair_id)
    people, known_at = [pair.one, pair.other], acts.seen_as_of(pair, steps)
    identities = await vault.read(edge.tx, edge.vault, people, known_at=known_at)
    if known_at is not None:
        gone = await history_when_settled(edge.tx, edge.vault, people)
        identities = {one: identity_at(held, known_at) for one, held in gone.items()} | identities
    sides = []
    for side in await store.read_sides(edge.tx, people, known_at):
        identity = identities.get(side["person_id"], Identity())
        shown = identity if side["person_id"] in clear else masked(identity)
        sides.append(
            SideOut(
                **dict(side), name=shown.name, numbers=dict(shown.numbers), address=shown.address
            )
        )
    return DuplicateDetail(
        **DuplicateOut.of(pair).model_dump(),
        sides=sides,
        as_known_at=known_at,
        is_masked=len(clear) < 2,
        proposed=pending([row.step for row in steps]),
        steps=[DecidedOut.of(row) for row in steps],
    )


@router.post("/{pair_id}/different", summary="Đề xuất: là hai người / Propose: two persons")
async def post_different(pair_id: UUID, body: ReasonIn, edge: Officer) -> DuplicateOut:
    """Waits for another person."""
    return await _propose(edge, pair_id, Proposal(Step.PROPOSE_DIFFERENT, body.reason))


@router.post("/{pair_id}/same", summary="Đề xuất: là một người / Propose: one person")
async def post_same(pair_id: UUID, body: SameIn, edge: Officer) -> DuplicateOut:
    """Which record stays. Waits for another person."""
    stated = Proposal(Step.PROPOSE_SAME, body.reason, body.keep, body.relations)
    return await _propose(edge, pair_id, stated)


@router.post("/{pair_id}/undo", summary="Đề xuất hủy quyết định / Propose to undo the decision")
async def post_undo(pair_id: UUID, body: ReasonIn, edge: Officer) -> DuplicateOut:
    """Waits for another person."""
    return await _propose(edge, pair_id, Proposal(Step.PROPOSE_UNDO, body.reason))


@router.post("/{pair_id}/withdrawal", summary="Rút đề xuất của mình / Withdraw one's proposal")
async def post_pair_withdrawal(pair_id: UUID, edge: Officer) -> DuplicateOut:
    """As long as nobody confirmed it; the pair stands as it did before."""
    return _out(edge, await acts.withdraw(edge.tx, pair_id, edge.caller.subject))


@router.post("/{pair_id}/confirmation", summary="Người thứ hai xác nhận / The second confirms")
async def post_confirmation(pair_id: UUID, edge: Decider) -> DuplicateOut:
    """Carries out what another person proposed. Of one person, the record that does not stay never
    was a member, and a household of nobody else is closed; undone, it is back as it was.
    """
    order = Order(new_id(), edge.clock.today(), edge.correlation_id)
    pair = await acts.confirm(edge.tx, edge.vault, pair_id, order, edge.caller.subject)
    return _out(edge, pair)


async def _propose(edge: Edge, pair_id: UUID, stated: Proposal) -> DuplicateOut:
    by, today = edge.caller.subject, edge.clock.today()
    return _out(edge, await acts.propose(edge.tx, pair_id, stated, by, today))


def require_decider(edge: Edge) -> None:
    """Refuse a caller who may not say that two records are one person's.

    Raises:
        Problem: 403.
    """
    if not DECIDERS & edge.caller.roles:
        raise plain(403)


def _out(edge: Edge, pair: store.KeptPair) -> DuplicateOut:
    edge.note("person", [pair.one, pair.other])
    edge.note("household", [pair.one_household, pair.other_household])
    return DuplicateOut.of(pair)
