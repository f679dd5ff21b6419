"""What a counterpart is told, and what it says of itself: two small files in its folder.

The control file is read before every round, so that a running one can be told another day or to
behave badly. The status file says for which telling it has nothing left to do.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

from ansinh.demo.counterpart.modes import Mode
from libs.common.clock import SystemClock
from libs.common.files import write_whole

CONTROL, STATUS = "control.json", "status.json"


@dataclass(frozen=True, slots=True)
class Control:
    """One telling; a later one has a higher serial.

    Attributes:
        day: the business day; None: the real one.
        modes: how it behaves.
        reconciles: whether it lays its list beside An Sinh's, once nothing else is left to do.
    """

    serial: int = 0
    day: date | None = None
    modes: frozenset[Mode] = frozenset()
    reconciles: bool = False

    @property
    def today(self) -> date:
        return self.day or SystemClock().today()

    def or_else(self, day: date | None, modes: frozenset[Mode]) -> Self:
        """Where nothing was told of it, the day and the modes of the command line."""
        return replace(self, day=self.day or day, modes=self.modes or modes)


@dataclass(frozen=True, slots=True)
class Status:
    """`is_idle`: everything that An Sinh said is answered, and nothing is left to tell it."""

    serial: int = 0
    is_idle: bool = False


def tell(folder: Path, control: Control) -> None:
    """Tell the counterpart of this folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {
        "serial": control.serial,
        "day": control.day and control.day.isoformat(),
        "modes": sorted(control.modes),
        "reconciles": control.reconciles,
    }
    write_whole(folder / CONTROL, json.dumps(values))


def read_control(folder: Path) -> Control:
    values = _read(folder / CONTROL)
    day = values.get("day")
    modes = frozenset(Mode(mode) for mode in values.get("modes", ()))
    return Control(
        values.get("serial", 0),
        date.fromisoformat(day) if day else None,
        modes,
        values.get("reconciles", False),
    )


def say_status(folder: Path, status: Status) -> None:
    values = {"serial": status.serial, "is_idle": status.is_idle}
    write_whole(folder / STATUS, json.dumps(values))


def read_status(folder: Path) -> Status:
    values = _read(folder / STATUS)
    return Status(values.get("serial", 0), values.get("is_idle", False))


def _read(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return values
