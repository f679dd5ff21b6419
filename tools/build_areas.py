"""Make the committed area tables from the MIT-licensed package `vietnamadminunits`.

The package is a tool of this script and nothing else: it stands in no lock and no extra. Give it
a throw-away environment and run the script by that environment's Python (standard library only):

    python3 -m venv /tmp/areas
    /tmp/areas/bin/pip install --no-deps vietnamadminunits==1.0.4
    /tmp/areas/bin/python tools/build_areas.py

It writes `services/registry/areas/data/{provinces,districts,communes,succession,open}.csv` in a
fixed order and prints what it counted. `counts.csv` and `designations.csv` beside them are kept by
hand. Every unit either has a succession or stands in `open.csv` with the reason.
"""

import csv
import json
import sqlite3
import unicodedata
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

PACKAGE, VERSION = "vietnamadminunits", "1.0.4"
DATA = Path(__file__).parents[1] / "services" / "registry" / "areas" / "data"

# The day of Quyết định 124/2004/QĐ-TTg, which began the list of codes. The founding days of single
# units are not in the source: an old unit counts as valid "since the list began, or later".
BEGINNING = "2004-07-08"
REFORM = "2025-07-01"

KINDS = {
    "Xã": "rural_commune",
    "Phường": "ward",
    "Thị trấn": "township",
    "Đặc khu": "special_zone",
}

# What the source cannot tell; stands in open.csv beside what the script finds by itself.
KNOWN_OPEN = (
    (
        "province",
        "75",
        REFORM,
        "Đồng Nai",
        "became a city on 30/4/2026 with ten new wards (NQ 30/2026/QH16): a later change, "
        "not in the source",
    ),
    (
        "province",
        "46",
        BEGINNING,
        "Huế",
        "was the province Thừa Thiên Huế until 31/12/2024; the source has only its last name and "
        "kind",
    ),
    (
        "commune",
        "",
        BEGINNING,
        "",
        "communes and districts that ended before 30/6/2025 are not in the source; records of them "
        "come under the codes of that day",
    ),
)


class Unit(NamedTuple):
    code: str
    name: str
    kind: str
    parent: str
    valid_from: str
    valid_until: str


class Link(NamedTuple):
    level: str
    predecessor: str
    successor_level: str
    successor: str
    changed_on: str
    is_divided: int


class Open(NamedTuple):
    level: str
    code: str
    valid_from: str
    name: str
    why: str


class Source:
    """The package's two lists and its conversion table, by the keys that join them."""

    def __init__(self) -> None:
        found = distribution(PACKAGE)
        if found.version != VERSION:
            raise SystemExit(f"{PACKAGE} {VERSION} is needed, {found.version} is installed")
        folder = Path(str(found.locate_file(PACKAGE))) / "data"
        with sqlite3.connect(folder / "dataset.db") as database:
            database.row_factory = sqlite3.Row
            self.old = database.execute("SELECT * FROM admin_units_legacy").fetchall()
            self.new = database.execute("SELECT * FROM admin_units").fetchall()
        conversion = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
        self.provinces: dict[str, list[str]] = conversion["DICT_PROVINCE"]
        self.whole: dict[str, dict[str, list[str]]] = conversion["DICT_PROVINCE_WARD_NO_DIVIDED"]
        self.divided: dict[str, dict[str, list[dict[str, str]]]] = conversion[
            "DICT_PROVINCE_WARD_DIVIDED"
        ]


def code(value: str, digits: int) -> str:
    """A code with the leading zeros that some columns of the source have lost."""
    return value.removesuffix(".0").zfill(digits)


def name(value: str) -> str:
    return " ".join(unicodedata.normalize("NFC", value).split())


def province_kind(full_name: str) -> str:
    return "city" if full_name.startswith("Thành phố") else "province"


def units(source: Source) -> dict[str, list[Unit]]:
    """Provinces, districts and communes of both geographies, once each."""
    provinces, districts, communes = set(), set(), set()
    for row in source.old:
        province, district = code(row["provinceCode"], 2), code(row["districtCode"], 3)
        validity = (BEGINNING, REFORM)
        title = name(row["province"])
        provinces.add(Unit(province, title, province_kind(title), "", *validity))
        districts.add(Unit(district, name(row["district"]), "district", province, *validity))
        if row["wardCode"]:
            kind = KINDS[row["wardType"]]
            commune = code(row["wardCode"], 5)
            communes.add(Unit(commune, name(row["ward"]), kind, district, *validity))
    for row in source.new:
        province, title = code(row["provinceCode"], 2), name(row["province"])
        provinces.add(Unit(province, title, province_kind(title), "", REFORM, ""))
        commune, kind = code(row["wardCode"], 5), KINDS[row["wardType"]]
        communes.add(Unit(commune, name(row["ward"]), kind, province, REFORM, ""))
    levels = {"province": provinces, "district": districts, "commune": communes}
    return {
        level: sorted(entries, key=lambda unit: (unit.code, unit.valid_from))
        for level, entries in levels.items()
    }


def succession(source: Source) -> list[Link]:
    """Old to new, joined by the source's keys. A key it does not know stops the build."""
    old_provinces = {row["provinceKey"]: code(row["provinceCode"], 2) for row in source.old}
    new_provinces = {row["provinceKey"]: code(row["provinceCode"], 2) for row in source.new}
    new_communes = {
        (row["provinceKey"], row["wardKey"]): code(row["wardCode"], 5) for row in source.new
    }
    # The five island districts without communes appear with an empty last part: they became
    # special zones as districts.
    old: dict[str, tuple[str, str]] = {}
    for row in source.old:
        key = f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}"
        old[key] = (
            ("commune", code(row["wardCode"], 5))
            if row["wardCode"]
            else ("district", code(row["districtCode"], 3))
        )
    links = {
        Link("province", old_provinces[before], "province", new_provinces[after], REFORM, 0)
        for after, predecessors in source.provinces.items()
        for before in predecessors
    }
    for province, communes in source.whole.items():
        for after, predecessors in communes.items():
            successor = new_communes[province, after]
            links |= {Link(*old[key], "commune", successor, REFORM, 0) for key in predecessors}
    for province, divisions in source.divided.items():
        for key, parts in divisions.items():
            links |= {
                Link(*old[key], "commune", new_communes[province, part["newWardKey"]], REFORM, 1)
                for part in parts
            }
    return sorted(links)


def unresolved(found: dict[str, list[Unit]], links: list[Link]) -> list[Open]:
    """Units without a succession that should have one, and what is known to be missing."""
    before = {(link.level, link.predecessor) for link in links}
    after = {(link.successor_level, link.successor) for link in links}
    rows = [Open(*row) for row in KNOWN_OPEN]
    for level, entries in found.items():
        for unit in entries:
            ended = bool(unit.valid_until)
            if ended and (level, unit.code) not in before:
                why = (
                    "the district level ended; its communes have successors"
                    if level == "district"
                    else "no successor in the source"
                )
            elif not ended and (level, unit.code) not in after:
                why = "no predecessor in the source"
            else:
                continue
            rows.append(Open(level, unit.code, unit.valid_from, unit.name, why))
    return sorted(rows)


def write(file: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with (DATA / file).open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    source = Source()
    found, links = units(source), succession(source)
    open_units = unresolved(found, links)
    DATA.mkdir(parents=True, exist_ok=True)
    for level, entries in found.items():
        write(f"{level}s.csv", Unit._fields, entries)
    write("succession.csv", Link._fields, links)
    write("open.csv", Open._fields, open_units)
    for level, entries in found.items():
        old = sum(1 for unit in entries if unit.valid_until)
        print(f"{level}: {old} until 30/6/2025, {len(entries) - old} from 1/7/2025")
    divided = {link.predecessor for link in links if link.is_divided}
    print(f"succession: {len(links)} links, {len(divided)} communes divided")
    print(f"open: {len(open_units)}")


if __name__ == "__main__":
    main()
