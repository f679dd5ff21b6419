"""Household events become facts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from libs.common.contracts.envelope import Received
from libs.common.contracts.household import HouseholdData
from libs.common.database import Transaction
from services.reporting.facts import store
from services.reporting.facts.domain import Period, class_steps, outside, residences


async def on_household(events: Sequence[Received[HouseholdData]], tx: Transaction) -> None:
    """Set insert: each version is kept once; what holds when is derived from the set of versions,
    so that any order and any repetition end in the same rows.
    """
    await store.insert_facts(tx, [row for event in events for row in _rows(event)])
    moved = await store.find_moved(tx, list({event.subject for event in events}))
    if moved:
        places = {household_id: residences(said) for household_id, said in moved.items()}
        await store.replace_residences(tx, places)


def _rows(event: Received[HouseholdData]) -> Iterator[store.FactRow]:
    data = event.data
    members = data.members
    member_from = _days(member.joined_on for member in members)
    member_until = _days(member.left_on for member in members)
    first_day = min(
        (data.registered_on, data.area.from_day, *(period.from_day for period in data.statuses))
    )
    closures = [(one.from_day, one.until) for one in data.closures]
    away = _ranges(closures)
    for standard in sorted({period.standard for period in data.statuses}) or [""]:
        days, classes = class_steps(
            (from_day, until, period.status)
            for period in data.statuses
            if period.standard == standard
            for from_day, until in outside((period.from_day, period.until), closures)
        )
        windows = (
            period
            for window in data.escapes
            if window.standard == standard
            for period in outside((window.from_day, window.until), closures)
        )
        yield store.FactRow(
            household_id=event.subject,
            version=event.version,
            standard=standard,
            commune=data.area.commune,
            lives_from=data.area.from_day,
            first_day=first_day,
            closed_on=data.closed_on,
            recorded_at=event.recorded_at,
            class_days=_days(days),
            classes="{" + ",".join(f'"{name}"' for name in classes) + "}",
            escaped=_ranges(windows),
            member_from=member_from,
            member_until=member_until,
            away=away,
        )


def _ranges(periods: Iterable[Period]) -> str:
    return "{" + ",".join(f"[{from_day},{until or ''})" for from_day, until in periods) + "}"


def _days(days: Iterable[date | None]) -> str:
    return "{" + ",".join("NULL" if day is None else day.isoformat() for day in days) + "}"
