"""What a counterpart is told, and what it says of itself."""

from pathlib import Path

from ansinh.demo.bank.reconciling import Reconciled, keep_reconciled, read_reconciled
from ansinh.demo.counterpart.control import (
    Control,
    Status,
    read_control,
    read_status,
    say_status,
    tell,
)
from ansinh.demo.counterpart.modes import Mode
from tests.unit.demo.bank import DAY

SLOW = frozenset({Mode.SLOW})


def test_a_bank_that_was_told_nothing_works_by_its_command_line(tmp_path: Path) -> None:
    assert read_control(tmp_path) == Control()
    assert read_control(tmp_path).or_else(DAY, SLOW) == Control(0, DAY, SLOW)
    assert read_status(tmp_path) == Status(0, is_idle=False)


def test_what_it_is_told_stands_over_its_command_line(tmp_path: Path) -> None:
    told = Control(3, DAY, frozenset({Mode.WRONG, Mode.DUPLICATING}), reconciles=True)
    tell(tmp_path, told)
    assert read_control(tmp_path) == told
    assert read_control(tmp_path).or_else(None, SLOW) == told


def test_its_status_names_the_telling(tmp_path: Path) -> None:
    say_status(tmp_path, Status(3, is_idle=True))
    assert read_status(tmp_path) == Status(3, is_idle=True)


def test_what_came_of_a_reconciliation_is_that_tellings(tmp_path: Path) -> None:
    found = Reconciled("id", 2, 1, ["AS/1 missing_there"])
    assert read_reconciled(tmp_path, 3) is None
    keep_reconciled(tmp_path, 3, found)
    assert (read_reconciled(tmp_path, 3), read_reconciled(tmp_path, 4)) == (found, None)
