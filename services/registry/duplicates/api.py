"""Records that look alike over HTTP: the queue, both sides, the decision and its undoing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.ids import new_id
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import after_id
from libs.common.web.problems import plain
from services.registry.duplicates import acts, store
from services.registry.duplicates.acts import OnePerson
from services.registry.duplicates.domain import PairState
from services.registry.duplicates.marking import mark
from services.registry.duplicates.schemas import (
    DecidedOut,
    DifferentIn,
    DuplicateDetail,
    DuplicateOut,
    NumberClaimIn,
    SameIn,
    SideOut,
)
from services.registry.households.changing import Order
from services.registry.rights.acts import unknown_person
from services.registry.rights.showing import clear_for
from services.registry.rights.store import find_member
from services.registry.vault import acts as vault
from services.registry.vault.domain import Identity, digest, masked

router = APIRouter(prefix="/duplicates", tags=["Ghi trùng / Duplicates"])

Officer = Annotated[Edge, Depends(allow(Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))]
# Identity is touched: whoever records persons does not decide that two of them are one.
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
    if await find_member(edge.tx, body.household_id, body.person_id) is None:
        raise unknown_person()
    edge.note("person", [body.person_id])
    number = digest(edge.vault.hash_key, body.type, body.value)
    await mark(edge.tx, [body.person_id], number)


@router.get("/{pair_id}", summary="Hai bản ghi đặt cạnh nhau / Both records side by side")
async def get_duplicate(pair_id: UUID, edge: Officer) -> DuplicateDetail:
    """Masked; clear where a registered purpose is stated. A record in a commune that the caller
    may not see is left out: whoever sees both decides.
    """
    pair = await acts.get_pair(edge.tx, pair_id)
    edge.note("person", [pair.one, pair.other])
    clear = await clear_for(edge, [pair.one, pair.other])
    identities = await vault.read(edge.tx, edge.vault, [pair.one, pair.other])
    sides = []
    for side in await store.read_sides(edge.tx, [pair.one, pair.other]):
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
        is_masked=len(clear) < 2,
        steps=[DecidedOut.of(row) for row in await store.read_steps(edge.tx, pair_id)],
    )


@router.post("/{pair_id}/different", summary="Là hai người / They are two persons")
async def post_different(pair_id: UUID, body: DifferentIn, edge: Officer) -> DuplicateOut:
    pair = await acts.tell_apart(edge.tx, pair_id, body.reason, edge.caller.subject)
    return _out(edge, pair)


@router.post("/{pair_id}/same", summary="Là một người, giữ một bản ghi / They are one person")
async def post_same(pair_id: UUID, body: SameIn, edge: Decider) -> DuplicateOut:
    """The other record never was a member; a household of nobody else is closed."""
    stated = OnePerson(body.keep, body.reason, body.relations)
    pair = await acts.join(edge.tx, edge.vault, pair_id, stated, _order(edge), edge.caller.subject)
    return _out(edge, pair)


@router.post("/{pair_id}/undo", summary="Hủy quyết định / Undo the decision")
async def post_undo(pair_id: UUID, body: DifferentIn, edge: Decider) -> DuplicateOut:
    """The record that went is back, as if it had never gone."""
    pair = await acts.undo(
        edge.tx, edge.vault, pair_id, body.reason, _order(edge), edge.caller.subject
    )
    return _out(edge, pair)


def require_decider(edge: Edge) -> None:
    """Refuse a caller who may not say that two records are one person's.

    Raises:
        Problem: 403.
    """
    if not DECIDERS & edge.caller.roles:
        raise plain(403)


def require_keep(keep: UUID | None) -> UUID:
    """The record that stays.

    Raises:
        Problem: 422, none was chosen.
    """
    if keep is None:
        title = Text("Chưa chọn bản ghi được giữ.", "No record was chosen to stay.")
        fix = Text("Chọn một trong hai bản ghi.", "Choose one of the two.")
        error = FieldError("/keep", "keep.missing", title, fix)
        raise Problem(422, "duplicate.refused", title, [error])
    return keep


def _order(edge: Edge) -> Order:
    return Order(new_id(), edge.clock.today(), edge.correlation_id)


def _out(edge: Edge, pair: store.KeptPair) -> DuplicateOut:
    edge.note("person", [pair.one, pair.other])
    edge.note("household", [pair.one_household, pair.other_household])
    return DuplicateOut.of(pair)
