"""Every event of a household becomes a timeline entry."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from libs.common.contracts.card import CardData
from libs.common.contracts.entitlement import EntitlementData
from libs.common.contracts.envelope import Received
from libs.common.contracts.household import HouseholdData
from libs.common.contracts.insurance import RollData
from libs.common.contracts.loan import LoanData
from libs.common.contracts.model import Contract
from libs.common.contracts.referral import ReferralData
from libs.common.contracts.training import OfferData
from libs.common.database import Transaction
from libs.common.vocabulary import CardState
from services.reporting.timeline import store


async def on_event(events: Sequence[Received[Contract]], tx: Transaction) -> None:
    """Set insert: each event is one entry, kept once, whatever comes before or after it."""
    rows: list[store.EntryRow] = []
    for event in events:
        told = _tell(event.data)
        if told is None:
            continue
        household_id, commune, act, facts = told
        rows.append(
            (
                household_id,
                event.stream,
                event.subject,
                event.version,
                event.event_id,
                event.type,
                commune,
                act,
                json.dumps(facts, ensure_ascii=False),
                event.correlation_id,
                event.causation_id,
                event.time,
                event.recorded_at,
            )
        )
    await store.insert_entries(tx, rows)


def _tell(data: Contract) -> tuple[UUID, str, str, dict[str, Any]] | None:
    """Household, commune, act and parameters of an event's line."""
    match data:
        case HouseholdData():
            return data.household_id, data.area.commune, data.act.kind, facts_of_household(data)
        case EntitlementData():
            held = ((e.programme, e.from_day, e.until) for e in data.entitlements)
            facts = _held(held, data.as_of)
            return data.household_id, data.area.commune, "determined", facts
        case RollData():
            held = ((p.group, p.from_day, p.until) for p in data.periods)
            return data.household_id, data.area.commune, "enrolled", _held(held, data.as_of)
        case CardData():
            return data.household_id, data.area.commune, "answered", _answered(data)
        case OfferData():
            held = ((o.group, o.from_day, o.until) for o in data.offers)
            return data.household_id, data.area.commune, "offered", _held(held, data.as_of)
        case ReferralData():
            facts = {"programme": data.programme, "state": data.state}
            return data.household_id, data.area.commune, data.act, facts
        case LoanData():
            facts = {
                "programme": data.programme,
                "state": data.state,
                "principal": data.principal,
                "owed": data.balances.in_term + data.balances.overdue + data.balances.frozen,
            }
            return data.household_id, data.area.commune, data.act, facts
        case _:
            return None


def facts_of_household(data: HouseholdData) -> dict[str, Any]:
    """The parameters of a household event's line: what holds on the day of the act."""
    day = data.act.effective_on
    facts: dict[str, Any] = {
        "effective_on": day.isoformat(),
        "classes": {
            period.standard: period.status
            for period in data.statuses
            if period.from_day <= day and (period.until is None or period.until > day)
        },
    }
    windows = [window.until for window in data.escapes if window.from_day <= day < window.until]
    if windows:
        facts["newly_escaped_until"] = max(windows).isoformat()
    if data.act.former is not None:
        facts["former_commune"] = data.act.former.commune
        facts["income_line_changes"] = data.act.former.income_line_changes
    if data.act.decision_id is not None:
        for decision in data.decisions:
            if decision.decision_id == data.act.decision_id:
                facts["decision"] = decision.number
    return facts


def _answered(data: CardData) -> dict[str, Any]:
    """How many lines of the roll stand how with the insurer, and why not otherwise."""
    return {
        "states": Counter(card.state for card in data.cards),
        "reasons": Counter(card.reason for card in data.cards if card.state is CardState.REJECTED),
    }


def _held(rights: Iterable[tuple[str, date, date | None]], day: date) -> dict[str, Any]:
    """How many hold each right on the day."""
    return {
        "held": Counter(
            code
            for code, from_day, until in rights
            if from_day <= day and (until is None or until > day)
        )
    }
