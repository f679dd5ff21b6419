"""A reorganisation's file against the map of the day before: what it does, what it may not say."""

from datetime import date

import pytest

from libs.common.contracts.household import DesignationPeriod
from libs.common.files.reading import read_table
from libs.common.ids import derived_id
from libs.common.vocabulary import AreaKind, AreaLevel, Designation
from services.registry.areas.domain import line_changes
from services.registry.reorganisations.designations import Passing, lapsing
from services.registry.reorganisations.domain import Fault, Map, Plan, Unit, check
from services.registry.reorganisations.form import FORM, read_entries
from services.registry.reorganisations.wording import error_of

DAY, BEGINNING = date(2026, 4, 30), date(2025, 7, 1)
HEADER = "Cấp,Mã cũ,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Thôn"
RURAL, WARD = AreaKind.RURAL_COMMUNE, AreaKind.WARD


def unit(code: str, parent: str | None = "75", **facts: date) -> Unit:
    level = AreaLevel.PROVINCE if len(code) == 2 else AreaLevel.COMMUNE
    kind = AreaKind.PROVINCE if level is AreaLevel.PROVINCE else RURAL
    valid_from, until = facts.get("valid_from", BEGINNING), facts.get("until")
    area_id = derived_id("area", level, code, valid_from)
    return Unit(area_id, level, code, f"Xã {code}", kind, parent, valid_from, until)


def a_map(*units: Unit) -> Map:
    known = [unit("75", None), *(unit(code) for code in ("26001", "26002", "26003")), *units]
    return Map(
        {one.key: one for one in known if one.valid_from < DAY},
        {one.key: one for one in known if one.valid_until is None},
        {},
    )


def drawn(*lines: str, known: Map | None = None) -> tuple[Plan, list[Fault]]:
    content = "\n".join([HEADER, *lines]).encode()
    entries, unreadable = read_entries(list(read_table(content, FORM)))
    plan, faults = check(entries, known or a_map(), DAY)
    return plan, unreadable + faults


def test_a_merger_ends_both_and_the_new_unit_keeps_its_name_under_a_new_kind() -> None:
    plan, faults = drawn("xã,26001,26001,,phường,,", "xã,26002,26001,,,,")
    assert faults == []
    new = plan.new[AreaLevel.COMMUNE, "26001"]
    assert (new.name, new.kind, new.parent) == ("Phường 26001", WARD, "75")
    assert [one.unit.code for one in plan.with_new_records()] == ["26001", "26002"]


def test_a_mere_rename_moves_no_household() -> None:
    plan, faults = drawn("xã,26001,26001,Hòa Bình,xã,,")
    assert faults == []
    assert plan.new[AreaLevel.COMMUNE, "26001"].name == "Xã Hòa Bình"
    assert plan.with_new_records() == []


def test_a_divided_commune_knows_its_villages() -> None:
    plan, faults = drawn("xã,26001,26001,,,,Thôn  Một", "xã,26001,26002,,,,", "xã,26002,26002,,,,")
    assert faults == []
    divided = plan.ended[0]
    assert divided.is_divided
    assert divided.successors[AreaLevel.COMMUNE, "26001"] == ("Thôn Một",)
    assert divided.successors[AreaLevel.COMMUNE, "26002"] == ()


def test_communes_of_a_renamed_province_go_on_under_it() -> None:
    plan, faults = drawn("tỉnh,75,75,Đồng Nai,thành phố,,", "xã,26001,26001,,phường,75,")
    assert faults == []
    assert plan.new[AreaLevel.PROVINCE, "75"].name == "Thành phố Đồng Nai"
    assert sorted(code for _, code in plan.new) == ["26001", "26002", "26003", "75"]
    assert [one.unit.code for one in plan.with_new_records()] == ["26001"]


def test_what_another_act_of_the_day_began_follows_its_province() -> None:
    ward = unit("26009", valid_from=DAY)
    plan, faults = drawn("tỉnh,75,75,,thành phố,,", known=a_map(ward))
    assert faults == []
    assert plan.reparented == {ward.key: "75"}


@pytest.mark.parametrize(
    ("words", "becomes"),
    [
        ("", [Passing.OPEN]),
        ("không", [Passing.ENDS]),
        ("vùng khó khăn", [Passing.ENDS]),
        ("Vùng khó khăn; xã đặc biệt khó khăn", [Passing.STATED]),
    ],
)
def test_a_designation_lapses_only_where_somebody_says_so(
    words: str, becomes: list[Passing]
) -> None:
    lines = list(read_table(f"{HEADER},Diện\nxã,26001,26001,,phường,,,{words}".encode(), FORM))
    entries, unreadable = read_entries(lines)
    plan, faults = check(entries, a_map(), DAY)
    assert unreadable + faults == []
    hard = DesignationPeriod(
        designation=Designation.EXTREMELY_DIFFICULT,
        from_day=BEGINNING,
        until=None,
        is_confirmed=True,
    )
    found = lapsing(plan, {"26001": [hard]}, {}, DAY)
    assert [one.becomes for one in found] == becomes
    assert lapsing(plan, {"26001": [hard]}, {"26001": [hard]}, DAY)[0].becomes is Passing.STATED


def test_a_word_for_no_designation_is_a_fault_of_its_cell() -> None:
    for words in ("xã giàu", "không; xã nghèo"):
        content = f"{HEADER},Diện\nxã,26001,26001,,phường,,,{words}".encode()
        (fault,) = read_entries(list(read_table(content, FORM)))[1]
        assert (fault.column, fault.rule) == ("designations", "designation.word")


FAULTS = {
    "a word for no level": (["huyện,26001,26001,,,,"], ("level", "level.word")),
    "a lost leading zero": (["xã,1876,26001,,,,"], ("old_code", "code.digits")),
    "an unknown old code": (["xã,26009,26001,,,,"], ("old_code", "old.unknown")),
    "a new code without a name": (["xã,26001,26777,,phường,75,"], ("name", "cell.missing")),
    "a kind of another level": (["xã,26001,26001,,tỉnh,,"], ("kind", "kind.level")),
    "a code that lives on": (["xã,26001,26002,,,,"], ("new_code", "new.code_in_use")),
    "two names for one unit": (
        ["xã,26001,26001,Một,xã,,", "xã,26002,26001,Hai,xã,,"],
        ("name", "new.defined_twice"),
    ),
    "a parent that is not there": (["xã,26001,26001,,,74,"], ("parent", "parent.unknown")),
    "the same line twice": (["xã,26001,26001,,,,", "xã,26001,26001,,,,"], ("", "line.twice")),
    "a village twice, in any case": (
        ["xã,26001,26001,,,,Nà Vài", "xã,26001,26002,,,,nà vài", "xã,26002,26002,,,,"],
        ("village", "village.twice"),
    ),
    "a commune left over below a divided province": (
        ["tỉnh,75,75,,,,", "tỉnh,75,76,Mới,tỉnh,,", "xã,26001,26001,,,,", "xã,26002,26002,,,,"],
        ("old_code", "old.left_over"),
    ),
}


@pytest.mark.parametrize(("lines", "broken"), FAULTS.values(), ids=FAULTS)
def test_a_broken_rule_names_line_cell_and_remedy(
    lines: list[str], broken: tuple[str, str]
) -> None:
    faults = drawn(*lines)[1]
    assert broken in [(fault.column, fault.rule) for fault in faults]
    said = [error_of(fault) for fault in faults]
    assert all(error.message.vi.startswith("Dòng ") and error.fix.vi for error in said)


def test_what_the_list_of_units_knows_must_be_said_alike() -> None:
    old, new = unit("26004", until=DAY), unit("26005", valid_from=DAY)
    known = a_map(old, new)
    links = {old.area_id: frozenset({new.key})}
    known = Map(known.before, known.after, links)
    assert drawn("xã,26004,26005,,,,", known=known)[1] == []
    (fault,) = drawn("xã,26004,26001,,,,", "xã,26001,26001,,,,", known=known)[1]
    assert (fault.rule, fault.facts) == ("old.other_successors", {"codes": "26005"})
    (fault,) = drawn("xã,26004,26005,Khác,xã,,", known=known)[1]
    assert (fault.column, fault.rule) == ("name", "new.differs_from_list")


def test_a_unit_that_ends_later_is_not_ended_before() -> None:
    known = a_map(unit("26004", until=date(2027, 1, 1)))
    assert [f.rule for f in drawn("xã,26004,26004,,,,", known=known)[1]] == ["old.later_known"]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (RURAL, WARD, True),
        (AreaKind.TOWNSHIP, WARD, False),
        (AreaKind.TOWNSHIP, RURAL, True),
        (RURAL, RURAL, False),
        (RURAL, AreaKind.SPECIAL_ZONE, None),
    ],
)
def test_the_income_line_changes_with_the_kind(
    before: AreaKind, after: AreaKind, changes: bool | None
) -> None:
    assert line_changes(before, after) is changes
