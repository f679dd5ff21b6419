"""What a household's history says of those who leave it, and the screens of a new household."""

from datetime import UTC, date, datetime
from uuid import UUID

from services.registry.screens.words import said_of
from services.registry.timeline.domain import MemberVersion, ResidenceVersion, members, residences

JOINED, LEFT = date(2025, 1, 1), date(2025, 2, 12)
FIRST, SECOND = datetime(2025, 1, 6, tzinfo=UTC), datetime(2025, 2, 13, tzinfo=UTC)


def test_who_leaves_leaves_on_that_day_and_not_on_the_day_of_joining() -> None:
    person = UUID(int=1)
    stay = MemberVersion(FIRST, SECOND, person, JOINED, None, {})
    gone = MemberVersion(SECOND, None, person, JOINED, LEFT, {"left_reason": "died"})
    joined, left = members([stay, gone])
    assert (joined.from_day, joined.until) == (JOINED, None)
    assert (left.title.en, left.from_day, left.until) == ("Left the household", LEFT, None)


def test_a_commune_is_called_by_its_name_where_it_is_known() -> None:
    moved = {"commune": "01876", "lives_there_from": "2022-01-01"}
    assert said_of(moved).vi == "xã 01876, ở từ 01/01/2022"
    called = said_of(moved, {"01876": "Xã An Thắng (01876)"})
    assert called.vi == "xã An Thắng (01876), ở từ 01/01/2022"
    assert called.en == "Xã An Thắng (01876), since 01/01/2022"
    [home] = residences(
        [ResidenceVersion(FIRST, "01876", True, None, JOINED, None)],
        {("01876", JOINED): "Xã An Thắng (01876)"},
    )
    assert home.title.vi == "Nơi cư trú: xã An Thắng (01876)"


def test_a_household_that_is_made_is_told_from_none() -> None:
    assert (said_of(None).en, said_of({"closed_on": None}).en) == ("none", "followed")
