"""The insurer's answers: it tells them by pages, and officers see what came of the roll."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends

from libs.common.problems import not_found
from libs.common.security.roles import Role
from libs.common.vocabulary import CardState
from libs.common.web import Edge, Page, PageQuery, allow, page_of
from libs.common.web.paging import bad_cursor
from services.eligibility.cards import store
from services.eligibility.cards.recording import record_answers
from services.eligibility.cards.schemas import (
    AwaitedOut,
    CardOut,
    CardsIn,
    CardsOut,
    HouseholdCardsOut,
)
from services.eligibility.scope import AreaQuery, communes_of

router = APIRouter(tags=["Thẻ bảo hiểm y tế / Insurance cards"])

Insurer = Annotated[Edge, Depends(allow(Role.INSURER))]
Reader = Annotated[
    Edge,
    Depends(allow(Role.INSURER, Role.OFFICER, Role.CHAIRMAN, Role.PROVINCE, Role.AUDITOR)),
]


@router.post("/insurance/cards", summary="Kết quả cấp thẻ BHYT / A page of answers to the roll")
async def post_cards(body: CardsIn, edge: Insurer) -> CardsOut:
    """Each line is recorded, unchanged or refused by itself; sending a page again does no harm."""
    verdicts = await record_answers(
        edge.tx,
        [line.answer() for line in body.lines],
        today=edge.clock.today(),
        recorded_by=edge.caller.subject,
    )
    edge.note("household", {line.household_id for line in body.lines})
    return CardsOut.of(verdicts)


@router.get("/insurance/cards", summary="Thẻ BHYT theo danh sách / Newest answers, by line")
async def list_cards(
    edge: Reader,
    page: PageQuery,
    area: AreaQuery = None,
    state: CardState | None = None,
    standing: Literal["current", "outdated"] | None = None,
) -> Page[CardOut]:
    """`state=rejected&standing=current` is an officer's list of work: who got no card, and why."""
    rows = await store.list_after(
        edge.tx,
        await communes_of(edge, area, edge.clock.today()),
        state,
        None if standing is None else standing == "current",
        _after(page.after),
        page.limit + 1,
    )
    edge.note("person", [row.answer.line.person_id for row in rows[: page.limit]])
    return page_of(
        rows,
        page,
        CardOut.of,
        lambda row: (
            row.commune,
            row.answer.line.person_id,
            row.answer.line.household_id,
            row.answer.line.group,
            row.answer.line.from_day,
        ),
    )


@router.get(
    "/households/{household_id}/cards", summary="Thẻ BHYT của hộ / A household and the insurer"
)
async def get_cards(household_id: UUID, edge: Reader) -> HouseholdCardsOut:
    """What awaits an answer, and every answer so far."""
    awaited = await store.list_awaited(edge.tx, household_id)
    answers = await store.list_of_household(edge.tx, household_id)
    is_known = bool(awaited or answers)  # to a partner, which sees its own groups' lines
    if edge.partner is None:
        is_known = bool(await store.read_visible(edge.tx, [household_id]))
    if not is_known:
        raise not_found("household")
    return HouseholdCardsOut(
        household_id=household_id,
        roll_version=await store.read_roll_version(edge.tx, household_id),
        awaited=[AwaitedOut.of(one) for one in awaited],
        answers=[CardOut.of(one) for one in answers],
    )


def _after(key: tuple[str, ...] | None) -> store.After:
    if key is None:
        return store.After()
    try:
        commune, person, household, group, from_day = key
        return store.After(
            commune, UUID(person), UUID(household), group, date.fromisoformat(from_day)
        )
    except ValueError:
        raise bad_cursor() from None
