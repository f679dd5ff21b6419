"""A page of the insurer's answers is kept and said; and answers move with their household."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from libs.common.clock import start_of_day
from libs.common.contracts.card import CHANGED, Card, CardData
from libs.common.contracts.household import HouseholdArea
from libs.common.database import Transaction
from libs.common.messaging import ledger
from libs.common.messaging.generations import is_owed
from libs.common.messaging.ledger import NewEvent
from libs.common.vocabulary import Result
from services.eligibility.cards import store
from services.eligibility.cards.domain import Answer, Line, Verdict, judge, newest
from services.eligibility.cards.store import Home, Told

STREAM = "card"


async def record_answers(
    tx: Transaction, answers: Sequence[Answer], *, today: date, recorded_by: str
) -> list[Verdict]:
    """Keep a page of answers, each by itself; the same again changes nothing.

    Says `card.changed.v1` of the households of which an answer that counts is new. The event
    follows from the saying of the roll that was answered, so that it belongs to the act that began
    it all: a page of a thousand lines answers many acts.

    Returns:
        One verdict per answer, in their order.
    """
    visible = await store.read_visible(tx, [answer.line.household_id for answer in answers])
    heads = await ledger.lock_heads(tx, STREAM, visible)
    homes = await store.read_homes(tx, visible)  # under the lock: nobody moves meanwhile
    bases, told = await store.read_bases(tx, answers)
    kept = await store.read_kept(tx, visible)
    verdicts = judge(answers, bases, kept, today)
    fresh = [
        (verdict.answer, saying)
        for verdict, saying in zip(verdicts, told, strict=True)
        if verdict.result is Result.RECORDED and saying is not None
    ]
    counted = {line: newest(numbers) for line, numbers in kept.items()}
    for answer, _ in fresh:
        kept.setdefault(answer.line, {})[answer.number] = answer
    counting = {line: newest(numbers) for line, numbers in kept.items()}
    await store.insert_answers(
        tx,
        [
            (
                answer,
                saying,
                homes[answer.line.household_id].commune,
                counting[answer.line] is answer,
            )
            for answer, saying in fresh
        ],
        [
            before
            for line, before in counted.items()
            if before is not None and counting[line] is not before
        ],
        recorded_by,
    )
    causes: dict[UUID, tuple[Answer, Told]] = {}
    for verdict, saying in zip(verdicts, told, strict=True):
        answer, household = verdict.answer, verdict.answer.line.household_id
        if verdict.result is Result.REFUSED or saying is None:
            continue
        if counting[answer.line] is not answer and not is_owed(heads[household]):
            continue
        if household not in causes or causes[household][0].roll_version <= answer.roll_version:
            causes[household] = answer, saying
    await _say(tx, heads, homes, causes, counting)
    return verdicts


async def move_with_households(tx: Transaction, communes: Mapping[UUID, str]) -> None:
    """The answers of households that moved to another commune are that commune's to see."""
    if communes:
        await ledger.lock_heads(tx, STREAM, list(communes))
        await store.move(tx, communes)


async def _say(
    tx: Transaction,
    heads: dict[UUID, int],
    homes: Mapping[UUID, Home],
    causes: Mapping[UUID, tuple[Answer, Told]],
    counting: Mapping[Line, Answer | None],
) -> None:
    cards: dict[UUID, list[Answer]] = {household: [] for household in causes}
    for line, answer in counting.items():
        if line.household_id in cards and answer is not None:
            cards[line.household_id].append(answer)
    said = [
        NewEvent(
            subject=household,
            type=CHANGED,
            time=start_of_day(answer.answered_on),
            data=CardData.model_construct(
                household_id=household,
                area=HouseholdArea.model_validate(homes[household].area),
                cards=tuple(_card(one) for one in sorted(cards[household], key=_place)),
            ),
            correlation_id=cause.correlation_id,
            causation_id=cause.event_id,
            traceparent=cause.traceparent,
        )
        for household, (answer, cause) in causes.items()
    ]
    await ledger.append(tx, "eligibility", STREAM, heads, said)


def _place(answer: Answer) -> Line:
    return answer.line


def _card(answer: Answer) -> Card:
    return Card.model_construct(
        person_id=answer.line.person_id,
        group=answer.line.group,
        from_day=answer.line.from_day,
        until=answer.until,
        roll_version=answer.roll_version,
        number=answer.number,
        state=answer.state,
        reason=answer.reason,
        benefit_level=answer.benefit_level,
        valid_from=answer.valid_from,
        valid_until=answer.valid_until,
        answered_on=answer.answered_on,
    )
