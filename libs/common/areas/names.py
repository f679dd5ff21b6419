"""What communes are called: a code means the unit that bore it on its day, or last before it."""

from collections.abc import Iterable
from datetime import date

from libs.common.database import Transaction

CodeOfDay = tuple[str, date]

_NAMES = """
SELECT code, day, unit.name
FROM unnest($1::text[], $2::date[]) AS asked(code, day)
CROSS JOIN LATERAL (
  SELECT name FROM area_unit
  WHERE level = 'commune' AND area_unit.code = asked.code AND valid_from <= day
  ORDER BY valid_from DESC LIMIT 1) AS unit
"""


async def commune_names(tx: Transaction, asked: Iterable[CodeOfDay]) -> dict[CodeOfDay, str]:
    """Names by code and day, of all of a page at once; codes that meant nothing yet are absent."""
    wanted = sorted(set(asked))
    if not wanted:
        return {}
    rows = await tx.fetch(_NAMES, [code for code, _ in wanted], [day for _, day in wanted])
    return {(row["code"], row["day"]): row["name"] for row in rows}


async def commune_labels(tx: Transaction, asked: Iterable[CodeOfDay]) -> dict[CodeOfDay, str]:
    """The same as officers read them: the name, and the code by which it is asked for."""
    names = await commune_names(tx, asked)
    return {of: f"{name} ({of[0]})" for of, name in names.items()}
