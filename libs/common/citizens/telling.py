"""How values of a part are read by people, of the part as JSON: days, words, money, sentences."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from libs.common.citizens.sections import Kind
from libs.common.clock import VIETNAM
from libs.common.security.roles import Role
from libs.common.web.screens.rendering import day, last_day
from libs.common.wording import WORDS

_FLAGS = {"vi": ("Không", "Có"), "en": ("No", "Yes")}


def value(column: Mapping[str, Any], said: Any, language: str = "vi") -> str:
    """A value of a column, as people here write it; nothing where nothing is held."""
    if isinstance(said, list):
        return "; ".join(value(column, one, language) for one in said)
    if said is None or said == "":
        return ""
    if isinstance(said, dict) and column["kind"] != Kind.SAID:
        return "; ".join(_named(column, name, one, language) for name, one in said.items())
    words = column["words"].get(str(said))
    if words is not None:
        return str(words[language])
    match column["kind"]:
        case Kind.FLAG:
            return _FLAGS[language][bool(said)]
        case Kind.DAY:
            return day(date.fromisoformat(said))
        case Kind.UNTIL:
            return last_day(date.fromisoformat(said))
        case Kind.INSTANT:
            return instant(said)
        case Kind.MONEY:
            return f"{said:,} đ".replace(",", ".")
        case Kind.SAID:
            return str(said[language])
        case Kind.NUMBER:
            return str(said).replace(".", ",")
        case _:
            return str(said)


def _named(column: Mapping[str, Any], name: str, said: Any, language: str) -> str:
    known = column["words"].get(name)
    shown = (
        f"{said:,}".replace(",", ".") if isinstance(said, int) else value(column, said, language)
    )
    return f"{name if known is None else known[language]}: {shown}"


def roles(said: str, language: str = "vi") -> str:
    """In which roles somebody acted."""
    words = [WORDS[Role].get(one) for one in said.split()]
    known = [one.en if language == "en" else one.vi for one in words if one is not None]
    return ", ".join(known) or said


def instant(said: str | datetime) -> str:
    """An instant by the clock of Vietnam."""
    at = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
