"""Every SQL statement on what the vault holds; values come and go sealed.

Names, addresses and numbers are dated alike, so one set of statements serves the three tables.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from asyncpg import Record

from libs.common.database import Transaction
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.encryption import HEADER_BYTES
from libs.common.vocabulary import Relation, Sex
from services.registry.vault.domain import Bearer

TAKEN = "identifier.taken"


@dataclass(frozen=True, slots=True)
class Drawer:
    """One table of the vault.

    Attributes:
        table: its name.
        more: its columns besides person, dates and value, each with the SQL type it is sent as.
        keyed: whether a person has one value of each `type`.
        about_column: of whom, or of what, the value is.
    """

    table: str
    more: Mapping[str, str]
    keyed: bool = False
    about_column: str = "person_id"

    def about(self, person_id: UUID, kind: str = "") -> str:
        """What a value of this table is sealed as being about."""
        return f"{self.table}.sealed {person_id} {kind}".rstrip()


# An array travels in its text form.
NAMES = Drawer("person_name", {"tokens": "text", "commune": "text", "birth_year": "smallint"})
ADDRESSES = Drawer("person_address", {})
NUMBERS = Drawer("identifier", {"type": "text", "hash": "bytea"}, keyed=True)
DRAWERS = (NAMES, ADDRESSES, NUMBERS)
# What change requests propose to call persons lies with them, under the same keys.
REQUESTS = Drawer("change_request", {}, about_column="change_id")
ROTATED = (*DRAWERS, REQUESTS)
# So do parts and pages of imports. They go by themselves: nobody moves them to a newer key.
PASSING = (
    Drawer("import_part", {}, about_column="import_id"),
    Drawer("import_page", {}, about_column="import_id"),
)


class Sealed(NamedTuple):
    """A value from a day on. `more` are the drawer's further columns, in its order."""

    person_id: UUID
    from_day: date
    sealed: bytes | None
    more: tuple[Any, ...] = ()
    until: date | None = None


# LIMIT: person by person; the planner guesses that everybody's membership is quicker read.
_MEMBERS = """
SELECT asked.person_id, member.sex, member.birth_year, member.commune
FROM unnest($1::uuid[], $2::uuid[]) AS asked(household_id, person_id)
CROSS JOIN LATERAL (
  SELECT sex, birth_year, commune FROM member
  WHERE member.person_id = asked.person_id AND member.household_id = asked.household_id
    AND upper_inf(member.recorded)
    AND (member.left_on IS NULL OR member.household_id = last_household(member.person_id))
  ORDER BY member.joined_on DESC LIMIT 1
) AS member
"""
_HEADS = """
SELECT person_id, household_id FROM member
WHERE household_id = ANY($1::uuid[]) AND upper_inf(recorded) AND left_on IS NULL AND relation = $2
"""
_PRESENT = """
SELECT person_id, household_id, sex, birth_year, commune FROM member
WHERE person_id = ANY($1::uuid[]) AND upper_inf(recorded) AND left_on IS NULL
"""
# Who is a member today, or was last in this household and is one nowhere any more.
_BELONGS = """
SELECT bool_or(left_on IS NULL OR coalesce(household_id = last_household(person_id), false))
FROM member WHERE household_id = $1 AND person_id = $2 AND upper_inf(recorded)
"""
_HEADER = f"substr(sealed, 1, {HEADER_BYTES})"
_FIND = """
SELECT hash, person_id FROM identifier
WHERE hash = ANY($1::bytea[]) AND upper_inf(recorded) AND upper_inf(effective)
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a member: of what a number is compared with, and where it is filed."""

    person_id: UUID
    bearer: Bearer
    commune: str


async def members(
    tx: Transaction, household_ids: Sequence[UUID], person_ids: Sequence[UUID]
) -> dict[UUID, Member]:
    """The persons that are members of those households, or were last, and may be seen."""
    return {
        row["person_id"]: Member(
            row["person_id"], Bearer(Sex(row["sex"]), row["birth_year"]), row["commune"]
        )
        for row in await tx.fetch(_MEMBERS, household_ids, person_ids)
    }


async def present_members(tx: Transaction, person_ids: Sequence[UUID]) -> list[Record]:
    """Where these persons are members today, of those who may be seen."""
    return await tx.fetch(_PRESENT, person_ids)


async def heads(tx: Transaction, household_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Who heads these households at present, of those that may be seen, each with its household."""
    rows = await tx.fetch(_HEADS, list(household_ids), Relation.HEAD)
    return {row["person_id"]: row["household_id"] for row in rows}


async def belongs(tx: Transaction, household_id: UUID, person_id: UUID) -> bool | None:
    """Whether who the person is stands with this household: as its member, or the last it had.
    None: it never was a member, or may not be seen.
    """
    found: bool | None = await tx.fetchval(_BELONGS, household_id, person_id)
    return found


async def find(tx: Transaction, digests: Sequence[bytes]) -> dict[bytes, UUID]:
    """Who bears these numbers today, of those who may be seen."""
    return {row["hash"]: row["person_id"] for row in await tx.fetch(_FIND, digests)}


async def known_since(tx: Transaction, person_ids: Sequence[UUID]) -> datetime | None:
    """When the newest of what holds at present of these persons was recorded."""
    newest = [
        await tx.fetchval(
            f"SELECT max(lower(recorded)) FROM {drawer.table} WHERE person_id = ANY($1::uuid[])",
            person_ids,
        )
        for drawer in DRAWERS
    ]
    return max((one for one in newest if one is not None), default=None)


async def read(
    tx: Transaction,
    drawer: Drawer,
    person_ids: Sequence[UUID],
    on: date | None = None,
    known_at: datetime | None = None,
) -> list[Record]:
    """What these persons' values are, of those who may be seen.

    Args:
        on: as of a day; None: the newest.
        known_at: as known at an instant; None: now.
    """
    columns = ", ".join(("person_id", "sealed", "lower(effective) AS from_day", *drawer.more))
    return await tx.fetch(
        f"""
        SELECT {columns} FROM {drawer.table}
        WHERE person_id = ANY($1::uuid[]) AND effective @> coalesce($2::date, 'infinity')
          AND recorded @> coalesce($3::timestamptz, 'infinity')
        """,
        person_ids,
        on,
        known_at,
    )


async def held_from(
    tx: Transaction, drawer: Drawer, person_id: UUID, from_day: date
) -> list[Record]:
    """What a drawer holds of a person on a day or later: what a record from that day replaces."""
    columns = ", ".join(("sealed", *drawer.more))
    return await tx.fetch(
        f"""
        SELECT {columns} FROM {drawer.table}
        WHERE person_id = $1 AND upper_inf(recorded) AND effective && daterange($2, NULL)
        """,
        person_id,
        from_day,
    )


async def history(tx: Transaction, drawer: Drawer, person_id: UUID) -> list[Record]:
    """Every value that a drawer ever held of a person, oldest knowledge first."""
    kind = "type" if drawer.keyed else "''"
    return await tx.fetch(
        f"""
        SELECT {kind} AS type, sealed, lower(effective) AS from_day, upper(effective) AS until,
               lower(recorded) AS recorded_from, upper(recorded) AS recorded_until
        FROM {drawer.table} WHERE person_id = $1 AND sealed IS NOT NULL
        ORDER BY lower(recorded), lower(effective)
        """,
        person_id,
    )


async def replace(
    tx: Transaction, drawer: Drawer, values: Sequence[Sealed], *, are_new: bool = False
) -> list[Record]:
    """From its day on each value holds and no other; what held before holds until that day; of new
    persons nothing has held.

    What began on that day or later was wrong. Answers the rows that hold no longer as they did.

    Raises:
        Problem: 409, somebody else bears a number.
    """
    if not values:
        return []
    before = [] if are_new else await _supersede(tx, drawer, values)
    kept = [
        Sealed(
            row["person_id"],
            row["from_day"],
            row["sealed"],
            tuple(row[name] for name in drawer.more),
            row["until"],
        )
        for row in before
        if row["from_day"] < row["until"]
    ]
    try:
        await _insert(tx, drawer, [*kept, *values])
    except asyncpg.UniqueViolationError:
        raise taken() from None
    return before


async def lay_down(
    tx: Transaction, drawer: Drawer, person_id: UUID, recorded_at: datetime | None
) -> list[Record]:
    """What a drawer holds of a person at present is held true no longer; answers what that was.

    Args:
        recorded_at: only what was recorded at this instant; None: all.
    """
    return await tx.fetch(
        f"""
        UPDATE {drawer.table} SET recorded = tstzrange(lower(recorded), $1)
        WHERE person_id = $2 AND upper_inf(recorded)
          AND ($3::timestamptz IS NULL OR lower(recorded) = $3)
        RETURNING person_id{_as_text(drawer, f"{drawer.table}.")}
        """,
        tx.recorded_at,
        person_id,
        recorded_at,
    )


async def reopen(
    tx: Transaction, drawer: Drawer, person_id: UUID, laid_down_at: datetime
) -> list[Record]:
    """What a drawer ended of a person at an instant is held true again; answers what holds today.

    Raises:
        Problem: 409, somebody else bears a number.
    """
    columns = ", ".join(("person_id", "effective", "sealed", *drawer.more))
    try:
        rows = await tx.fetch(
            f"""
            INSERT INTO {drawer.table} AS held ({columns}, recorded)
            SELECT {columns}, tstzrange($1, NULL) FROM {drawer.table}
            WHERE person_id = $2 AND upper(recorded) = $3
            RETURNING held.person_id, upper_inf(held.effective) AS is_present
                      {_as_text(drawer, "held.")}
            """,
            tx.recorded_at,
            person_id,
            laid_down_at,
        )
    except asyncpg.UniqueViolationError:
        raise taken() from None
    return [row for row in rows if row["is_present"]]


async def delete(tx: Transaction, drawer: Drawer, person_ids: Sequence[UUID]) -> list[Record]:
    """Delete every value of these persons, of whatever day; answers the rows that were there."""
    columns = _as_text(drawer, f"{drawer.table}.")
    return await tx.fetch(
        f"DELETE FROM {drawer.table} WHERE person_id = ANY($1::uuid[]) "
        f"RETURNING person_id{columns}",
        person_ids,
    )


async def count_by_header(tx: Transaction, drawer: Drawer) -> dict[bytes, int]:
    """How many values begin with which key's id."""
    rows = await tx.fetch(
        f"SELECT {_HEADER} AS header, count(*) AS values FROM {drawer.table} "
        "WHERE sealed IS NOT NULL GROUP BY 1"
    )
    return {row["header"]: row["values"] for row in rows}


async def lock_under_other_keys(
    tx: Transaction, drawer: Drawer, header: bytes, after: UUID, limit: int
) -> list[Record]:
    """The next values that begin with another key's id, locked; those in use are passed over."""
    return await tx.fetch(
        f"""
        SELECT {drawer.about_column} AS person_id, sealed,
               {"type" if drawer.keyed else "''"} AS type
        FROM {drawer.table} WHERE {drawer.about_column} > $1 AND {_HEADER} <> $2
        ORDER BY {drawer.about_column} LIMIT $3 FOR UPDATE SKIP LOCKED
        """,
        after,
        header,
        limit,
    )


async def reseal(
    tx: Transaction, drawer: Drawer, renewed: Mapping[tuple[UUID, bytes], bytes]
) -> int:
    """Put newly sealed values in the places of the same ones as sealed before; in how many."""
    if not renewed:
        return 0
    return await tx.execute(
        f"""
        UPDATE {drawer.table} AS held SET sealed = new.after
        FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS new(person_id, before, after)
        WHERE held.{drawer.about_column} = new.person_id AND held.sealed = new.before
        """,
        *zip(*renewed, strict=True),
        list(renewed.values()),
    )


async def _supersede(tx: Transaction, drawer: Drawer, values: Sequence[Sealed]) -> list[Record]:
    same_type = "AND held.type = new.type" if drawer.keyed else ""
    more = _as_text(drawer, "held.")
    types = [value.more[0] if drawer.keyed else "" for value in values]
    return await tx.fetch(
        f"""
        UPDATE {drawer.table} AS held SET recorded = tstzrange(lower(held.recorded), $1)
        FROM unnest($2::uuid[], $3::date[], $4::text[]) AS new(person_id, from_day, type)
        WHERE held.person_id = new.person_id {same_type} AND upper_inf(held.recorded)
          AND (lower(held.effective) >= new.from_day OR held.effective @> new.from_day)
        RETURNING held.person_id, held.sealed, lower(held.effective) AS from_day,
                  new.from_day AS until {more}
        """,
        tx.recorded_at,
        [value.person_id for value in values],
        [value.from_day for value in values],
        types,
    )


def _as_text(drawer: Drawer, held: str) -> str:
    """A drawer's further columns, arrays in the form in which they are written."""
    return "".join(
        f", {held}{name}{'::text' if type_ == 'text' else ''}"
        for name, type_ in drawer.more.items()
    )


async def _insert(tx: Transaction, drawer: Drawer, values: Sequence[Sealed]) -> None:
    columns = ", ".join(("person_id", "effective", "recorded", "sealed", *drawer.more))
    sent = ["uuid", "date", "date", "bytea", *drawer.more.values()]
    arrays = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(sent, start=2))
    names = ", ".join(("person_id", "from_day", "until", "sealed", *drawer.more))
    taken_over = "".join(
        f", new.{name}{'::bigint[]' if name == 'tokens' else ''}" for name in drawer.more
    )
    await tx.execute(
        f"""
        INSERT INTO {drawer.table} ({columns})
        SELECT new.person_id, daterange(new.from_day, new.until), tstzrange($1, NULL), new.sealed
               {taken_over}
        FROM unnest({arrays}) AS new({names})
        """,
        tx.recorded_at,
        *zip(*((v.person_id, v.from_day, v.until, v.sealed, *v.more) for v in values), strict=True),
    )


def taken() -> Problem:
    """For a number that another person bears."""
    title = Text("Số này đã được ghi cho người khác.", "The number is another person's.")
    fix = Text("Kiểm tra lại số trên giấy tờ.", "Check the number on the document.")
    return Problem(409, TAKEN, title, [FieldError("/value", TAKEN, title, fix)])
