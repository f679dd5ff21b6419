"""Every SQL statement on names as they are filed: one row of `name_token` for each word.

The key of the table is (token, commune, birth year, person). It is searched by the key alone, and
each way of asking is a statement of its own, so that the planner sees a range of the key and no
alternatives. Row-level security comes on top.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple, cast
from uuid import UUID

import asyncpg
from asyncpg import Record

from libs.common.database import Transaction
from libs.common.vocabulary import Sex
from services.registry.vault.store import Sealed

_UNFILE = """
DELETE FROM name_token AS mark
USING unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[])
        AS old(tokens, commune, birth_year, person_id),
      unnest(old.tokens::bigint[]) AS word(token)
WHERE mark.token = word.token AND mark.commune = old.commune
  AND mark.birth_year = old.birth_year AND mark.person_id = old.person_id
"""
_FILE = """
INSERT INTO name_token (token, commune, birth_year, person_id)
SELECT word.token, new.commune, new.birth_year, new.person_id
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[])
       AS new(tokens, commune, birth_year, person_id),
     unnest(new.tokens::bigint[]) AS word(token)
ON CONFLICT DO NOTHING
"""
# Only who has moved, or was given another year of birth, is filed anew. OFFSET: looked up person by
# person.
_MOVED = """
SELECT asked.person_id, name.tokens, name.commune AS old_commune, name.birth_year AS old_year,
       member.commune, member.birth_year
FROM unnest($1::uuid[]) AS asked(person_id)
CROSS JOIN LATERAL (
  SELECT tokens, commune, birth_year FROM person_name
  WHERE person_name.person_id = asked.person_id AND upper_inf(recorded) AND upper_inf(effective)
  OFFSET 0
) AS name
CROSS JOIN LATERAL (
  SELECT commune, birth_year FROM member
  WHERE member.person_id = asked.person_id AND upper_inf(recorded) AND left_on IS NULL OFFSET 0
) AS member
WHERE (name.commune, name.birth_year) <> (member.commune, member.birth_year)
"""
# Mostly nobody: then nothing is planned for as many as there might be.
_HAS_MOVED = f"SELECT EXISTS ({_MOVED})"
_FILE_ANEW = f"""
WITH moved AS ({_MOVED}), filed AS (
  UPDATE name_token AS mark SET commune = moved.commune, birth_year = moved.birth_year
  FROM moved, unnest(moved.tokens) AS word(token)
  WHERE mark.token = word.token AND mark.commune = moved.old_commune
    AND mark.birth_year = moved.old_year AND mark.person_id = moved.person_id
)
UPDATE person_name AS name SET commune = moved.commune, birth_year = moved.birth_year
FROM moved WHERE name.person_id = moved.person_id
  AND upper_inf(name.recorded) AND upper_inf(name.effective)
"""
# How common a word is differs ten thousandfold and the planner is told an average: it would gather
# and sort millions to answer fifty. So it is left the key alone, which has the order.
_OTHER_WAYS = ("enable_seqscan", "enable_bitmapscan", "enable_sort")
_SETTING = ", ".join(f"set_config('{name}', '{{0}}', true)" for name in _OTHER_WAYS)
_BY_KEY = f"SELECT coalesce(current_setting('ansinh.scope', true), ''), {_SETTING.format('off')}"
_AS_BEFORE = f"SELECT {_SETTING.format('on')}"
_YEAR = "AND mark.birth_year = {}"
# Whom a word leads to, in the order of the key: all over, or commune by commune as they are listed.
# There only the list's order is asked for: within a commune the rows come in the key's own.
_EVERYWHERE = """
SELECT mark.commune, mark.birth_year, mark.person_id FROM name_token AS mark
WHERE mark.token = {token} AND (mark.commune, mark.birth_year, mark.person_id) > {after} {year}
ORDER BY mark.commune, {by_year}mark.person_id
"""
_IN_COMMUNES = """
SELECT place.number, mark.commune, mark.birth_year, mark.person_id
FROM unnest({communes}::text[]) WITH ORDINALITY AS place(commune, number)
CROSS JOIN LATERAL (
  SELECT mark.commune, mark.birth_year, mark.person_id FROM name_token AS mark
  WHERE mark.token = {token} AND mark.commune = place.commune
    AND (mark.commune, mark.birth_year, mark.person_id) > {after} {year}
  ORDER BY {by_year}mark.person_id OFFSET 0
) AS mark
ORDER BY place.number
"""
_AFTER = "(${}::text, ${}::smallint, ${}::uuid)"
_REACH = """
SELECT word.token, reach.commune, reach.birth_year, reach.person_id
FROM unnest($1::bigint[]) AS word(token)
LEFT JOIN LATERAL ({bearers} OFFSET $5 LIMIT 1) AS reach ON true
"""
# One look into the key for each other word, the rarest first: most persons fall out at once.
# OFFSET: never gathered and joined as a whole.
_BEARS_TOO = """
AND EXISTS (SELECT FROM name_token AS other
  WHERE other.token = $2[{place}] AND other.commune = mark.commune
    AND other.birth_year = mark.birth_year AND other.person_id = mark.person_id OFFSET 0)
"""
_MEMBER = """
CROSS JOIN LATERAL (
  SELECT household_id, sex FROM member
  WHERE member.person_id = mark.person_id AND member.commune = mark.commune
    AND upper_inf(member.recorded) AND member.left_on IS NULL OFFSET 0
) AS member
"""
# What is fixed stands in no order: the planner would not see that rows come in it already.
_PAGE = f"""
SELECT mark.commune, mark.birth_year, mark.person_id, member.household_id, member.sex
FROM ({{bearers}} LIMIT $3) AS mark {_MEMBER}
WHERE cardinality($2::bigint[]) >= 0 {{others}}
ORDER BY {{order}} LIMIT $7
"""


class Place(NamedTuple):
    """Where a person is filed; pages are in this order."""

    commune: str
    birth_year: int
    person_id: UUID


class Row(NamedTuple):
    """A person as filed, and the membership of today."""

    place: Place
    household_id: UUID
    sex: Sex


async def file_names(tx: Transaction, gone: Sequence[Record], new: Sequence[Sealed]) -> None:
    """Let persons be found by their new names, and no longer by those that are gone."""
    if gone:
        columns = ("tokens", "commune", "birth_year", "person_id")
        await tx.execute(_UNFILE, *([row[name] for row in gone] for name in columns))
    if new:
        tokens, communes, years = zip(*(value.more for value in new), strict=True)
        await tx.execute(_FILE, tokens, communes, years, [value.person_id for value in new])


async def file_again(tx: Transaction, rows: Sequence[Record]) -> None:
    """Let persons be found by names that hold again."""
    columns = ("tokens", "commune", "birth_year", "person_id")
    if rows:
        await tx.execute(_FILE, *([row[name] for row in rows] for name in columns))


async def follow_members(tx: Transaction, person_ids: Sequence[UUID]) -> None:
    """File the names of persons where they are members now, under their present years of birth."""
    if await tx.fetchval(_HAS_MOVED, person_ids):
        await tx.execute(_FILE_ANEW, person_ids)


@asynccontextmanager
async def by_key(tx: Transaction) -> AsyncIterator[str]:
    """Within, what is asked here is read in the order of the key. Yields what the transaction sees:
    commune codes with commas, or `*`.
    """
    scope = cast(str, await tx.fetchval(_BY_KEY))
    try:
        yield scope
    finally:
        with suppress(asyncpg.InFailedSQLTransactionError):  # it is going to be rolled back
            await tx.execute(_AS_BEFORE)


async def reach(
    tx: Transaction,
    tokens: Sequence[int],
    birth_year: int | None,
    after: Place,
    most: int,
    communes: Sequence[str] | None = None,
) -> Mapping[int, Place | None]:
    """Where each token's next `most` bearers end; None: there are no more than those.

    Args:
        communes: only in these, which are sorted; None: all in one.
    """
    sql, values = reach_statement(birth_year, communes)
    rows = await tx.fetch(sql, tokens, *after, most, *values)
    return {
        row["token"]: None
        if row["commune"] is None
        else Place(row["commune"], row["birth_year"], row["person_id"])
        for row in rows
    }


async def bearers(
    tx: Transaction,
    tokens: Sequence[int],
    birth_year: int | None,
    after: Place,
    most: int,
    limit: int,
    communes: Sequence[str] | None = None,
) -> list[Row]:
    """The first ones that are filed under all the tokens, in the order of their places.

    Args:
        tokens: the first one leads, of the others the rarest first.
        most: of the leading one's bearers so many are looked at.
        communes: only in these, which are sorted; None: all in one.
    """
    leading, *others = tokens
    sql, values = page_statement(len(others), birth_year, communes)
    found = await tx.fetch(sql, leading, others, most, *after, limit, *values)
    return [
        Row(Place(commune, year, person_id), household_id, Sex(sex))
        for commune, year, person_id, household_id, sex in found
    ]


def reach_statement(
    birth_year: int | None, communes: Sequence[str] | None
) -> tuple[str, list[object]]:
    """The statement, and its arguments from $6 on."""
    way, values = _way("word.token", _AFTER.format(2, 3, 4), 6, birth_year, communes)
    return _REACH.format(bearers=way), values


def page_statement(
    others: int, birth_year: int | None, communes: Sequence[str] | None
) -> tuple[str, list[object]]:
    """The statement for so many other tokens, and its arguments from $8 on."""
    way, values = _way("$1", _AFTER.format(4, 5, 6), 8, birth_year, communes)
    looks = "".join(_BEARS_TOO.format(place=place) for place in range(1, others + 1))
    by_year = "" if birth_year is not None else "mark.birth_year, "
    order = f"mark.commune, {by_year}mark.person_id" if communes is None else "mark.number"
    return _PAGE.format(bearers=way, others=looks, order=order), values


def _way(
    token: str, after: str, first: int, birth_year: int | None, communes: Sequence[str] | None
) -> tuple[str, list[object]]:
    values: list[object] = [one for one in (birth_year, communes) if one is not None]
    year = "" if birth_year is None else _YEAR.format(f"${first}::smallint")
    way = (_EVERYWHERE if communes is None else _IN_COMMUNES).format(
        token=token,
        after=after,
        year=year,
        by_year="" if year else "mark.birth_year, ",
        communes=f"${first + len(values) - 1}",
    )
    return way, values
