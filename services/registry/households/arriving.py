"""A household from outside the register comes to live in a commune (hộ chuyển đến)."""

from datetime import date

from libs.common.contracts.household import REGISTERED
from libs.common.database import Transaction
from libs.common.vocabulary import HouseholdActKind
from services.registry.households.changing import (
    Order,
    Outcome,
    Plan,
    Touched,
    carry_out,
    require,
)
from services.registry.households.domain import HouseholdFacts, check_household
from services.registry.lineage.domain import class_when_arrived


async def arrive(tx: Transaction, order: Order, facts: HouseholdFacts, today: date) -> Outcome:
    """The household stands on the register from the day on, and says that it is registered.

    Raises:
        Problem: as `carry_out`; 403 for a commune outside the caller's areas, 409 for a person who
            is in another household.
    """
    return await carry_out(
        tx,
        HouseholdActKind.ARRIVE,
        order,
        [],
        lambda _: plan_arrival(facts, today),
        today,
        founded=facts.household_id,
    )


def plan_arrival(facts: HouseholdFacts, today: date) -> Plan:
    """The household as it comes; pure."""
    require(check_household(facts, today, "/new"))
    verdict = class_when_arrived()
    return Plan([Touched(facts, REGISTERED, to_review=verdict.to_review)], verdict.notes)
