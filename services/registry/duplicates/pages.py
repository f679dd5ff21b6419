"""Screens on persons recorded twice: the queue, both records side by side, the decision."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from libs.common.problems import Text
from libs.common.security.roles import Role
from libs.common.vocabulary import Relation
from libs.common.web import Edge, allow
from libs.common.web.paging import PageRequest
from libs.common.web.screens import render, see_other
from services.registry.duplicates import api
from services.registry.duplicates.domain import CLUES, PairState, points_of
from services.registry.duplicates.schemas import DifferentIn, SameIn
from services.registry.households.store import read_households
from services.registry.vault import acts as vault
from services.registry.vault.domain import masked_name

router = APIRouter(prefix="/duplicates")
OFFICERS = frozenset((Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))
Officer = Annotated[Edge, Depends(allow(*OFFICERS))]
After = Annotated[str | None, Query(max_length=512)]
_SHOWN = 50


class PairAct(StrEnum):
    """What a person does with a pair."""

    DIFFERENT = "different"
    SAME = "same"
    UNDO = "undo"


class PairActIn(DifferentIn):
    """A decision as the form sends it; `keep` and `relations` where they are one person."""

    act: PairAct
    keep: UUID | None = None
    relations: dict[UUID, Relation] = Field(default_factory=dict, max_length=100)


@router.get("")
async def list_duplicates(
    request: Request, edge: Officer, state: PairState = PairState.OPEN, after: After = None
) -> Response:
    """The queue, the longest known first."""
    page = await api.list_duplicates(edge, PageRequest(after, _SHOWN), state)
    return render(
        request,
        "duplicates/list.html",
        Text("Người bị ghi trùng", "Persons recorded twice"),
        page=page,
        state=state,
        states=list(PairState),
        clues=CLUES,
    )


@router.get("/{pair_id}")
async def show(request: Request, pair_id: UUID, edge: Officer) -> Response:
    """Both records, masked; who is in the household of each, for another head where one goes."""
    pair = await api.get_duplicate(pair_id, edge)
    homes = await read_households(edge.tx, pair.households, as_of=edge.clock.today())
    others = [
        (home.household_id, member)
        for home in homes
        for member in home.members
        if member.person_id not in pair.persons
    ]
    names = await vault.read_names(edge.tx, edge.vault, [one.person_id for _, one in others])
    heads = {side.household_id for side in pair.sides if side.relation is Relation.HEAD}
    return render(
        request,
        "duplicates/pair.html",
        Text("Có phải cùng một người?", "Are they one person?"),
        pair=pair,
        left_behind=[one for home, one in others if home in heads],
        called={person_id: masked_name(name) for person_id, name in names.items()},
        relations=list(Relation),
        points=points_of,
        may_join=len(pair.sides) == 2 and bool({Role.CHAIRMAN, Role.PROVINCE} & edge.caller.roles),
    )


@router.post("/{pair_id}")
async def decide(request: Request, pair_id: UUID, body: PairActIn, edge: Officer) -> Response:
    """One person or two, or the decision undone."""
    if body.act is PairAct.DIFFERENT:
        await api.post_different(pair_id, DifferentIn(reason=body.reason), edge)
        return see_other(request, f"/duplicates/{pair_id}")
    api.require_decider(edge)
    if body.act is PairAct.UNDO:
        await api.post_undo(pair_id, DifferentIn(reason=body.reason), edge)
    else:
        keep = api.require_keep(body.keep)
        stated = SameIn(keep=keep, reason=body.reason, relations=body.relations)
        await api.post_same(pair_id, stated, edge)
    return see_other(request, f"/duplicates/{pair_id}")
