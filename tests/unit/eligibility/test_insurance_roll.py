"""The roll: of all groups a person belongs to on a day, the one the law puts first."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.eligibility.insurance.domain import Cover, Period, Precedence, draw_up

CHILD, MOTHER = UUID(int=1), UUID(int=2)
ORDER = Precedence({"TE": 0, "BT": 1, "HN": 2, "LH": 3, "CN": 4, "GB": 5}, is_confirmed=False)
NEW_YEAR = date(2022, 1, 1)


def a_cover(group: str, from_day: date, until: date | None = None, **other: object) -> Cover:
    values: dict[str, object] = {
        "person_id": CHILD,
        "group": group,
        "from_day": from_day,
        "until": until,
        "support_percent": 100,
        "benefit_percent": 100,
        "document": f"document of {group}",
        "is_confirmed": True,
    }
    return Cover(**{**values, **other})  # type: ignore[arg-type]


def stretches(roll: list[Period]) -> list[tuple[str, date, date | None, bool]]:
    return [(p.cover.group, p.cover.from_day, p.cover.until, p.order_is_confirmed) for p in roll]


def test_a_single_group_needs_no_order() -> None:
    roll = draw_up([a_cover("HN", NEW_YEAR)], ORDER)
    assert stretches(roll) == [("HN", NEW_YEAR, None, True)]


def test_a_poor_child_is_in_the_childrens_group_until_six_then_in_the_poor_households() -> None:
    sixth = date(2022, 5, 10)
    roll = draw_up([a_cover("HN", NEW_YEAR), a_cover("TE", date(2016, 5, 10), sixth)], ORDER)
    assert stretches(roll) == [
        ("TE", date(2016, 5, 10), sixth, False),
        ("HN", sixth, None, True),
    ]


def test_the_choice_among_several_groups_shows_that_the_order_is_not_confirmed() -> None:
    both = [a_cover("CN", NEW_YEAR), a_cover("HN", NEW_YEAR)]
    assert stretches(draw_up(both, ORDER)) == [("HN", NEW_YEAR, None, False)]
    confirmed = Precedence(ORDER.ranks, is_confirmed=True)
    assert stretches(draw_up(both, confirmed)) == [("HN", NEW_YEAR, None, True)]


def test_the_lower_group_shows_before_and_after_the_higher() -> None:
    spring, summer = date(2022, 3, 1), date(2022, 6, 1)
    roll = draw_up([a_cover("GB", NEW_YEAR), a_cover("HN", spring, summer)], ORDER)
    assert stretches(roll) == [
        ("GB", NEW_YEAR, spring, True),
        ("HN", spring, summer, False),
        ("GB", summer, None, True),
    ]


def test_periods_that_touch_and_differ_in_nothing_are_one() -> None:
    spring = date(2022, 3, 1)
    roll = draw_up([a_cover("HN", NEW_YEAR, spring), a_cover("HN", spring)], ORDER)
    assert stretches(roll) == [("HN", NEW_YEAR, None, True)]


def test_a_new_benefit_share_starts_a_new_period_of_the_same_group() -> None:
    change = date(2026, 1, 1)
    roll = draw_up(
        [a_cover("CN", NEW_YEAR, change, benefit_percent=95), a_cover("CN", change)], ORDER
    )
    assert [(p.cover.benefit_percent, p.cover.from_day) for p in roll] == [
        (95, NEW_YEAR),
        (100, change),
    ]


def test_who_pays_alone_has_a_right_to_buy_and_is_not_on_the_roll() -> None:
    """Poor, then escaped: from then on nobody has paid for him."""
    escape = date(2023, 1, 1)
    order = Precedence({"HN": 0, "GD": 1}, is_confirmed=False, not_on_roll=frozenset({"GD"}))
    own = a_cover("GD", escape, support_percent=0, benefit_percent=80)
    assert draw_up([own], order) == []
    roll = draw_up([a_cover("HN", NEW_YEAR, escape), own], order)
    assert stretches(roll) == [("HN", NEW_YEAR, escape, True)]


def test_a_group_that_pays_alone_still_takes_its_place_in_the_order() -> None:
    """Were the order another, he would not be on the roll: the open question is shown."""
    order = Precedence({"HS": 0, "GD": 1}, is_confirmed=False, not_on_roll=frozenset({"GD"}))
    both = [a_cover("HS", NEW_YEAR), a_cover("GD", NEW_YEAR)]
    assert stretches(draw_up(both, order)) == [("HS", NEW_YEAR, None, False)]


def test_a_group_that_the_order_does_not_list_comes_last() -> None:
    roll = draw_up([a_cover("XX", NEW_YEAR), a_cover("GB", NEW_YEAR)], ORDER)
    assert stretches(roll) == [("GB", NEW_YEAR, None, False)]


def test_persons_do_not_disturb_each_other() -> None:
    roll = draw_up([a_cover("HN", NEW_YEAR), a_cover("TE", NEW_YEAR, person_id=MOTHER)], ORDER)
    assert [(p.cover.person_id, p.cover.group) for p in roll] == [(CHILD, "HN"), (MOTHER, "TE")]


FIRST = date(2022, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(40)]


@st.composite
def covers(draw: st.DrawFn) -> list[Cover]:
    made = []
    for _ in range(draw(st.integers(0, 7))):
        start = draw(st.integers(0, 35))
        length = draw(st.none() | st.integers(1, 20))
        made.append(
            a_cover(
                draw(st.sampled_from([*ORDER.ranks, "XX"])),
                DAYS[start],
                None if length is None else FIRST + timedelta(days=start + length),
                person_id=draw(st.sampled_from([CHILD, MOTHER])),
                support_percent=draw(st.sampled_from([30, 70, 100])),
            )
        )
    return made


def on(cover: Cover, day: date) -> bool:
    return cover.from_day <= day and (cover.until is None or day < cover.until)


@given(covers())
def test_every_covered_day_has_exactly_the_group_that_the_law_puts_first(
    given: list[Cover],
) -> None:
    roll = draw_up(given, ORDER)
    for person in (CHILD, MOTHER):
        for day in DAYS:
            wanted = [c for c in given if c.person_id == person and on(c, day)]
            found = [p for p in roll if p.cover.person_id == person and on(p.cover, day)]
            assert len(found) == (1 if wanted else 0)
            if wanted:
                first = min(wanted, key=ORDER.place)
                assert ORDER.place(found[0].cover) == ORDER.place(first)
                if len({c.group for c in wanted}) > 1:
                    assert not found[0].order_is_confirmed


@given(covers(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_is_irrelevant(given: list[Cover], chance: object) -> None:
    shuffled = list(given)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw_up(given, ORDER) == draw_up(shuffled, ORDER)


@given(covers())
def test_neighbours_differ(given: list[Cover]) -> None:
    roll = draw_up(given, ORDER)
    for one, other in pairwise(roll):
        if one.cover.until == other.cover.from_day and (
            one.cover.person_id == other.cover.person_id
        ):
            assert one.cover[1:2] + one.cover[4:] != other.cover[1:2] + other.cover[4:]
