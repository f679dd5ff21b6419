"""From decisions to status periods and escape windows, whatever the order in which they came."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import derived_id
from libs.common.policy import add_months
from libs.common.vocabulary import DecisionKind, StatusClass
from services.registry.reviews.domain import Row, derive_timeline, standing_rows

POOR, NEAR, AVERAGE, NONE = StatusClass
STANDARD = "ND07-2021"
FIRST = date(2022, 1, 1)


def decision(number: int) -> UUID:
    return derived_id("decision", number)


def a_row(
    number: int,
    status: StatusClass | None,
    effective_on: date,
    *,
    signed_on: date | None = None,
    supersedes: int | None = None,
    standard: str = STANDARD,
) -> Row:
    """Decision `number`; numbers are the order in which decisions were recorded."""
    kinds = DecisionKind.RECOGNISE, DecisionKind.CORRECT
    kind = DecisionKind.REVOKE if status is None else kinds[supersedes is not None]
    return Row(
        decision_id=decision(number),
        kind=kind,
        number=f"{number}/QĐ",
        authority="UBND",
        standard=standard,
        status=status,
        signed_on=signed_on or effective_on,
        effective_on=effective_on,
        supersedes=None if supersedes is None else decision(supersedes),
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
    )


def short(*rows: Row) -> list[tuple[StatusClass, date, date | None]]:
    periods = derive_timeline(rows).periods
    return [(period.status, period.from_day, period.until) for period in periods]


def windows(*rows: Row) -> list[tuple[StatusClass, date, date]]:
    found = derive_timeline(rows).windows
    return [(window.from_class, window.from_day, window.until) for window in found]


def test_each_decision_holds_until_the_next_takes_effect() -> None:
    rows = a_row(1, POOR, FIRST), a_row(2, NEAR, date(2023, 1, 1))
    assert short(*rows) == [
        (POOR, FIRST, date(2023, 1, 1)),
        (NEAR, date(2023, 1, 1), None),
    ]


def test_on_one_effective_day_the_later_knowledge_wins() -> None:
    assert short(a_row(2, NEAR, FIRST), a_row(1, POOR, FIRST)) == [(NEAR, FIRST, None)]


def test_standards_run_side_by_side() -> None:
    timeline = derive_timeline((a_row(1, POOR, FIRST), a_row(2, NEAR, FIRST, standard="BN-2025")))
    assert [(p.standard, p.status) for p in timeline.periods] == [
        ("BN-2025", NEAR),
        (STANDARD, POOR),
    ]


def test_escape_opens_a_window_of_36_months_from_the_signature() -> None:
    rows = a_row(1, POOR, FIRST), a_row(2, NONE, date(2024, 1, 1), signed_on=date(2023, 12, 14))
    assert windows(*rows) == [(POOR, date(2024, 1, 1), date(2026, 12, 14))]


@pytest.mark.parametrize(
    ("before", "after", "is_escape"),
    [
        (POOR, NONE, True),
        (POOR, AVERAGE, True),
        (NEAR, NONE, True),
        (NEAR, AVERAGE, True),
        (POOR, NEAR, False),
        (NEAR, POOR, False),
        (NONE, NONE, False),
        (AVERAGE, NONE, False),
        (NONE, POOR, False),
    ],
)
def test_which_change_is_an_escape(
    before: StatusClass, after: StatusClass, is_escape: bool
) -> None:
    found = windows(a_row(1, before, FIRST), a_row(2, after, date(2024, 1, 1)))
    assert bool(found) is is_escape


def test_becoming_poor_again_ends_the_window() -> None:
    rows = (
        a_row(1, NEAR, FIRST),
        a_row(2, NONE, date(2023, 1, 1)),
        a_row(3, AVERAGE, date(2023, 6, 1)),
        a_row(4, POOR, date(2024, 1, 1)),
    )
    assert windows(*rows) == [(NEAR, date(2023, 1, 1), date(2024, 1, 1))]


def test_a_correction_replaces_and_its_revocation_brings_back() -> None:
    first = a_row(1, POOR, FIRST)
    correction = a_row(2, NEAR, FIRST, supersedes=1)
    revocation = a_row(3, None, FIRST, supersedes=2)
    assert short(first, correction) == [(NEAR, FIRST, None)]
    assert short(first, correction, revocation) == [(POOR, FIRST, None)]


def test_revoking_the_only_decision_leaves_nothing() -> None:
    assert short(a_row(1, POOR, FIRST), a_row(2, None, FIRST, supersedes=1)) == []


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2022, 1, 15), 36, date(2025, 1, 15)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2021, 12, 31), 36, date(2024, 12, 31)),
        (date(2022, 10, 31), 1, date(2022, 11, 30)),
        (date(2022, 11, 30), 1, date(2022, 12, 30)),
    ],
)
def test_add_months(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@st.composite
def pasts(draw: st.DrawFn) -> tuple[Row, ...]:
    """Up to eight decisions; some correct or revoke an earlier one that stands."""
    rows: list[Row] = []
    for number in range(draw(st.integers(1, 8))):
        day = FIRST + timedelta(days=draw(st.integers(0, 2000)))
        standing = standing_rows(rows)
        target = draw(st.sampled_from([None, *standing]))
        status = draw(st.sampled_from(list(StatusClass)))
        kind = "new" if target is None else draw(st.sampled_from(["new", "correct", "revoke"]))
        if kind == "new" or target is None or (kind == "correct" and target.status is None):
            rows.append(a_row(number, status, day))
            continue
        supersedes = next(n for n in range(number) if decision(n) == target.decision_id)
        said = status if kind == "correct" else None
        rows.append(a_row(number, said, day, supersedes=supersedes))
    return tuple(rows)


@given(pasts(), st.randoms())
def test_reading_order_does_not_matter(past: tuple[Row, ...], chance: Random) -> None:
    shuffled = list(past)
    chance.shuffle(shuffled)
    assert derive_timeline(shuffled) == derive_timeline(past)


@given(
    st.lists(st.integers(0, 2000), min_size=1, max_size=6, unique=True),
    st.lists(st.sampled_from(list(StatusClass)), min_size=6, max_size=6),
    st.permutations(range(6)),
)
def test_any_order_of_recording_gives_the_same_truth(
    days: list[int], statuses: list[StatusClass], order: list[int]
) -> None:
    facts = [
        (FIRST + timedelta(days=day), status) for day, status in zip(days, statuses, strict=False)
    ]
    in_order = [a_row(place, status, day) for place, (day, status) in enumerate(facts)]
    otherwise = [a_row(order[place], status, day) for place, (day, status) in enumerate(facts)]
    assert short(*in_order) == short(*otherwise)
    assert windows(*in_order) == windows(*otherwise)


@given(pasts())
def test_periods_cover_without_gap_or_overlap_from_the_first_row_on(past: tuple[Row, ...]) -> None:
    timeline = derive_timeline(past)
    for before, after in pairwise(timeline.periods):
        assert before.until == after.from_day
    if timeline.periods:
        assert timeline.periods[-1].until is None
        told = [row.effective_on for row in standing_rows(past) if row.status is not None]
        assert timeline.periods[0].from_day == min(told)


@given(pasts(), st.sampled_from(list(StatusClass)), st.integers(0, 2000))
def test_a_correction_that_is_revoked_leaves_the_earlier_timeline(
    past: tuple[Row, ...], status: StatusClass, days: int
) -> None:
    standing = [row for row in standing_rows(past) if row.status is not None]
    if not standing:
        return
    target = int(standing[-1].number.removesuffix("/QĐ"))
    day = FIRST + timedelta(days=days)
    correction = a_row(100, status, day, supersedes=target)
    revocation = a_row(101, None, day, supersedes=100)
    after = derive_timeline((*past, correction, revocation))
    assert after == derive_timeline(past)


@given(pasts())
def test_windows_start_at_an_escape_and_never_outlive_36_months(past: tuple[Row, ...]) -> None:
    timeline = derive_timeline(past)
    starts = {period.from_day for period in timeline.periods if period.status in (AVERAGE, NONE)}
    for window in timeline.windows:
        assert window.from_day in starts
        assert window.from_day < window.until <= add_months(window.recognised_on, 36)
