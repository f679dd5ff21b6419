"""The joined file as a document: JSON for programs, a page to read and print for people."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ansinh.citizens.joining import TITLES, CitizenFile
from libs.common.citizens.sections import Kind
from libs.common.clock import VIETNAM
from libs.common.problems import Text

_PAGE = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_KINDS = {
    "read": Text("Đọc", "Read"),
    "write": Text("Ghi", "Written"),
}


def as_json(file: CitizenFile, made_at: datetime) -> str:
    """Everything as the services said it; what is missing by name."""
    said = {
        "person_id": str(file.person_id),
        "purpose": file.purpose,
        "made_at": made_at.isoformat(),
        "is_whole": file.is_whole,
        "parts": list(file.parts.values()),
        "nothing_held": file.nothing,
        "trail_cut": file.cut,
        "missing": [
            {"service": name, "status": why.status, "why": {"vi": why.title.vi, "en": why.title.en}}
            for name, why in file.missing.items()
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def as_page(file: CitizenFile, made_at: datetime) -> str:
    """One page that stands alone: no script, no style sheet, nothing fetched."""
    return _PAGE.get_template("file.html").render(
        file=file, made_at=made_at, titles=TITLES, kinds=_KINDS, value=value, instant=_instant
    )


def value(column: Mapping[str, Any], said: Any) -> str:
    """A value as people read it, Vietnamese."""
    if isinstance(said, list):
        return "; ".join(value(column, one) for one in said)
    if said is None or said == "":
        return ""
    words = column["words"].get(str(said))
    if words is not None:
        return str(words["vi"])
    match column["kind"]:
        case Kind.FLAG:
            return "Có" if said else "Không"
        case Kind.DAY:
            return _day(date.fromisoformat(said))
        case Kind.UNTIL:
            return _day(date.fromisoformat(said) - timedelta(days=1))
        case Kind.INSTANT:
            return _instant(said)
        case Kind.MONEY:
            return f"{said:,} đ".replace(",", ".")
        case Kind.SAID:
            return str(said["vi"])
        case Kind.NUMBER:
            return str(said).replace(".", ",")
        case _:
            return json.dumps(said, ensure_ascii=False) if isinstance(said, dict) else str(said)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _instant(said: str | datetime) -> str:
    at = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
