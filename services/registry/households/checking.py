"""What must hold of households before they are written, as far as the database knows it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from services.registry.areas.store import CommuneFacts
from services.registry.households import store
from services.registry.households.domain import HouseholdFacts, check_household
from services.registry.households.events import RecordedUnit, read_units
from services.registry.households.store import StoredHousehold

Located = tuple[HouseholdFacts, str]  # a household and the JSON pointer at which it is stated


async def check_stated(
    tx: Transaction, households: Sequence[Located], today: date
) -> dict[RecordedUnit, CommuneFacts]:
    """Every rule that needs no lock; answers the units of the residences.

    Raises:
        Problem: 422 naming every broken rule, 403 for communes outside the caller's areas.
    """
    errors: list[FieldError] = []
    seen = Counter(facts.household_id for facts, _ in households)
    for facts, pointer in households:
        if seen[facts.household_id] > 1:
            errors.append(_household_twice(f"{pointer}/household_id"))
        errors.extend(check_household(facts, today, pointer))
    return await check_residences(tx, households, errors)


async def check_residences(
    tx: Transaction, households: Sequence[Located], errors: Sequence[FieldError] = ()
) -> dict[RecordedUnit, CommuneFacts]:
    """Where households live is a commune of its day, within the caller's areas.

    Args:
        errors: what is known to be broken already, to be told with the rest.

    Raises:
        Problem: 422, 403.
    """
    broken = list(errors)
    communes = sorted({facts.commune for facts, _ in households})
    known = await store.known_communes(tx, communes)
    units = await read_units(tx, {(facts.commune, facts.recorded_day) for facts, _ in households})
    for facts, pointer in households:
        if (facts.commune, facts.recorded_day) not in units:
            at = f"{pointer}/residence/commune"
            broken.append(_no_such_commune(at, facts.commune in known))
    if broken:
        raise malformed(broken)
    outside = await store.communes_outside_scope(tx, communes)
    if outside:
        raise Problem(
            403,
            "scope.outside",
            Text("Xã ngoài phạm vi được phân công.", "The commune is outside your areas."),
            [
                _outside_scope(f"{pointer}/residence/commune")
                for facts, pointer in households
                if facts.commune in outside
            ],
        )
    return units


async def check_residence(tx: Transaction, facts: HouseholdFacts) -> None:
    """The residence does not begin within an earlier one.

    Raises:
        Problem: 422.
    """
    earlier = await store.read_earlier_residences(tx, [facts.household_id])
    if any(facts.lives_there_from < one.until for one in earlier):
        title = Text("Nơi cư trú chồng thời gian.", "The residence overlaps the one before it.")
        fix = Text("Nhập ngày chuyển đến muộn hơn.", "Give a later day of moving in.")
        error = FieldError("/residence/from_day", "residence.overlap", title, fix)
        raise Problem(422, "household.malformed", title, [error])


def refuse_closed(household: StoredHousehold, pointer: str = "/household_id") -> None:
    """Nothing happens to a household that is closed; where its members went is said.

    Raises:
        Problem: 409 `household.merged` or `household.closed`.
    """
    into = household.lineage.merged_into
    if household.lineage.closed_on is None:
        return
    if into is not None:
        rule, title = "household.merged", Text("Hộ đã nhập hộ.", "The household has been merged.")
        fix = Text(f"Ghi cho hộ {into}.", f"Record it for household {into}.")
    else:
        rule, title = "household.closed", Text("Hộ đã kết thúc theo dõi.", "It is closed.")
        fix = Text(
            "Nếu ghi nhầm thì hủy biến động đó; nếu hộ trở về thì theo dõi lại.",
            "Reverse the closing if it was wrong; reopen the household if it came back.",
        )
    raise Problem(409, rule, title, [FieldError(pointer, rule, title, fix)])


def malformed(errors: Sequence[FieldError]) -> Problem:
    """The facts break rules; nothing was written."""
    title = Text("Thông tin hộ chưa hợp lệ.", "The household's facts break rules.")
    return Problem(422, "household.malformed", title, errors)


def _household_twice(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "household.twice",
        Text("Một hộ được ghi hai lần.", "The household stands twice in the request."),
        Text("Bỏ một dòng.", "Remove one of the lines."),
    )


def _no_such_commune(pointer: str, is_known: bool) -> FieldError:
    if not is_known:
        return FieldError(
            pointer,
            "area.unknown",
            Text("Không có xã mang mã này.", "No commune has this code."),
            Text("Dùng mã xã 5 chữ số của danh mục hành chính.", "Use an official 5-digit code."),
        )
    return FieldError(
        pointer,
        "area.not_valid_that_day",
        Text("Mã xã không có hiệu lực vào ngày đó.", "The commune's code was not valid that day."),
        Text(
            "Dùng mã xã có hiệu lực vào ngày đăng ký hoặc ngày chuyển đến.",
            "Use the code valid on the day of registration or of moving in.",
        ),
    )


def _outside_scope(pointer: str) -> FieldError:
    return FieldError(
        pointer,
        "scope.outside",
        Text("Xã ngoài phạm vi được phân công.", "The commune is outside your areas."),
        Text("Gửi cho cán bộ phụ trách xã đó.", "Hand it to the officer of that commune."),
    )
