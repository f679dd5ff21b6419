"""Persons found by their names: words without marks, in any order, with year of birth and commune;
and by number.

Each word is a keyed hash in `name_token`, whose key is (token, commune, birth year, person): behind
row-level security only equality and order of a key keep an index. One word leads, the one with the
fewest bearers where it is looked; each of its bearers is looked up under the others. What a search
may look through is bounded: beyond that the asker is told to narrow it, nobody scans.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.common.database import Transaction
from libs.common.database.pool import EVERY_AREA
from libs.common.problems import FieldError, Problem, Text
from libs.common.security.encryption import Vault
from libs.common.vocabulary import Sex
from services.registry.households.territory import Territory
from services.registry.vault import acts, filing
from services.registry.vault.domain import MOST_WORDS, IdentifierType, words
from services.registry.vault.filing import Place, Row
from services.registry.vault.store import present_members

# How many bearers of the leading word a search looks through; of one year they lie further apart
# where communes do not part them.
MOST_CANDIDATES, MOST_OF_A_YEAR = 8_000, 2_000
_SAMPLED_BEARERS = 1_000  # which word is rare shows in a part


START = Place("", 0, UUID(int=0))


@dataclass(frozen=True, slots=True)
class Found:
    """A person of that name, at present a member of a household.

    Attributes:
        name: in clear text, if known; mask it where no purpose was stated.
    """

    place: Place
    household_id: UUID
    sex: Sex
    name: str | None

    @property
    def person_id(self) -> UUID:
        return self.place.person_id


async def find_by_name(
    tx: Transaction,
    vault: Vault,
    text: str,
    *,
    birth_year: int | None = None,
    where: Territory | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> list[Found]:
    """Those who bear all these words in their names, of those who may be seen.

    Args:
        text: words of a name, with or without marks, in any order.
        birth_year: only those born in it.
        where: only those who live there now.
        after: where the last person of the page before was filed.
        limit: how many at most.

    Raises:
        Problem: 422, there is no word in the text, or the words are so common that the search is to
            be narrowed.
    """
    wanted = words(text)
    if not wanted:
        raise _no_word()
    search = _Search(vault.hashes("name", wanted), birth_year, limit)
    if len(wanted) > MOST_WORDS:
        return []
    place = after or START
    rows: list[Row] = []
    async with filing.by_key(tx) as scope:
        while len(rows) < limit:
            found = await _look(tx, search, _communes(scope, where, place), place)
            rows += [row for row in found if where is None or where.holds(row.household_id)]
            if len(found) < limit:
                break
            place = found[-1].place
    rows = rows[:limit]
    names = await acts.read_names(tx, vault, [row.place.person_id for row in rows])
    return [
        Found(row.place, row.household_id, row.sex, name)
        for row in rows
        if (name := names.get(row.place.person_id)) is not None
    ]


@dataclass(frozen=True, slots=True)
class _Search:
    tokens: Sequence[int]
    birth_year: int | None
    limit: int


async def find_by_number(
    tx: Transaction, vault: Vault, kinds: Sequence[IdentifierType], value: str
) -> list[Found]:
    """Who bears the number today, as one of these types, and may be seen."""
    people = list((await acts.bearers_of(tx, vault, [(kind, value) for kind in kinds])).values())
    names = await acts.read_names(tx, vault, people)
    return [
        Found(
            Place(row["commune"], row["birth_year"], row["person_id"]),
            row["household_id"],
            Sex(row["sex"]),
            names.get(row["person_id"]),
        )
        for row in await present_members(tx, people)
    ]


def _communes(scope: str, where: Territory | None, after: Place) -> list[str] | None:
    if where is not None:
        return [code for code in where.communes if code >= after.commune]
    if scope == EVERY_AREA:
        return None
    return [code for code in sorted(filter(None, scope.split(","))) if code >= after.commune]


async def _look(
    tx: Transaction, search: _Search, communes: list[str] | None, after: Place
) -> list[Row]:
    year, tokens = search.birth_year, list(search.tokens)
    most = MOST_OF_A_YEAR if year is not None and communes is None else MOST_CANDIDATES
    if len(tokens) == 1:
        return await filing.bearers(tx, tokens, year, after, most, search.limit, communes)
    sample = min(_SAMPLED_BEARERS, most)
    reach = await filing.reach(tx, tokens, year, after, sample, communes)
    # The further apart a word's next bearers lie, the rarer it is; without a reach there are few.
    tokens.sort(key=lambda token: (reach[token] is None, reach[token] or after), reverse=True)
    rows = await filing.bearers(tx, tokens, year, after, most, search.limit, communes)
    if len(rows) < search.limit and reach[tokens[0]] is not None:
        end = await filing.reach(tx, tokens[:1], year, after, most, communes)
        if end[tokens[0]] is not None:
            raise _too_broad()
    return rows


def _no_word() -> Problem:
    title = Text("Chưa nhập tên.", "There is no name to search for.")
    fix = Text("Nhập ít nhất một chữ của họ tên.", "Give at least one word of the name.")
    return Problem(422, "search.empty", title, [FieldError("/name", "search.empty", title, fix)])


def _too_broad() -> Problem:
    title = Text("Quá nhiều người mang các chữ này.", "Too many persons bear these words.")
    fix = Text(
        "Thêm năm sinh, xã, hoặc một chữ nữa của họ tên.",
        "Add the year of birth, the commune or another word of the name.",
    )
    return Problem(
        422, "search.too_broad", title, [FieldError("/name", "search.too_broad", title, fix)]
    )
