"""Screens on persons recorded twice: the queue, both records side by side, the decision."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from libs.common.problems import FieldError, Problem, Text
from libs.common.security.roles import Role
from libs.common.security.subjects import roles_of
from libs.common.vocabulary import Relation
from libs.common.web import Edge, allow
from libs.common.web.paging import PageRequest
from libs.common.web.screens import render, see_other
from services.registry.duplicates import api
from services.registry.duplicates.domain import CLUES, PairState, Step, points_of
from services.registry.duplicates.schemas import DecidedOut, Reason, ReasonIn, SameIn
from services.registry.households.store import read_households
from services.registry.purposes.domain import may_state, require
from services.registry.timeline.pages import roles_in
from services.registry.vault import acts as vault
from services.registry.vault.domain import masked_name

router = APIRouter(prefix="/duplicates")
OFFICERS = frozenset((Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE))
Officer = Annotated[Edge, Depends(allow(*OFFICERS))]
Asker = Annotated[Edge, Depends(allow(*OFFICERS, reads=True))]
After = Annotated[str | None, Query(max_length=512)]
_SHOWN = 50
Given = TypeVar("Given")


class PairAct(StrEnum):
    """What a person does with a pair."""

    DIFFERENT = "different"
    SAME = "same"
    UNDO = "undo"
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"


class PairActIn(BaseModel):
    """What the form sends; `reason` with a proposal, `keep` where they are one person."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    act: PairAct
    reason: Reason | None = None
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
@router.get("/{pair_id}/clear")
async def show(request: Request, pair_id: UUID, edge: Officer) -> Response:
    """Both records, masked; who is in the household of each, for another head where one goes."""
    return await _show(request, pair_id, edge)


@router.post("/{pair_id}/clear")
async def show_clear(request: Request, pair_id: UUID, edge: Asker) -> Response:
    """The same with names and numbers, for a purpose."""
    require(edge.caller.purpose, edge.caller.roles, edge.clock.today())
    return await _show(request, pair_id, edge, is_clear=True)


async def _show(request: Request, pair_id: UUID, edge: Edge, *, is_clear: bool = False) -> Response:
    pair = await api.get_duplicate(pair_id, edge)
    homes = await read_households(edge.tx, pair.households, as_of=edge.clock.today())
    others = [
        (home.household_id, member)
        for home in homes
        for member in home.members
        if member.person_id not in pair.persons
    ]
    names = await vault.read_names(edge.tx, edge.vault, [one.person_id for _, one in others])
    callers = {one.recorded_by for one in pair.steps}
    roles = await roles_of(edge.tx, [*pair.persons, *pair.households], callers)
    heads = {side.household_id for side in pair.sides if side.relation is Relation.HEAD}
    return render(
        request,
        "duplicates/pair.html",
        Text("Có phải cùng một người?", "Are they one person?"),
        pair=pair,
        own=f"/duplicates/{pair_id}",
        is_clear=is_clear,
        purposes=may_state(edge.caller.roles, edge.clock.today()),
        left_behind=[one for home, one in others if home in heads],
        called={person_id: masked_name(name) for person_id, name in names.items()},
        relations=list(Relation),
        points=points_of,
        offices={by: roles_in(said) for by, said in roles.items()},
        settled=_settled(pair.steps)
        if pair.state in (PairState.SAME, PairState.DIFFERENT)
        else None,
        may_withdraw=pair.proposed is not None
        and edge.caller.subject == pair.steps[-1].recorded_by,
        may_propose=len(pair.sides) == 2 or pair.state is not PairState.OPEN,
        may_confirm=pair.proposed is not None
        and bool(api.DECIDERS & edge.caller.roles)
        and edge.caller.subject not in (pair.steps[-1].recorded_by, pair.claimed_by),
    )


@router.post("/{pair_id}")
async def decide(request: Request, pair_id: UUID, body: PairActIn, edge: Officer) -> Response:
    """A proposal, its withdrawal, or the confirmation of another person's."""
    match body.act:
        case PairAct.CONFIRM:
            api.require_decider(edge)
            await api.post_confirmation(pair_id, edge)
        case PairAct.WITHDRAW:
            await api.post_pair_withdrawal(pair_id, edge)
        case PairAct.SAME:
            keep = _given(body.keep, "/keep", _NO_RECORD, _CHOOSE)
            stated = SameIn(keep=keep, reason=_reason(body), relations=body.relations)
            await api.post_same(pair_id, stated, edge)
        case PairAct.DIFFERENT:
            await api.post_different(pair_id, ReasonIn(reason=_reason(body)), edge)
        case _:
            await api.post_undo(pair_id, ReasonIn(reason=_reason(body)), edge)
    return see_other(request, f"/duplicates/{pair_id}")


def _settled(steps: Sequence[DecidedOut]) -> tuple[DecidedOut, DecidedOut]:
    """What was proposed of the pair and confirmed last: the proposal, and its confirmation."""
    place = max(i for i, one in enumerate(steps) if one.step in (Step.SAME, Step.DIFFERENT))
    return steps[place - 1], steps[place]


_NO_RECORD = Text("Chưa chọn bản ghi được giữ.", "No record was chosen to stay.")
_CHOOSE = Text("Chọn một trong hai bản ghi.", "Choose one of the two.")
_NO_REASON = Text("Chưa ghi căn cứ.", "No reason is given.")
_NAME_PAPERS = Text("Ghi số, ngày của giấy tờ đã xem.", "Name the papers that were looked at.")


def _reason(body: PairActIn) -> str:
    return _given(body.reason, "/reason", _NO_REASON, _NAME_PAPERS)


def _given(value: Given | None, pointer: str, message: Text, fix: Text) -> Given:
    if value is None:
        rule = f"{pointer.removeprefix('/')}.missing"
        raise Problem(422, "duplicate.refused", message, [FieldError(pointer, rule, message, fix)])
    return value
