"""What the text of a cell means: days, whole numbers, ids. Exactly, or not at all. Pure."""

import re
from datetime import date
from uuid import UUID

from libs.common.web.days import FIRST_DAY, LAST_DAY

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_VIETNAMESE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")  # never month first
_WHOLE = re.compile(r"\d{1,18}")
# Groups of three, all by the same mark: 35.000.000, 35,000,000, 35 000 000.
_GROUPED = re.compile(r"\d{1,3}(?:([., \u00a0])\d{3})(?:\1\d{3})*")
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def day_of(text: str) -> date | None:
    """`25/05/2022` or `2022-05-25`; None where it is neither, or no day we work with."""
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _VIETNAMESE.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        read = date(year, month, day)
    except ValueError:
        return None
    return read if FIRST_DAY <= read <= LAST_DAY else None


def whole_of(text: str) -> int | None:
    """`35000000`, or grouped by thousands; None where it is no whole number from 0."""
    if _GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    return int(text) if _WHOLE.fullmatch(text) else None


def id_of(text: str) -> UUID | None:
    """A UUID as we write it."""
    return UUID(text) if _ID.fullmatch(text) else None
