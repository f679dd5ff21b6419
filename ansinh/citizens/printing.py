"""The joined file as a document: JSON for programs, a page to read and print for people."""

import json
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ansinh.citizens.joining import TITLES, CitizenFile
from libs.common.citizens.telling import instant, roles, value
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
        file=file,
        made_at=made_at,
        titles=TITLES,
        kinds=_KINDS,
        value=value,
        instant=instant,
        roles=roles,
    )
