"""Acts on one need: the household's application and its withdrawal.

Each locks the referral's head first, as whoever follows its household's entitlements does. The same
act again changes nothing; another content under the same id is refused, naming what differs.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.database import Transaction
from libs.common.problems import FieldError, not_found
from libs.common.vocabulary import NeedStage, ReferralState
from services.credit.groups import store as groups
from services.credit.loans import store as loans
from services.credit.needs import store
from services.credit.needs.domain import (
    Application,
    Limits,
    Need,
    apply,
    withdraw,
)
from services.credit.needs.store import Placed
from services.credit.needs.wording import field_error, refusal
from services.credit.referrals.domain import Act, Price, Referral, terms_as_of, with_need
from services.credit.referrals.recording import Held, hold, record


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What every act is judged by.

    Attributes:
        today: the day in Vietnam.
        price: the terms of a programme on a day.
        correlation_id: of the act.
    """

    today: date
    price: Price
    correlation_id: UUID


async def apply_for(
    tx: Transaction,
    need_id: UUID,
    referral_id: UUID,
    application: Application,
    around: Circumstances,
) -> Placed:
    """Record form 01/TD.

    Raises:
        Problem: 422 naming every fault, 409 for an id that stands for something else, for a
            referral that is not open or has a need that is not over yet.
    """
    held = await hold(tx, [referral_id])
    known = await store.find_need(tx, need_id)
    if known is not None:
        _refuse_difference(_differences(known, referral_id, application))
        return known
    stored = held.stored.get(referral_id)
    if stored is None:
        raise refusal(422, "need.refused", [field_error("/referral_id", "referral.unknown")])
    referral = stored.referral
    _require_room(referral)
    need = apply(
        need_id,
        application,
        await _limits(tx, referral, application.applied_on, around.price),
        referral.opened_on,
        around.today,
        is_member=await _is_member(tx, referral, application),
    )
    change = with_need(Act.NEED_APPLIED, referral, need)
    placed = _placed(change.referral, change.referral.need or need)
    if not await store.insert_need(tx, placed):
        raise refusal(409, "need.taken", [field_error("/need_id", "need.taken")])
    await record(tx, held, [change], [around.correlation_id])
    return placed


async def withdraw_need(
    tx: Transaction, need_id: UUID, on: date, reason: str, around: Circumstances
) -> Placed:
    """Record that the household does not want it any more.

    Raises:
        Problem: 404, 409 for a need that is over, 422 for a wrong day.
    """
    held, placed = await _hold_need(tx, need_id)
    need = placed.need
    if need.stage is NeedStage.WITHDRAWN:
        _refuse_difference(
            [
                field_error(pointer, "need.differs")
                for pointer, known, asked in (
                    ("/on", need.changed_on, on),
                    ("/reason", need.reason, reason),
                )
                if known != asked
            ]
        )
        return placed
    changed = withdraw(need, on, reason, around.today)
    act = Act.NEED_WITHDRAWN
    referral = await _record_step(tx, held, placed.referral_id, act, changed, around)
    return _placed(referral, referral.need or changed)


async def _limits(tx: Transaction, referral: Referral, day: date, price: Price) -> Limits:
    """What may be borrowed under a referral by the terms of a day, less what is owed now."""
    terms = terms_as_of(referral.programme, referral.opened_on, day, price)
    owed = await loans.owed_of_household(tx, referral.household_id, referral.programme)
    return Limits(terms.max_amount, terms.max_months, terms.document, owed)


async def _is_member(tx: Transaction, referral: Referral, application: Application) -> bool:
    """Whether the household was in the group it names; naming none is no fault."""
    if application.group_id is None:
        return True
    found = await groups.group_of_household(tx, referral.household_id, application.applied_on)
    return found == application.group_id


async def _hold_need(tx: Transaction, need_id: UUID) -> tuple[Held, Placed]:
    placed = await store.find_need(tx, need_id)
    if placed is None:
        raise not_found("need")
    held = await hold(tx, [placed.referral_id])
    placed = await store.find_need(tx, need_id)  # as it stands under the lock
    if placed is None or placed.referral_id not in held.stored:
        raise not_found("need")
    return held, placed


async def _record_step(
    tx: Transaction, held: Held, referral_id: UUID, act: Act, need: Need, around: Circumstances
) -> Referral:
    change = with_need(act, held.stored[referral_id].referral, need)
    await record(tx, held, [change], [around.correlation_id])
    return change.referral


def _placed(referral: Referral, need: Need) -> Placed:
    return Placed(need, referral.referral_id, referral.household_id, referral.commune)


def _require_room(referral: Referral) -> None:
    if referral.state is not ReferralState.OPEN:
        raise refusal(409, "referral.not_open", [field_error("/referral_id", "referral.not_open")])
    if referral.need is not None and referral.need.is_open:
        raise refusal(409, "need.one_open", [field_error("/referral_id", "need.one_open")])


def _differences(known: Placed, referral_id: UUID, application: Application) -> list[FieldError]:
    asked = {"referral_id": referral_id} | {
        name: getattr(application, name) for name in Application.__slots__
    }
    stands = {"referral_id": known.referral_id} | {
        name: getattr(known.need.application, name) for name in Application.__slots__
    }
    return [
        field_error(f"/{name}", "need.differs") for name in asked if asked[name] != stands[name]
    ]


def _refuse_difference(errors: list[FieldError]) -> None:
    if errors:
        raise refusal(409, "need.differs", errors)
