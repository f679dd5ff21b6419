"""Every event type, its data, and who subscribes to it: the one list that topology, AsyncAPI,
readiness and the relay's `mandatory` flag are made from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from libs.common.contracts import (
    area,
    card,
    entitlement,
    household,
    insurance,
    loan,
    referral,
    training,
)
from libs.common.contracts.model import Contract


@dataclass(frozen=True)
class EventType:
    """One type on the bus. Its stream is the part before the first dot.

    Attributes:
        name: with its major version, e.g. `household.changed.v1`.
        source: the service that says it.
        data: what it carries.
        upcast: this version's data (as JSON) made into the next major's; None for the newest.
            Ledgers hold old versions for ever, so a type never leaves the catalogue.
    """

    name: str
    source: str
    data: type[Contract]
    upcast: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    @property
    def next_name(self) -> str:
        """The name of the next major."""
        name, _, major = self.name.rpartition(".v")
        return f"{name}.v{int(major) + 1}"

    @property
    def stream(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Subscription:
    """A consumer of the contract: `<service>.<room>` and the types it can read."""

    consumer: str
    bindings: tuple[str, ...]

    @property
    def service(self) -> str:
        return self.consumer.partition(".")[0]

    @property
    def queue(self) -> str:
        return f"{self.consumer}.v1"

    def reads(self, event_type: str) -> bool:
        return any(fnmatchcase(event_type, pattern) for pattern in self.bindings)


EVENT_TYPES: dict[str, EventType] = {
    event.name: event
    for event in (
        EventType(area.CHANGED, "registry", area.AreaData),
        EventType(household.REGISTERED, "registry", household.HouseholdData),
        EventType(household.CHANGED, "registry", household.HouseholdData),
        EventType(household.STATUS_CHANGED, "registry", household.HouseholdData),
        EventType(household.SPLIT, "registry", household.HouseholdData),
        EventType(household.MERGED, "registry", household.HouseholdData),
        EventType(household.CLOSED, "registry", household.HouseholdData),
        EventType(entitlement.CHANGED, "eligibility", entitlement.EntitlementData),
        EventType(insurance.ROLL_CHANGED, "eligibility", insurance.RollData),
        EventType(card.CHANGED, "eligibility", card.CardData),
        EventType(training.OFFER_CHANGED, "eligibility", training.OfferData),
        EventType(referral.CHANGED, "credit", referral.ReferralData),
        EventType(loan.CHANGED, "credit", loan.LoanData),
    )
}

SUBSCRIPTIONS: dict[str, Subscription] = {
    subscription.consumer: subscription
    for subscription in (
        Subscription("eligibility.areas", ("area.*.v1",)),
        Subscription("eligibility.entitlements", ("household.*.v1",)),
        Subscription("eligibility.insurance", ("entitlement.*.v1",)),
        Subscription("eligibility.training", ("entitlement.*.v1",)),
        Subscription("credit.areas", ("area.*.v1",)),
        Subscription("credit.referrals", ("entitlement.*.v1",)),
        Subscription("reporting.areas", ("area.*.v1",)),
        Subscription("reporting.facts", ("household.*.v1",)),
        Subscription(
            "reporting.effects",
            ("entitlement.*.v1", "insurance.*.v1", "training.*.v1", "referral.*.v1"),
        ),
        Subscription(
            "reporting.timeline",
            (
                "household.*.v1",
                "entitlement.*.v1",
                "insurance.*.v1",
                "card.*.v1",
                "training.*.v1",
                "referral.*.v1",
                "loan.*.v1",
            ),
        ),
    )
}


def newest(event_type: str) -> EventType:
    """The major that readers work with, whichever the ledger holds."""
    kind = EVENT_TYPES[event_type]
    return kind if kind.upcast is None else newest(kind.next_name)


def readable(subscription: Subscription) -> tuple[str, ...]:
    """Every type whose events the consumer can work: what it binds, and what upcasts to that."""
    return tuple(
        name
        for name in EVENT_TYPES
        if subscription.reads(name) or subscription.reads(newest(name).name)
    )


def subscribers(event_type: str) -> tuple[Subscription, ...]:
    """Who must receive this type."""
    return tuple(entry for entry in SUBSCRIPTIONS.values() if entry.reads(event_type))
