"""What people do to answers: an officer says where households live, another commune's confirms.

    asked -> applied | refused
    applied -> undo_asked -> undone | applied

A move of households between communes takes two persons, as a change request of kind `move` does.
Whoever asks acts for the commune that takes the households over, or, to undo, gives them up;
whoever confirms acts for another successor. Undone, they are asked about again as if they had never
been moved.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import islice
from uuid import UUID

from libs.common.database import Transaction
from libs.common.ids import new_id
from libs.common.messaging import ledger
from libs.common.problems import not_found
from libs.common.security.rls import within_communes
from services.registry.households.acts import STREAM
from services.registry.households.relocating import put_back
from services.registry.households.store import communes_outside_scope, visible_households
from services.registry.reorganisations import answers, concerned, refusals, store
from services.registry.reorganisations.acts import AT_ONCE, CHUNK, asked_routes, move
from services.registry.reorganisations.answers import Answer, AnswerState, New
from services.registry.reorganisations.store import Route, Stored


class AnswerAct(StrEnum):
    """What is done with an answer that was given."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    UNDO = "undo"


_BECOMES = {
    (AnswerState.ASKED, AnswerAct.CONFIRM): AnswerState.APPLIED,
    (AnswerState.ASKED, AnswerAct.REFUSE): AnswerState.REFUSED,
    (AnswerState.APPLIED, AnswerAct.UNDO): AnswerState.UNDO_ASKED,
    (AnswerState.UNDO_ASKED, AnswerAct.CONFIRM): AnswerState.UNDONE,
    (AnswerState.UNDO_ASKED, AnswerAct.REFUSE): AnswerState.APPLIED,
}


def offered(state: AnswerState) -> list[AnswerAct]:
    """What may be done with an answer."""
    return [act for known, act in _BECOMES if known is state]


async def ask(
    tx: Transaction,
    reorganisation_id: UUID,
    commune: str,
    village: str | None,
    household_ids: Sequence[UUID],
    to: str,
    by: str,
) -> Answer:
    """Say where households of a divided commune live: the named ones, else all of a village (None:
    those without one), at most 5,000. Nobody is moved yet.

    Raises:
        Problem: 422 where nobody is asked about or `to` is no choice, 403 where it is outside the
            caller's areas, 404.
    """
    _, routes = await asked_routes(tx, reorganisation_id)
    of_commune = [route for route in routes if route.code == commune]
    if not of_commune:
        raise refusals.not_asked("/commune")
    _ways(of_commune, to)
    if await communes_outside_scope(tx, [to]):
        raise refusals.outside_scope("/to")
    household_ids = list(dict.fromkeys(household_ids))
    if household_ids:
        if set(household_ids) - (await visible_households(tx, household_ids)).keys():
            raise not_found("household")
        if (await concerned.still_going(tx, of_commune, household_ids)).keys() < set(household_ids):
            raise refusals.not_asked("/households")
    else:
        rows = await concerned.list_open_households(tx, of_commune, village or "", None, AT_ONCE)
        household_ids = [row["household_id"] for row in rows]
        if not household_ids:
            raise refusals.not_asked("/village")
    communes = tuple(sorted({commune, *(route.to_code for route in of_commune)}))
    new = New(new_id(), commune, village, to, communes, household_ids)
    await answers.insert(tx, reorganisation_id, new, by)
    return await get(tx, reorganisation_id, new.answer_id)


async def get(tx: Transaction, reorganisation_id: UUID, answer_id: UUID) -> Answer:
    """The answer, or the problem that it is not there or not visible."""
    found = await answers.find(tx, reorganisation_id, answer_id)
    if found is None:
        raise not_found("answer")
    return found


async def decide(
    tx: Transaction, reorganisation_id: UUID, answer_id: UUID, act: AnswerAct, by: str
) -> Answer:
    """Confirm an answer or its undoing, which is then done; refuse it; or ask to undo it.

    Raises:
        Problem: 404, 409 where it is not the time for that, 403 where it is the asker's own or the
            caller acts for none of the communes that have to agree.
    """
    if await store.lock(tx, reorganisation_id) is None:
        raise not_found("reorganisation")
    answer = await get(tx, reorganisation_id, answer_id)
    state = _BECOMES.get((answer.state, act))
    found, routes = await asked_routes(tx, reorganisation_id)
    if state is None or not routes:
        raise refusals.answer_state(answer.state)
    moved = answer.moved
    if act is AnswerAct.UNDO:
        await _must_act_for(tx, [answer.to_commune])
    elif act is AnswerAct.CONFIRM:
        if answer.by == by:
            raise refusals.own_answer()
        await _must_act_for(tx, answer.others)
        async with within_communes(tx, answer.communes):
            moved = await _carry_out(tx, found, routes, answer)
    await answers.step(tx, answer, state, by, moved)
    return await get(tx, reorganisation_id, answer_id)


async def _carry_out(
    tx: Transaction, found: Stored, routes: Sequence[Route], answer: Answer
) -> list[UUID]:
    ways = _ways([route for route in routes if route.code == answer.commune], answer.to_commune)
    if answer.state is AnswerState.ASKED:
        return await move(tx, found, ways, answer.households, answer.to_commune)
    heads = await ledger.lock_heads(tx, STREAM, answer.moved) if answer.moved else {}
    back = await concerned.still_moved(
        tx, answer.moved, answer.commune, answer.to_commune, found.in_force
    )
    for start in range(0, len(back), CHUNK):
        since = dict(islice(back.items(), start, start + CHUNK))
        await put_back(tx, heads, since, answer.commune, found.in_force, start)
    return list(back)


def _ways(routes: Sequence[Route], to: str) -> list[Route]:
    ways = [route for route in routes if route.to_code == to]
    if not ways:
        raise refusals.not_a_choice(sorted({route.to_code for route in routes}))
    return ways


async def _must_act_for(tx: Transaction, communes: Sequence[str]) -> None:
    """For one of them at least."""
    if len(await communes_outside_scope(tx, communes)) == len(communes):
        raise refusals.other_commune(communes)
