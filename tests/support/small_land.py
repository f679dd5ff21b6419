"""Bắc Kạn alone, of the committed tables: its units, those above them and what became of them.

Ten thousand units, of which no test of a platform speaks, cost each platform more than the test.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from ansinh.demo.population import PROVINCE
from services.registry.areas.units import DATA

Row = dict[str, str]
Unit = tuple[str, str]  # level and code, whenever it was borne

_UNITS = {"province": "provinces.csv", "district": "districts.csv", "commune": "communes.csv"}
_LEVEL_BY_DIGITS = {2: "province", 3: "district", 5: "commune"}


def write_small_land(folder: Path) -> Path:
    """Write the tables into a folder; answers it."""
    folder.mkdir(exist_ok=True)
    rows = {level: list(_read(file)) for level, file in _UNITS.items()}
    succession = list(_read("succession.csv"))
    kept = _closed(_within(rows), rows, succession)
    for level, file in _UNITS.items():
        _write(folder / file, [row for row in rows[level] if (level, row["code"]) in kept])
    _write(
        folder / "succession.csv",
        [row for row in succession if (row["level"], row["predecessor"]) in kept],
    )
    for file in ("counts.csv", "designations.csv"):
        _write(
            folder / file,
            [row for row in _read(file) if (row["level"], row["code"]) in kept],
            like=next(_read(file)),
        )
    return folder


def _within(rows: dict[str, list[Row]]) -> set[Unit]:
    """The province, its districts and their communes."""
    districts = {row["code"] for row in rows["district"] if row["parent"] == PROVINCE}
    communes = {row["code"] for row in rows["commune"] if row["parent"] in {PROVINCE, *districts}}
    return {
        ("province", PROVINCE),
        *(("district", code) for code in districts),
        *(("commune", code) for code in communes),
    }


def _closed(kept: set[Unit], rows: dict[str, list[Row]], succession: list[Row]) -> set[Unit]:
    """With every successor of a unit, and every unit above one."""
    while True:
        wider = kept | {
            (row["successor_level"], row["successor"])
            for row in succession
            if (row["level"], row["predecessor"]) in kept
        }
        wider |= {
            (_LEVEL_BY_DIGITS[len(row["parent"])], row["parent"])
            for level, known in rows.items()
            for row in known
            if row["parent"] and (level, row["code"]) in wider
        }
        if wider == kept:
            return kept
        kept = wider


def _read(file: str) -> Iterator[Row]:
    with (DATA / file).open(encoding="utf-8", newline="") as source:
        yield from csv.DictReader(source)


def _write(file: Path, rows: list[Row], like: Row | None = None) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(like or rows[0]))
        writer.writeheader()
        writer.writerows(rows)
