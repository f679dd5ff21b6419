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
from services.registry.vault import acts, filing
from services.registry.vault.domain import MOST_WORDS, IdentifierType, words
from services.registry.vault.filing import Place, Row
from services.registry.vault.store import present_members

# How many bearers of the leading word a search looks through; of one year they lie further apart.
MOST_CANDIDATES, MOST_OF_A_YEAR = 8_000, 2_000
# A province has hundreds of communes, and a common name is found in the first few: those come
# first, then as many more as are likely to be needed.
_FIRST_COMMUNES, _GROWTH = 2, 8
# Which word is rare shows in a part.
_SAMPLED_COMMUNES, _SAMPLED_BEARERS = 8, 1_000


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
    commune: str | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> list[Found]:
    """Those who bear all these words in their names, of those who may be seen.

    Args:
        text: words of a name, with or without marks, in any order.
        birth_year: only those born in it.
        commune: only its members.
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
    async with filing.by_key(tx) as scope:
        if commune is None and scope == EVERY_AREA:
            rows = await _everywhere(tx, search, after or START)
        else:
            communes = [commune] if commune else sorted(filter(None, scope.split(",")))
            rows = await _in_communes(tx, search, communes, after or START)
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


async def _in_communes(
    tx: Transaction, search: _Search, communes: Sequence[str], after: Place
) -> list[Row]:
    rows: list[Row] = []
    ahead = [code for code in communes if code >= after.commune]
    left, size = MOST_CANDIDATES, _FIRST_COMMUNES
    while ahead and len(rows) < search.limit:
        chunk, ahead = ahead[:size], ahead[size:]
        tokens, counted = await _rarest_first(tx, search, chunk, left)
        if counted >= left and len(chunk) > 1:  # as much as may be: its first commune
            chunk, ahead = chunk[:1], [*chunk[1:], *ahead]
            tokens, counted = await _rarest_first(tx, search, chunk, left)
        missing = search.limit - len(rows)
        found = await filing.bearers(
            tx, tokens, search.birth_year, after, max(left, missing), missing, chunk
        )
        rows += found
        left -= counted
        if left <= 0 and len(found) < missing:
            raise _too_broad()
        enough = 1 + 2 * missing * len(chunk) // len(found) if found else size * _GROWTH
        size = min(size * _GROWTH, enough)
    return rows


async def _rarest_first(
    tx: Transaction, search: _Search, communes: Sequence[str], most: int
) -> tuple[list[int], int]:
    """The tokens, the rarest first as some of the communes show; and how many persons are to be
    looked through for it, counted up to `most`: none where it is the only one.
    """
    if len(search.tokens) == 1:
        return list(search.tokens), 0
    sample = communes[:: 1 + len(communes) // _SAMPLED_COMMUNES]
    bearers = await filing.count_bearers(
        tx, search.tokens, sample, search.birth_year, _SAMPLED_BEARERS
    )
    tokens = sorted(search.tokens, key=lambda token: bearers[token])
    counted = bearers[tokens[0]]
    if len(sample) < len(communes) or counted == _SAMPLED_BEARERS:
        counts = await filing.count_bearers(tx, tokens[:1], communes, search.birth_year, most)
        counted = counts[tokens[0]]
    return tokens, counted


async def _everywhere(tx: Transaction, search: _Search, after: Place) -> list[Row]:
    most = MOST_CANDIDATES if search.birth_year is None else MOST_OF_A_YEAR
    sample = min(_SAMPLED_BEARERS, most)
    reach = await filing.reach(tx, search.tokens, search.birth_year, after, sample)
    # The further apart a word's next bearers lie, the rarer it is; without a reach there are few.
    tokens = sorted(
        search.tokens, key=lambda token: (reach[token] is None, reach[token] or after), reverse=True
    )
    rows = await filing.bearers(tx, tokens, search.birth_year, after, most, search.limit)
    if len(tokens) > 1 and len(rows) < search.limit and reach[tokens[0]] is not None:
        end = await filing.reach(tx, tokens[:1], search.birth_year, after, most)
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
