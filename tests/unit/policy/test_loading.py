"""A law file that cannot be trusted is refused, naming file and line."""

from pathlib import Path

import pytest

from libs.common.policy import LawError, load_book
from libs.common.policy.__main__ import main
from libs.common.policy.cases import failed_cases
from libs.common.policy.listing import BEGIN, END
from tests.support.law import a_table, write_law


def line_of(directory: Path, words: str) -> int:
    lines = (directory / "tables.yaml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


@pytest.mark.parametrize(
    ("spoilt", "where", "message"),
    [
        ({"when": "{fact: agee, below: 6}"}, "when:", "unknown fact 'agee'"),
        ({"when": "{fact: national_class, below: 6}"}, "when:", "'below' does not go with"),
        ({"when": "{fact: national_class, is: rich}"}, "when:", "has no value 'rich'"),
        ({"when": "{fact: national_class, is: 3}"}, "when:", "expected a text"),
        ({"when": "{fact: is_farm_household, is: 'yes'}"}, "when:", "expected true or false"),
        ({"when": "{fact: is_farm_household, is: yes}"}, "when:", "expected true or false"),
        ({"when": "{fact: age, below: 6}"}, "when:", "age is a fact of a person"),
        ({"when": "{fact: national_class}"}, "when:", "one fact and one operator"),
        ({"when": "{fact: designations, is: island}"}, "when:", "'is' does not go with"),
        ({"benefit": "gold: 3"}, "benefit:", "unknown parameter 'gold'"),
        ({"benefit": "support_percent: many"}, "benefit:", "expected a whole number"),
        ({"benefit": "support_percent: 101"}, "benefit:", "out of range"),
        ({"benefit": "support_percent: 5.5"}, "benefit:", "expected a whole number"),
        ({"effective": "soon"}, "effective:", "expected a day"),
        ({"extra": "until: 2019-12-31\n"}, "until:", "ends before it begins"),
        ({"confirmed": "maybe"}, "source:", "expected true or false"),
        ({"document": "''"}, "source:", "the text is empty"),
        ({"scope": "[79]"}, "scope:", "expected a text"),
        ({"scope": "['7']"}, "scope:", "two digits"),
        ({"scope": "hanoi"}, "scope:", "expected national"),
        ({"subject": "village"}, "subject:", "expected one of household, person"),
        ({"extra": "colour: red\n"}, "colour:", "unknown key 'colour'"),
        ({"extra": "scope: national\n"}, "scope: national", "stands here twice"),
        ({"facts": "agee: 3"}, "facts:", "unknown fact 'agee'"),
    ],
)
def test_a_spoilt_table(tmp_path: Path, spoilt: dict[str, str], where: str, message: str) -> None:
    directory = write_law(tmp_path, a_table(**spoilt))
    with pytest.raises(LawError) as refused:
        load_book(directory)
    assert message in refused.value.message
    assert refused.value.file == directory / "tables.yaml"
    if "twice" not in message:
        assert refused.value.line == line_of(directory, where)
    assert str(refused.value).startswith(f"{refused.value.file}:{refused.value.line}: ")


def test_a_missing_source(tmp_path: Path) -> None:
    whole = a_table()
    lines = [line for line in whole.splitlines(keepends=True) if not line.startswith("source:")]
    directory = write_law(tmp_path, "".join(lines))
    with pytest.raises(LawError, match=r"tables\.yaml:2: 'source' is missing"):
        load_book(directory)


def test_a_case_of_an_unknown_row(tmp_path: Path) -> None:
    directory = write_law(tmp_path, a_table().replace("    row: first", "    row: second"))
    with pytest.raises(LawError, match="the table has no row 'second'"):
        load_book(directory)


def test_two_rows_of_one_name(tmp_path: Path) -> None:
    row = "  - {id: first, title: {vi: a, en: b}, when: []}\ncases:"
    directory = write_law(tmp_path, a_table().replace("cases:", row))
    with pytest.raises(LawError, match="rows need ids of their own"):
        load_book(directory)


def test_not_yaml_at_all(tmp_path: Path) -> None:
    directory = write_law(tmp_path, "id: [unclosed\ntitle: x\n")
    with pytest.raises(LawError, match=r"tables\.yaml:2: not YAML"):
        load_book(directory)


def test_a_directory_without_tables(tmp_path: Path) -> None:
    directory = write_law(tmp_path, a_table())
    (directory / "tables.yaml").unlink()
    with pytest.raises(LawError, match="no tables"):
        load_book(directory)


@pytest.mark.parametrize(
    ("second", "is_refused"),
    [
        ({"effective": "2026-01-01"}, True),
        ({"effective": "2019-01-01"}, True),
        ({"effective": "2019-01-01", "extra": "until: 2020-01-01\n"}, False),
        ({"effective": "2026-01-01", "scope": "['46']"}, False),
        ({"effective": "2026-01-01", "table_id": "test.other"}, False),
        ({"effective": "2026-01-01", "extra": "supersedes: true\n"}, True),
        (
            {
                "effective": "2026-01-01",
                "extra": "supersedes: true\n",
                "known_from": "2026-02-01",
            },
            False,
        ),
    ],
)
def test_overlapping_versions(tmp_path: Path, second: dict[str, str], is_refused: bool) -> None:
    directory = write_law(tmp_path, a_table(), a_table(**second))
    if not is_refused:
        assert len(load_book(directory).tables) == 2
        return
    with pytest.raises(LawError, match=r"overlaps in time with .*tables\.yaml:2") as refused:
        load_book(directory)
    assert refused.value.line > 2


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (("type: choice", "type: colour"), "expected one of boolean, number"),
        (("    type: number", "    kind: number"), "unknown key 'kind'"),
        (("default: unclassified", "default: rich"), "has no value 'rich'"),
        (("type: percent", "type: share"), "expected one of vnd"),
    ],
)
def test_a_spoilt_vocabulary(tmp_path: Path, spoil: tuple[str, str], message: str) -> None:
    directory = write_law(tmp_path, a_table())
    file = directory / "facts.yaml"
    file.write_text(file.read_text("utf-8").replace(*spoil, 1), "utf-8")
    with pytest.raises(LawError, match=message) as refused:
        load_book(directory)
    assert refused.value.file == file


def test_a_case_that_fails_is_named(tmp_path: Path) -> None:
    directory = write_law(tmp_path, a_table(facts="national_class: near_poor"))
    (failure,) = failed_cases(load_book(directory))
    assert failure.endswith("case 'the row': expected first, got None")
    assert f"tables.yaml:{line_of(directory, 'name: the row')}" in failure


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "law.md"
    page.write_text(f"# Law\n{BEGIN}\nold\n{END}\nend\n", "utf-8")
    write_law(tmp_path, a_table())
    assert main([str(page), str(tmp_path)]) == 0
    written = page.read_text("utf-8")
    assert "\nold\n" not in written
    assert "`test.allowance` Bảng thử | 01/01/2020 –" in written
    assert written.endswith(f"{END}\nend\n")
    write_law(tmp_path, a_table(when="{fact: agee, below: 6}"))
    assert main([str(page), str(tmp_path)]) == 1
    write_law(tmp_path, a_table(facts="national_class: near_poor"))
    assert main([str(page), str(tmp_path)]) == 1
    assert main([]) == 2
    assert "unknown fact 'agee'" in capsys.readouterr().err
